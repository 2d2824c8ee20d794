#define _GNU_SOURCE
#include "os/restrict.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/landlock.h"
#include "os/restrictfilter.h"

static void
allow(struct restrict_plan *plan, const struct restrict_path *path)
{
	if (plan->path_count == RESTRICT_PATHS)
		plan->anywhere = true;
	else
		plan->paths[plan->path_count++] = *path;
}

void
restrict_allow(struct restrict_plan *plan, const char *path, unsigned rights)
{
	struct restrict_path one = { .path = path, .rights = rights };

	allow(plan, &one);
}

void
restrict_allow_directory(struct restrict_plan *plan, int at, unsigned rights)
{
	struct restrict_path one = { .rights = rights, .at = at };

	allow(plan, &one);
}

void
restrict_allow_link(struct restrict_plan *plan, int at, const char *name, unsigned rights)
{
	struct restrict_path one = { .path = name, .rights = rights, .at = at };
	struct stat st;

	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		allow(plan, &one);
}

#if defined(SANITIZE) || defined(UNRESTRICTED)

static int
switch_on(const struct restrict_plan *plan, struct sock_fprog *program,
    struct restrict_report *report)
{
	(void)plan, (void)program, (void)report;
	return 0;
}

#else

/* Kernels before 5.16 make a filtered process slow against Spectre unless told otherwise; those
 * before 4.17 do not know that. */
static int
install(struct sock_fprog *program)
{
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
		program) == 0)
		return 0;
	if (errno == ENOMEM)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0);
}

/* Landlock first: its calls are not among those of the filter. */
static int
switch_on(const struct restrict_plan *plan, struct sock_fprog *program,
    struct restrict_report *report)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return 0;
	if (landlock_enter(plan, &report->landlock) < 0)
		return -1;
	if (program->len == 0)
		return 0;
	report->calls = install(program) == 0;
	return report->calls || errno != ENOMEM ? 0 : -1;
}

#endif

int
os_restrict(const struct restrict_plan *plan, struct restrict_report *report)
{
	struct restrict_report now = { 0 };
	struct restrictfilter filter;
	struct sock_fprog program = { 0 };
	int result;

	if (restrictfilter_make(&filter, plan->may)) {
		program.len = (unsigned short)(RESTRICTFILTER_MAX - filter.start);
		program.filter = filter.code + filter.start;
	}
	result = switch_on(plan, &program, &now);
	if (report)
		*report = now;
	return result;
}
