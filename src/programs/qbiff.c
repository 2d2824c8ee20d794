/* qbiff - tell a user who is logged in, on his terminals, that mail has come.  See qbiff(1). */
#define _XOPEN_SOURCE 700 /* utmpx.h */
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utmpx.h>

#include "lib/env.h"
#include "lib/fd.h"
#include "lib/program.h"
#include "lib/reader.h"
#include "message/fieldreader.h"
#include "message/header.h"
#include "os/os.h"

enum { BUFFER = 65536, TEXT_MAX = 78 };

static _Noreturn void
out_of_memory(void)
{
	_exit(0);
}

/* What a terminal could take for more than text becomes `instead`. */
static void
put_safely(struct str *out, struct view text, char instead)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		str_append_byte(
		    out, text.at[i] < ' ' || text.at[i] > '~' ? instead : text.at[i]);
}

static void
put_short(struct str *out, struct view text)
{
	put_safely(out, view_first(text, TEXT_MAX - out->len), '/');
}

/* Subject and the beginning of the body. */
static void
read_text(struct str *out)
{
	char buffer[BUFFER];
	struct reader in;
	struct fieldreader header = { .in = &in };
	struct str field = { 0 }, body = { 0 };

	reader_init(&in, STDIN_FILENO, buffer, sizeof buffer, -1, NULL);
	str_append_text(out, "    ");
	while (fieldreader_next(&header, &field) == FIELDREADER_FIELD)
		if (header_field_of(str_view(&field)) == HEADER_SUBJECT)
			put_short(out, header_value(str_view(&field)));
	fieldreader_append_body(&header, &body);
	put_short(out, str_view(&body));
	while (header.has_body && out->len < TEXT_MAX && reader_fill(&in) == READER_OK) {
		struct view bytes = reader_buffered(&in);

		put_short(out, bytes);
		reader_skip(&in, bytes.len);
	}
	fieldreader_free(&header);
	str_free(&field);
	str_free(&body);
}

/* Does the terminal belong to this user, and does he want to be told (biff y)? */
static bool
may_write(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && (st.st_mode & S_IXUSR) &&
	    st.st_uid == getuid() && isatty(fd);
}

/* In one write that does not wait: a terminal that is stopped holds no delivery up. */
static void
tell(const char *line, struct view text)
{
	int fd = open(
	    line, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	if (may_write(fd))
		(void)fd_write(fd, text.at, text.len);
	fd_close(&fd);
}

/* On each of the user's terminals; the current directory is /dev. */
static void
tell_everywhere(const char *user, struct view text)
{
	struct utmpx *entry;

	setutxent();
	while ((entry = getutxent())) {
		char line[sizeof entry->ut_line + 1] = "";

		if (entry->ut_type != USER_PROCESS ||
		    strncmp(entry->ut_user, user, sizeof entry->ut_user) != 0)
			continue;
		memcpy(line, entry->ut_line, sizeof entry->ut_line);
		if (line[0] != '\0' && line[0] != '/' && !strchr(line, '.'))
			tell(line, text);
	}
	endutxent();
}

int
main(void)
{
	const char *user = env_value("USER"), *sender = env_value("SENDER");
	const char *local = env_value("LOCAL");
	struct str text = { 0 }, message = { 0 };

	program_start(out_of_memory);
	if (!user || !sender || !local || chdir("/dev") < 0)
		return 0;
	str_append_text(&message, "\r\n\a*** TO <");
	put_safely(&message, view_of(local), '_');
	str_append_text(&message, "> FROM <");
	put_safely(&message, view_of(sender), '_');
	str_append_text(&message, ">\r\n");
	read_text(&text);
	str_append(&message, str_view(&text));
	str_append_text(&message, "\r\n");
	tell_everywhere(user, str_view(&message));
	str_free(&text);
	str_free(&message);
	return 0;
}
