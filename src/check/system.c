/* What the machine, or the place where this runs, takes away; helpers that are wanted and missing; spawners
 * that take less than is asked of them. */
#include "check/check.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "os/filesystem.h"
#include "os/identity.h"
#include "wire/spawncommand.h"

enum { PROGRAM_MAX = 64 << 20 };

static void
check_mount(struct check *c)
{
	struct statvfs fs;

	if (!c->is_rootless && os_is_without_set_id("bin"))
		finding_add(&c->out, FINDING_ERROR, "bin", 0, "mount it without nosuid",
		    "mounted with nosuid: qmail-queue cannot become qmailq",
		    (char *)NULL);
	if (statvfs("queue", &fs) < 0)
		return;
	if (fs.f_flag & ST_RDONLY)
		finding_add(&c->out, FINDING_ERROR, "queue", 0, "mount it rw",
		    "on a file system that is read-only", (char *)NULL);
	if (fs.f_blocks > 0 && fs.f_bavail == 0)
		finding_add(&c->out, FINDING_ERROR, "queue", 0, "make room",
		    "the file system is full", (char *)NULL);
	if (fs.f_files > 0 && fs.f_favail == 0)
		finding_add(&c->out, FINDING_ERROR, "queue", 0, "make room",
		    "the file system has no inode left", (char *)NULL);
}

static void
check_filesystem(struct check *c)
{
	int fd = os_open_directory("queue");
	enum os_filesystem kind = fd >= 0 ? os_filesystem_of(fd) : OS_FILESYSTEM_USUAL;

	if (kind == OS_FILESYSTEM_NETWORK)
		finding_add(&c->out, FINDING_ERROR, "queue", 0,
		    "put it on a file system of this machine",
		    "on a network: locks and syncs are not what qmail needs",
		    (char *)NULL);
	else if (kind == OS_FILESYSTEM_NO_LINKS)
		finding_add(&c->out, FINDING_ERROR, "queue", 0,
		    "ext4, xfs, btrfs and many others will do",
		    "on a file system without hard links: no mail can be queued",
		    (char *)NULL);
	else if (kind == OS_FILESYSTEM_USER_SPACE)
		finding_add(&c->out, FINDING_WARNING, "queue", 0,
		    "ext4, xfs, btrfs and many others will do",
		    "on a file system in user space (FUSE): hard links, locks and syncs "
		    "may not be what qmail needs",
		    (char *)NULL);
	fd_close(&fd);
}

/* Whoever starts services from here starts them so. */
static void
check_privileges(struct check *c)
{
	if (!c->is_rootless && os_has_no_new_privileges())
		finding_add(&c->out, FINDING_WARNING, "bin/qmail-queue", 0,
		    "start services from elsewhere",
		    "no_new_privs is set here: set-id programs gain nothing",
		    (char *)NULL);
}

/* --- helpers -------------------------------------------------------------------------------------- */

static bool
is_ours(const char *program)
{
	struct str bytes = { 0 };
	bool ours = fd_read_file(program, &bytes, PROGRAM_MAX) == 0 &&
	    view_contains(str_view(&bytes), VIEW("@(#)qferry"));

	str_free(&bytes);
	return ours;
}

static bool
is_on(const char *path)
{
	uint64_t number = 0;

	return control_number(path, &number, NULL) == ANSWER_YES && number > 0;
}

static void
check_helper(struct check *c, const char *wanted_by, const char *helper,
    const char *service, enum finding_level level, const char *effect)
{
	if (access(helper, F_OK) < 0 && errno == ENOENT && !check_has(service))
		finding_add(&c->out, level, wanted_by, 0, "make dropin brings it", effect,
		    ": there is no ", helper, (char *)NULL);
}

static void
check_helpers(struct check *c)
{
	static const char *const dns[] = { "control/mfcheck", "control/spfbehavior" },
				 *const state[] = { "control/greylist",
					 "control/ratenetwork", "control/rateuser",
					 "control/sessionsnetwork",
					 "control/sessionsuser" };
	size_t i;

	for (i = 0; i < sizeof dns / sizeof *dns; i++)
		if (is_on(dns[i]))
			check_helper(c, dns[i], "bin/qmail-dns", "run/dns/sock",
			    FINDING_ERROR,
			    "the DNS cannot be asked, and mail is put off");
	if (check_has("control/dnsbllist"))
		check_helper(c, "control/dnsbllist", "bin/qmail-dns", "run/dns/sock",
		    FINDING_WARNING, "the DNS cannot be asked, and all pass");
	for (i = 0; i < sizeof state / sizeof *state; i++)
		if (is_on(state[i]))
			check_helper(c, state[i], "bin/qmail-state", "run/state/sock",
			    FINDING_WARNING, "nothing can be counted, and all pass");
	if (is_on("control/realrcptto"))
		check_helper(c, "control/realrcptto", "bin/qmail-rcpt", "run/rcpt/sock",
		    FINDING_ERROR, "recipients cannot be looked up, and mail is put off");
	if (check_has("control/servercert.pem"))
		check_helper(c, "control/servercert.pem", "bin/qmail-tls", "run/tls/sock",
		    FINDING_ERROR, "no STARTTLS");
}

/* --- spawners ------------------------------------------------------------------------------------- */

/* What another one takes is compiled in there. */
static void
check_concurrency(struct check *c, const char *path, const char *spawner)
{
	uint64_t number = 0, width = 1;
	struct str text = { 0 };

	control_number("control/spawnwidth", &width, NULL);
	if (control_number(path, &number, NULL) == ANSWER_YES &&
	    number > (width == 2 ? SPAWNCOMMAND_SLOTS_WIDE : SPAWNCOMMAND_SLOTS) &&
	    is_ours(spawner)) {
		str_append_text(&text, "more deliveries at a time than there can be: ");
		fmt_u64(&text, width == 2 ? SPAWNCOMMAND_SLOTS_WIDE : SPAWNCOMMAND_SLOTS);
		finding_add(&c->out, FINDING_WARNING, path, 1,
		    width == 2 ? "a smaller number"
			       : "a smaller number, or 2 in control/spawnwidth",
		    str_text(&text), (char *)NULL);
		str_free(&text);
	}
}

void
check_system(struct check *c)
{
	check_mount(c);
	check_filesystem(c);
	check_privileges(c);
	/* Another one has no use for our helpers. */
	if (is_ours("bin/qmail-smtpd"))
		check_helpers(c);
	check_concurrency(c, "control/concurrencylocal", "bin/qmail-lspawn");
	check_concurrency(c, "control/concurrencyremote", "bin/qmail-rspawn");
}
