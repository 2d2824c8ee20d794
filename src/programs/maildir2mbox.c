/* maildir2mbox - move mail from a Maildir to an mbox.  See maildir2mbox(1).
 *
 * The messages are appended to the mbox, which stays the same file: who waits for its lock will write to
 * it next.  What is going to be appended is on disk in $MAILTMP first, with the place where it begins:
 * so half of it, left by a run that was killed, is known for what it is and cut off by the next
 * one.  A message leaves the Maildir when the mbox is on disk: so at worst it comes twice. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/complain.h"
#include "lib/env.h"
#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/mem.h"
#include "lib/program.h"
#include "lib/scan.h"
#include "lib/sync.h"
#include "local/copy.h"
#include "local/localenv.h"
#include "local/maildirlist.h"
#include "local/mbox.h"
#include "os/os.h"

enum { EXIT_FAILED = 111, BUFFER = 65536, FIRST_LINE_MAX = 4096 };

static const char journal_word[] = "maildir2mbox ";

/* Whom a message is from that does not say so: three times X, as ever. */
static const struct view nobody = { "X"
				    "XX",
	3 };

static _Noreturn void
out_of_memory(void)
{
	os_exit_saying(
	    STDERR_FILENO, "maildir2mbox: fatal: out of memory\n", EXIT_FAILED);
}

static _Noreturn void
fail(const char *what, const char *path)
{
	complain(
	    "maildir2mbox: fatal: ", what, path, ": ", strerror(errno), (char *)NULL);
	_exit(EXIT_FAILED);
}

static const char *
variable(const char *name)
{
	const char *value = env_value(name);

	if (!value || !*value) {
		complain("maildir2mbox: fatal: ", name, " not set", (char *)NULL);
		_exit(EXIT_FAILED);
	}
	return value;
}

struct move {
	const char *mbox_path, *journal_path;
	int mbox, journal;
	bool is_new; /* the mbox */
	off_t end;   /* of the mbox, as it was */
	struct maildirlist list;
	struct writer to; /* the journal */
	char buffer[BUFFER];
};

/* --- the mbox and the journal ------------------------------------------------------------------- */

static void
open_mbox(struct move *m)
{
	struct stat st;

	m->is_new = stat(m->mbox_path, &st) < 0;
	m->mbox = open(m->mbox_path,
	    O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	if (m->mbox < 0 || fstat(m->mbox, &st) < 0)
		fail("unable to open ", m->mbox_path);
	errno = EINVAL;
	if (!S_ISREG(st.st_mode))
		fail("not a file: ", m->mbox_path);
	errno = EBUSY;
	if (mbox_lock(m->mbox, MBOX_LOCK_SECONDS) == MBOX_LOCK_TIMEOUT)
		fail("unable to lock ", m->mbox_path);
}

/* The journal must be no other name of the mbox. */
static void
open_journal(struct move *m)
{
	struct stat mbox, journal;

	m->journal = open(
	    m->journal_path, O_RDWR | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	if (m->journal < 0 || fstat(m->journal, &journal) < 0 ||
	    fstat(m->mbox, &mbox) < 0)
		fail("unable to create ", m->journal_path);
	errno = EINVAL;
	if (!S_ISREG(journal.st_mode))
		fail("not a file: ", m->journal_path);
	if (mbox.st_dev == journal.st_dev && mbox.st_ino == journal.st_ino)
		fail("MAIL and MAILTMP are the same: ", m->journal_path);
}

/* The first line of a journal: where in the mbox the rest of it begins.  The length of the line; 0 if
 * it is none. */
static size_t
read_place(int journal, off_t *place)
{
	char bytes[64];
	ssize_t n = pread(journal, bytes, sizeof bytes, 0);
	struct view line = { bytes, n > 0 ? (size_t)n : 0 };
	uint64_t number;

	if (view_index(line, '\n') == line.len)
		return 0;
	line = view_first(line, view_index(line, '\n'));
	if (!view_starts(line, view_of(journal_word)) ||
	    !scan_whole_u64(view_from(line, sizeof journal_word - 1), &number) ||
	    number > INT64_MAX)
		return 0;
	*place = (off_t)number;
	return line.len + 1;
}

/* Do the two files have the same `len` octets from these places on? */
static bool
is_same(int a, off_t at_a, int b, off_t at_b, off_t len)
{
	char one[8192], other[8192];

	while (len > 0) {
		size_t part = len < (off_t)sizeof one ? (size_t)len : sizeof one;

		if (pread(a, one, part, at_a) != (ssize_t)part ||
		    pread(b, other, part, at_b) != (ssize_t)part ||
		    memcmp(one, other, part) != 0)
			return false;
		at_a += (off_t)part;
		at_b += (off_t)part;
		len -= (off_t)part;
	}
	return true;
}

/* Cut off what a run that was killed has appended in part.  Its messages are still in the Maildir. */
static void
recover(struct move *m)
{
	struct stat mbox, journal;
	off_t place = 0, tail;
	size_t skip = read_place(m->journal, &place);

	if (skip == 0)
		return;
	if (fstat(m->mbox, &mbox) < 0 || fstat(m->journal, &journal) < 0)
		fail("unable to look at ", m->journal_path);
	tail = mbox.st_size - place;
	if (tail <= 0 || tail >= journal.st_size - (off_t)skip ||
	    !is_same(m->mbox, place, m->journal, (off_t)skip, tail))
		return;
	if (ftruncate(m->mbox, place) < 0)
		fail("unable to cut ", m->mbox_path);
}

/* --- the messages ------------------------------------------------------------------------------- */

/* The line in front of a message: its sender is that of a Return-Path in its first line. */
static void
put_from(struct move *m, int message, int64_t when)
{
	char bytes[FIRST_LINE_MAX];
	ssize_t n = pread(message, bytes, sizeof bytes, 0);
	struct view line = { bytes, n > 0 ? (size_t)n : 0 }, sender = nobody;
	static const char field[] = "Return-Path: <";
	struct str from = { 0 };

	if (view_starts(line, view_of(field)) && view_index(line, '\n') < line.len) {
		line = view_first(line, view_index(line, '\n'));
		sender = view_from(line, sizeof field - 1);
		if (view_ends(sender, VIEW(">")))
			sender.len--;
	}
	delivery_append_from(&from, sender, when);
	writer_put(&m->to, str_view(&from));
	str_free(&from);
}

/* A message that is gone, because somebody reads mail at the same time, is not moved. */
static void
put_message(struct move *m, struct maildirlist_entry *e)
{
	int message = fd_open_file(e->path);

	if (message < 0 && errno == ENOENT) {
		mem_free(e->path);
		e->path = NULL;
		return;
	}
	if (message < 0)
		fail("unable to read $MAILDIR/", e->path);
	put_from(m, message, e->time);
	if (copy_mbox(message, &m->to) != COPY_DONE)
		fail("unable to read $MAILDIR/", e->path);
	writer_byte(&m->to, '\n');
	fd_close(&message);
}

/* What the mbox needs so that a message can begin: the last one may lack its end. */
static void
put_separator(struct move *m)
{
	char last[2] = "";
	ssize_t n = pread(m->mbox, last, sizeof last, m->end > 1 ? m->end - 2 : 0);

	if (n <= 0)
		return;
	if (last[n - 1] != '\n')
		writer_byte(&m->to, '\n');
	if (n < 2 || last[1] != '\n' || last[0] != '\n')
		writer_byte(&m->to, '\n');
}

static void
write_journal(struct move *m)
{
	struct str place = { 0 };
	size_t i;

	m->end = lseek(m->mbox, 0, SEEK_END);
	if (m->end < 0 || ftruncate(m->journal, 0) < 0)
		fail("unable to write to ", m->journal_path);
	writer_init(&m->to, m->journal, m->buffer, sizeof m->buffer, -1);
	str_append_text(&place, journal_word);
	fmt_u64(&place, (uint64_t)m->end);
	str_append_byte(&place, '\n');
	writer_put(&m->to, str_view(&place));
	put_separator(m);
	for (i = 0; i < m->list.count; i++)
		put_message(m, &m->list.entries[i]);
	if (writer_flush(&m->to) < 0 || fsync(m->journal) < 0 ||
	    sync_parent(m->journal_path) < 0)
		fail("unable to write to ", m->journal_path);
	str_free(&place);
}

/* All or, if something fails, nothing of it. */
static void
append_journal(struct move *m)
{
	off_t place = 0;
	size_t skip = read_place(m->journal, &place);
	struct writer w;

	if (skip == 0 || lseek(m->journal, (off_t)skip, SEEK_SET) < 0)
		fail("unable to read ", m->journal_path);
	writer_init(&w, m->mbox, m->buffer, sizeof m->buffer, -1);
	if (copy_verbatim(m->journal, &w) != COPY_DONE || writer_flush(&w) < 0 ||
	    fsync(m->mbox) < 0 || (m->is_new && sync_parent(m->mbox_path) < 0)) {
		int error = errno;

		if (ftruncate(m->mbox, m->end) == 0)
			unlink(m->journal_path);
		errno = error;
		fail("unable to write to ", m->mbox_path);
	}
}

static void
remove_messages(struct move *m)
{
	size_t i;

	for (i = 0; i < m->list.count; i++) {
		const char *path = m->list.entries[i].path;

		if (path && unlink(path) < 0)
			complain("maildir2mbox: warning: $MAILDIR/", path,
			    " will be delivered twice; unable to unlink: ",
			    strerror(errno), (char *)NULL);
	}
	unlink(m->journal_path);
}

int
main(void)
{
	struct move m = { 0 };
	const char *maildir;
	struct problem problem = { 0 };
	int64_t now = time(NULL);

	program_start(out_of_memory);
	umask(077);
	m.mbox_path = variable("MAIL");
	m.journal_path = variable("MAILTMP");
	maildir = variable("MAILDIR");
	if (chdir(maildir) < 0)
		fail("unable to chdir to ", maildir);
	maildirlist_clean(AT_FDCWD, now);
	if (maildirlist_read(&m.list, AT_FDCWD, now, &problem) < 0) {
		errno = problem.error;
		fail("unable to scan $MAILDIR/", problem.where);
	}
	if (m.list.count == 0)
		return 0;

	open_mbox(&m);
	open_journal(&m);
	recover(&m);
	write_journal(&m);
	append_journal(&m);
	remove_messages(&m);
	maildirlist_free(&m.list);
	return 0;
}
