#include "config/variables.h"

#include <stddef.h>

#include "lib/ascii.h"

/* Of the dynamic linker, the C library, shells and interpreters; of the suite itself. */
static const char *const forbidden_prefixes[] = { "LD_", "DYLD_", "GLIBC_", "MALLOC_",
	"GCONV_", "BASH_", "PERL", "PYTHON", "RUBY", "AUTH_" };
static const char *const forbidden[] = { "PATH", "IFS", "ENV", "SHELL", "HOME",
	"SHELLOPTS", "CDPATH", "NLSPATH", "LOCPATH", "TMPDIR", "HOSTALIASES",
	"RES_OPTIONS", "LOCALDOMAIN", "QMAILHOME", "QMAILSID", "QSTRICT", "QDIALECT" };

static bool
is_name(struct view name)
{
	size_t i;

	if (name.len == 0 || name.len > VARIABLE_NAME_MAX || ascii_is_digit(name.at[0]))
		return false;
	for (i = 0; i < name.len; i++)
		if (!(name.at[i] >= 'A' && name.at[i] <= 'Z') &&
		    !ascii_is_digit(name.at[i]) && name.at[i] != '_')
			return false;
	return true;
}

bool
variables_allow(struct view name)
{
	size_t i;

	if (!is_name(name))
		return false;
	for (i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
		if (view_equal(name, view_of(forbidden[i])))
			return false;
	for (i = 0; i < sizeof forbidden_prefixes / sizeof *forbidden_prefixes; i++)
		if (view_starts(name, view_of(forbidden_prefixes[i])))
			return false;
	return true;
}

bool
variables_allow_value(struct view value)
{
	size_t i;

	for (i = 0; i < value.len; i++)
		if (ascii_is_control(value.at[i]))
			return false;
	return value.len <= VARIABLE_VALUE_MAX;
}

void
variables_append(struct str *lines, struct view name, struct view value)
{
	str_append_byte(lines, ' ');
	str_append(lines, name);
	str_append_byte(lines, '=');
	str_append(lines, value);
	str_append_byte(lines, '\n');
}

bool
variables_next(struct view *lines, struct view *name, struct view *value)
{
	while (lines->len > 0) {
		size_t end = view_index(*lines, '\n');
		struct view line = view_first(*lines, end);

		*lines = view_from(*lines, end + 1);
		if (view_starts(line, VIEW(" ")) &&
		    view_cut(view_from(line, 1), '=', name, value) &&
		    variables_allow(*name) && variables_allow_value(*value))
			return true;
	}
	return false;
}
