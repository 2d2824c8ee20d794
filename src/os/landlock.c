#define _GNU_SOURCE
#include "os/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/landlock.h */
enum {
	CREATE_RULESET = 444,
	ADD_RULE = 445,
	RESTRICT_SELF = 446,
	CREATE_VERSION = 1,
	RULE_PATH_BENEATH = 1,
};

enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_DIR = 1 << 4,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_DIR = 1 << 7,
	FS_MAKE_REG = 1 << 8,
	FS_MAKE_SOCK = 1 << 9,
	FS_ALL_1 = (1 << 13) - 1,
	FS_REFER = 1 << 13,    /* version 2 */
	FS_TRUNCATE = 1 << 14, /* version 3 */
	FS_OF_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE,
	NET_BIND_TCP = 1 << 0, /* version 4 */
	NET_CONNECT_TCP = 1 << 1,
	SCOPE_ABSTRACT_UNIX = 1 << 0, /* version 6 */
	SCOPE_SIGNAL = 1 << 1,
};

enum {
	MOVES = 2,
	TRUNCATES = 3,
	NETWORK = 4,
	SCOPES = 6
}; /* the versions these came with */

/* An older kernel takes the longer structure as long as what it does not know is 0. */
struct ruleset {
	uint64_t handled_fs;
	uint64_t handled_net;
	uint64_t scoped;
};

struct beneath {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

static bool
plan_moves(const struct restrict_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->path_count; i++)
		if (plan->paths[i].rights & RESTRICT_PATH_MOVE)
			return true;
	return false;
}

static struct ruleset
describe(const struct restrict_plan *plan, long version)
{
	struct ruleset rules = { 0 };

	if (!plan->anywhere) {
		rules.handled_fs = FS_ALL_1;
		if (version >= MOVES)
			rules.handled_fs |= FS_REFER;
		if (version >= TRUNCATES)
			rules.handled_fs |= FS_TRUNCATE;
	}
	if (version >= NETWORK && !(plan->may & RESTRICT_INET))
		rules.handled_net = NET_BIND_TCP | NET_CONNECT_TCP;
	if (version >= SCOPES)
		rules.scoped = plan->may & (RESTRICT_CHILDREN | RESTRICT_FORK)
		    ? SCOPE_ABSTRACT_UNIX
		    : SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
	return rules;
}

static uint64_t
rights_of(unsigned rights)
{
	uint64_t fs = 0;

	if (rights & RESTRICT_PATH_READ)
		fs |= FS_READ_FILE | FS_READ_DIR;
	if (rights & RESTRICT_PATH_WRITE)
		fs |= FS_WRITE_FILE | FS_TRUNCATE;
	if (rights & RESTRICT_PATH_CREATE)
		fs |= FS_MAKE_REG | FS_REMOVE_FILE | FS_MAKE_DIR | FS_REMOVE_DIR |
		    FS_MAKE_SOCK;
	if (rights & RESTRICT_PATH_MOVE)
		fs |= FS_REFER;
	if (rights & RESTRICT_PATH_EXEC)
		fs |= FS_EXECUTE;
	return fs;
}

static int
add_descriptor(int domain, int fd, uint64_t allowed)
{
	struct beneath rule = { allowed, fd };
	struct stat st;

	/* A rule for a file may hold nothing that only a directory knows. */
	if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed &= FS_OF_FILES;
	if (rule.allowed == 0)
		return 0;
	return (int)syscall(ADD_RULE, domain, RULE_PATH_BENEATH, &rule, 0);
}

/* Which errors say that the host has run short; any other says that it has no Landlock, or not for
 * us (a container's own filter; a 17th layer). */
static bool
is_shortage(void)
{
	return errno == ENOMEM || errno == EMFILE || errno == ENFILE;
}

/* -1 with errno. */
static int
open_path(const struct restrict_path *path)
{
	char resolved[PATH_MAX], *slash;
	struct stat st;

	if (!(path->rights & RESTRICT_PATH_HOLDER))
		return openat(
		    path->at ? path->at : AT_FDCWD, path->path, O_PATH | O_CLOEXEC);
	if (!realpath(path->path, resolved))
		return -1;
	slash = strrchr(resolved, '/');
	if (stat(resolved, &st) < 0 || !S_ISDIR(st.st_mode))
		slash[slash == resolved] = '\0';
	return open(resolved, O_PATH | O_CLOEXEC);
}

static int
add_path(int domain, const struct restrict_path *path, uint64_t handled)
{
	uint64_t allowed = rights_of(path->rights) & handled;
	int fd, result;

	if (!path->path) {
		struct beneath rule = { allowed, path->at };

		return (int)syscall(ADD_RULE, domain, RULE_PATH_BENEATH, &rule, 0);
	}
	fd = open_path(path);
	if (fd < 0)
		return is_shortage() ? -1 : 0;
	result = add_descriptor(domain, fd, allowed);
	close(fd);
	return result;
}

static int
add_paths(int domain, const struct restrict_plan *plan, uint64_t handled)
{
	size_t i;

	for (i = 0; i < plan->path_count; i++)
		if (add_path(domain, &plan->paths[i], handled) < 0)
			return -1;
	return 0;
}

int
landlock_enter(const struct restrict_plan *plan, int *version)
{
	long found = syscall(CREATE_RULESET, NULL, 0, CREATE_VERSION);
	struct ruleset rules;
	int domain, result;

	*version = 0;
	/* The first version forbids every move between directories. */
	if (found < 1 || (found < MOVES && plan_moves(plan)))
		return 0;
	rules = describe(plan, found);
	if (rules.handled_fs == 0 && rules.handled_net == 0 && rules.scoped == 0)
		return 0;
	domain = (int)syscall(CREATE_RULESET, &rules, sizeof rules, 0);
	if (domain < 0)
		return is_shortage() ? -1 : 0;
	result = plan->anywhere ? 0 : add_paths(domain, plan, rules.handled_fs);
	if (result == 0)
		result = (int)syscall(RESTRICT_SELF, domain, 0);
	if (result == 0)
		*version = (int)found;
	else if (!is_shortage())
		result = 0;
	close(domain);
	return result;
}
