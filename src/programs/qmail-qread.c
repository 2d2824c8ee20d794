/* qmail-qread - list the messages of the queue and their recipients.  See qmail-qread(8). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/date.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/print.h"
#include "lib/program.h"
#include "lib/writer.h"
#include "os/os.h"
#include "queue/walk.h"
#include "send/messageinfo.h"
#include "send/records.h"

enum { EXIT_FAILED = 111, OUT_BUFFER = 8192, FIRST_SHOWN = 32, LAST_SHOWN = 126 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(STDOUT_FILENO, "fatal: out of memory\n", EXIT_FAILED);
}

/* qmail's errors are on descriptor 1, between the messages, and so are ours. */
static void
warn(struct writer *out, const char *text, const char *about)
{
	const char *why = strerror(errno);

	writer_text(out, text);
	writer_text(out, about);
	writer_text(out, ": ");
	writer_text(out, why);
	writer_byte(out, '\n');
}

static int
fail(struct writer *out, const char *text, const char *about)
{
	warn(out, text, about);
	writer_flush(out);
	return EXIT_FAILED;
}

static void
trouble(struct writer *out, uint64_t id)
{
	char number[FMT_U64_MAX];

	warn(out, "warning: trouble with #", fmt_u64_into(number, id).at);
}

/* What a terminal may be shown. */
static void
put_safely(struct writer *out, struct view text)
{
	size_t i;

	for (i = 0; i < text.len; i++)
		writer_byte(out,
		    text.at[i] >= FIRST_SHOWN && text.at[i] <= LAST_SHOWN ? text.at[i]
									  : '_');
}

static void
put_date(struct writer *out, int64_t seconds)
{
	struct str line = { 0 };
	struct date d;

	date_from_unix(&d, seconds);
	fmt_u64(&line, (uint64_t)d.day);
	str_append_byte(&line, ' ');
	str_append_text(&line, date_month_name(d.month));
	str_append_byte(&line, ' ');
	fmt_u64(&line, d.year > 0 ? (uint64_t)d.year : 0);
	str_append_byte(&line, ' ');
	date_append_clock(&line, &d);
	str_append_text(&line, " GMT");
	writer_put(out, str_view(&line));
	str_free(&line);
}

static void
put_message(struct writer *out, uint64_t id, uint64_t size,
    const struct messageinfo *info, bool bouncing)
{
	put_date(out, info->birth);
	writer_text(out, "  #");
	writer_u64(out, id);
	writer_text(out, "  ");
	writer_u64(out, size);
	writer_text(out, "  <");
	put_safely(out, str_view(&info->sender));
	writer_text(out, bouncing ? ">  bouncing\n" : "> \n");
}

static void
put_recipients(struct writer *out, uint64_t id, int fd, const char *channel)
{
	struct records records;
	enum records_status status;
	struct view record;

	records_init(&records, fd);
	while ((status = records_next(&records, &record)) == RECORDS_OK) {
		if (record.len == 0 || (record.at[0] != 'T' && record.at[0] != 'D'))
			continue;
		if (record.at[0] == 'D')
			writer_text(out, "  done");
		writer_text(out, channel);
		put_safely(out, view_from(record, 1));
		writer_byte(out, '\n');
	}
	if (status == RECORDS_END)
		return;
	if (status == RECORDS_TOO_LONG)
		errno = EFBIG;
	trouble(out, id);
}

static void
show_channel(struct writer *out, const struct layout *layout, uint64_t id,
    enum layout_dir dir, const char *channel)
{
	int fd = layout_open_file(layout, dir, id);

	if (fd >= 0)
		put_recipients(out, id, fd, channel);
	else if (errno != ENOENT)
		trouble(out, id);
	fd_close(&fd);
}

static int
look_at(const struct layout *layout, enum layout_dir dir, uint64_t id, struct stat *st)
{
	char path[NAME_MAX_OCTETS];

	layout_path(layout, dir, id, path);
	return fstatat(layout->fd, path, st, AT_SYMLINK_NOFOLLOW);
}

static void
show(struct writer *out, const struct layout *layout, uint64_t id)
{
	struct messageinfo info = { 0 };
	struct stat mess, bounce;

	if (look_at(layout, LAYOUT_MESS, id, &mess) < 0 ||
	    messageinfo_read(layout, id, &info) < 0) {
		trouble(out, id);
		return;
	}
	put_message(out, id, (uint64_t)mess.st_size, &info,
	    look_at(layout, LAYOUT_BOUNCE, id, &bounce) == 0);
	messageinfo_free(&info);
	show_channel(out, layout, id, LAYOUT_LOCAL, "\tlocal\t");
	show_channel(out, layout, id, LAYOUT_REMOTE, "\tremote\t");
}

int
main(void)
{
	char buffer[OUT_BUFFER], part[NAME_MAX_OCTETS];
	struct writer out;
	struct layout layout;
	struct walk walk;
	enum answer next;
	uint64_t id;

	program_start(out_of_memory);
	writer_init(&out, STDOUT_FILENO, buffer, sizeof buffer, -1);
	if (program_enter_home() < 0 || layout_open(&layout, "queue") < 0)
		return fail(&out, "fatal: unable to chdir", "");
	walk_start(&walk, &layout, LAYOUT_INFO);
	while ((next = walk_next(&walk, &id)) == ANSWER_YES)
		show(&out, &layout, id);
	if (next == ANSWER_ERROR) {
		name_flat(part, "info", walk.part - 1);
		return fail(&out, "fatal: unable to opendir ", part);
	}
	walk_end(&walk);
	layout_close(&layout);
	if (writer_flush(&out) == 0)
		return 0;
	print_complain("qmail-qread", errno);
	return EXIT_FAILED;
}
