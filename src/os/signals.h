/* signals - signals as something to read, so that a loop of poll(2) needs no handler and no global
 * variable. */
#ifndef OS_SIGNALS_H
#define OS_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>

/* Block the signals of `list` (0 ends it), give them their default disposition, and return a
 * close-on-exec, non-blocking descriptor that can be read while one is pending; -1 with errno. */
int os_signal_fd(const int *list);

/* The next pending signal of that descriptor, or 0. */
int os_signal_next(int fd);

/* Block or unblock one signal. */
void os_signal_block(int signal_number, bool block);

/* Unblock everything: for a forked child. */
void os_signals_unblock(void);

#endif
