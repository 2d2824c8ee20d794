/* scansettings - what the control files of the scanners have in common: one value a file, and a variable
 * that wins over it.  All answer ANSWER_NO, *out untouched, where nothing is said, and ANSWER_ERROR with
 * `problem` where the file cannot be read or says what it must not. */
#ifndef SERVER_SCANSETTINGS_H
#define SERVER_SCANSETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "content/scanner.h"
#include "lib/answer.h"
#include "lib/problem.h"

/* Where it listens: content/scanner.h has the forms. */
enum answer scansettings_address(const char *path, const char *variable,
    struct scanner_address *out, struct problem *problem);

/* "defer" or "pass": what becomes of a message when the scanner has no answer. */
enum answer scansettings_failure(
    const char *path, const char *variable, bool *defers, struct problem *problem);

/* Points, such as 8.5, in thousandths. */
enum answer scansettings_score(
    const char *path, const char *variable, int64_t *out, struct problem *problem);

/* scantimeout, $SCANTIMEOUT: milliseconds that a scanner may take for a step.  ANSWER_YES or
 * ANSWER_ERROR. */
enum answer scansettings_timeout(int64_t *out_ms, struct problem *problem);

#endif
