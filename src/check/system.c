/* What the machine, or the place where this runs, takes away; and helpers that are wanted and missing. */
#include "check/check.h"

#include <errno.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "lib/fd.h"
#include "os/filesystem.h"
#include "os/identity.h"

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

/* Is qmail-smtpd ours?  Another one has no use for our helpers. */
static bool
is_ours(void)
{
	struct str bytes = { 0 };
	bool ours = fd_read_file("bin/qmail-smtpd", &bytes, PROGRAM_MAX) == 0 &&
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

void
check_system(struct check *c)
{
	check_mount(c);
	check_filesystem(c);
	check_privileges(c);
	if (is_ours())
		check_helpers(c);
}
