/* control - control files as qmail reads them (inbound 3.2).  Paths are relative to the home,
 * which is the current directory: "control/me".  Every reader answers ANSWER_YES when the file is
 * there, ANSWER_NO when it is not (ENOENT), and ANSWER_ERROR, with `problem` filled in, for
 * anything else: a directory, EACCES, EIO, a file over CONTROL_MAX octets. */
#ifndef CONFIG_CONTROL_H
#define CONFIG_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/answer.h"
#include "lib/problem.h"
#include "lib/str.h"
#include "lib/view.h"

enum { CONTROL_MAX = 16 * 1024 * 1024 };

/* All of it, appended to *out, which the caller frees in any case. */
enum answer control_bytes(const char *path, struct str *out, struct problem *problem);

/* The first line, without blanks, CR and LF at its end; leading blanks stay.  *out is replaced
 * on ANSWER_YES and else untouched.  A UTF-8 byte order mark is dropped. */
enum answer control_line(const char *path, struct str *out, struct problem *problem);

/* The same, from `fallback` if the file is absent ("control/me" for most). */
enum answer control_line_or(
    const char *path, const char *fallback, struct str *out, struct problem *problem);

/* The same, but the environment variable wins when it is set.  An empty value is ANSWER_NO, as an
 * absent file is; *out is then untouched. */
enum answer control_line_env(
    const char *path, const char *variable, struct str *out, struct problem *problem);

/* The decimal digits that the first line starts with; *out is untouched (the default stays), and
 * the answer ANSWER_NO, when there are none or no file.  Saturates. */
enum answer control_number(const char *path, uint64_t *out, struct problem *problem);

/* As control_number(), but the environment variable wins when it is set: leading digits, 0 when
 * there are none (as $DATABYTES in qmail). */
enum answer control_number_env(
    const char *path, const char *variable, uint64_t *out, struct problem *problem);

/* A list: its lines without blanks at their ends, but not the empty ones nor those whose first
 * byte is '#'.  Leading blanks are kept.  {0} is empty. */
struct control_list {
	struct control_entry {
		struct view text; /* points into `bytes` */
		size_t line;      /* counts from 1, all lines of the file counted */
	} * entries;
	size_t count;
	struct str bytes;
};

enum answer control_list(
    const char *path, struct control_list *out, struct problem *problem);
/* The same from bytes in memory, which are copied. */
void control_list_parse(struct view bytes, struct control_list *out);
void control_list_free(struct control_list *list);

/* The pieces of that, for who does not want all entries: bytes without a UTF-8 byte order mark, and
 * what is left of one line.  False if that is nothing, or a comment; then *text is untouched. */
struct view control_without_mark(struct view bytes);
bool control_entry_text(struct view line, struct view *text);

#endif
