#include "auth/checkprogram.h"

#include <string.h>
#include <unistd.h>

#include "lib/env.h"
#include "lib/str.h"
#include "lib/view.h"

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool
is_true(const char *path)
{
	return strcmp(base_name(path), "true") == 0 || strcmp(base_name(path), ":") == 0;
}

static bool
is_in_path(const char *name)
{
	const char *path = env_value("PATH");
	struct view rest = view_of(path ? path : "/bin:/usr/bin"), dir;
	struct str file = { 0 };
	bool found = false;

	while (!found && rest.len > 0) {
		size_t end = view_index(rest, ':');

		dir = view_first(rest, end);
		rest = view_from(rest, end + 1);
		str_set(&file, dir.len ? dir : VIEW("."));
		str_append_byte(&file, '/');
		str_append_text(&file, name);
		found = access(str_text(&file), X_OK) == 0;
	}
	str_free(&file);
	return found;
}

static bool
is_executable(const char *name)
{
	return strchr(name, '/') ? access(name, X_OK) == 0 : is_in_path(name);
}

/* Does argv[1] hold a host name?  Two arguments are never form B: its checker would be "true". */
static bool
has_hostname(int argc, char **argv, enum dialect dialect)
{
	if (argc < 4)
		return false;
	switch (dialect) {
	case DIALECT_SAGREDO:
	case DIALECT_SQMAIL:
		return false;
	case DIALECT_JMS1:
	case DIALECT_INDIMAIL:
	case DIALECT_LDAP:
		return true;
	case DIALECT_NOTQMAIL:
		break;
	}
	return !strchr(argv[1], '/') && !is_in_path(argv[1]);
}

static void
copy(char *to[], char **from, int count)
{
	int i;

	for (i = 0; i < count && i < CHECKPROGRAM_ARGS; i++)
		to[i] = from[i];
	to[i] = NULL;
}

static const char *
what_is_unsafe(const struct checkprogram *p)
{
	if (is_true(p->plain[0]) || is_true(p->cram[0]))
		return "the password checker would accept every password";
	if (!p->hostname && !is_executable(p->plain[0]))
		return "the password checker is not executable";
	return NULL;
}

void
checkprogram_from_arguments(
    struct checkprogram *out, int argc, char **argv, enum dialect dialect)
{
	char **rest = argv + 1;
	int count = argc - 1;

	memset(out, 0, sizeof *out);
	if (argc < 3)
		return;
	if (has_hostname(argc, argv, dialect)) {
		out->hostname = argv[1];
		rest++;
		count--;
	}
	if (count == 4 && is_true(rest[1]) && is_true(rest[3])) {
		copy(out->plain, rest, 2);
		copy(out->cram, rest + 2, 2);
	} else {
		copy(out->plain, rest, count);
		copy(out->cram, rest, count);
	}
	out->unsafe = what_is_unsafe(out);
}

void
checkprogram_set_authcdb(struct checkprogram *out, int argc, char **argv)
{
	static const char *const words[] = { "bin/qmail-authcdb", "true" };
	size_t i;

	memset(out, 0, sizeof *out);
	if (argc > 1)
		out->hostname = argv[1];
	for (i = 0; i < 2; i++) {
		memcpy(out->own[i], words[i], strlen(words[i]) + 1);
		out->plain[i] = out->cram[i] = out->own[i];
	}
	out->plain[2] = out->cram[2] = NULL;
}
