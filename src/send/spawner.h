/* spawner - qmail-send's side of qmail-lspawn or qmail-rspawn: greeting, commands, reports (outbound
 * 5.2 to 5.4). */
#ifndef SEND_SPAWNER_H
#define SEND_SPAWNER_H

#include <stdbool.h>

#include "lib/str.h"
#include "lib/view.h"
#include "wire/deliveryreport.h"

struct spawner {
	bool alive;
	int command_fd, report_fd;
	unsigned width;     /* octets of a delnum, as its greeting had */
	unsigned slots;     /* what the greeting allows */
	struct str pending; /* the rest of a command that the pipe did not take */
	struct deliveryreport_parser parser;
};

/* Read the greeting, in one read: two octets mean a wide spawner (queue 0).  0, or -1 when there is
 * none.  Blocks until then. */
int spawner_greeted(struct spawner *s, int command_fd, int report_fd);

/* Whether a command may be sent: the spawner lives and the one before has left. */
bool spawner_is_ready(const struct spawner *s);

/* A command, which the next spawner_flush() sends: what goes together leaves in one write. */
void spawner_command(struct spawner *s, unsigned delnum, struct view messid,
    struct view sender, struct view recipient);
/* 0, or -1 when the spawner is gone.  Also when command_fd is writable. */
int spawner_flush(struct spawner *s);
void spawner_free(struct spawner *s);

#endif
