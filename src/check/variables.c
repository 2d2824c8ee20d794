#include "check/variables.h"

#include <errno.h>
#include <string.h>

#include "check/envdir.h"

static bool
is_same_name(const char *a, const char *b)
{
	size_t len = strcspn(a, "=");

	return strncmp(a, b, len) == 0 && strcspn(b, "=") == len;
}

/* "NAME=value", or "NAME": taken away. */
static void
take(void *context, char *entry)
{
	struct daemon *d = context;
	size_t i, kept = 0;

	for (i = 0; i < d->count; i++)
		if (!is_same_name(d->variables[i], entry))
			d->variables[kept++] = d->variables[i];
	d->count = kept;
	if (strchr(entry, '=') && strncmp(entry, "PATH=", 5) != 0 &&
	    d->count < DAEMON_WORDS)
		d->variables[d->count++] = entry;
}

static void
complain_of(struct check *c, const struct daemon *d, size_t line, const char *directory)
{
	if (errno == ENOENT || errno == ENOTDIR)
		finding_add(&c->out, d->waits ? FINDING_NOTE : FINDING_ERROR, d->place,
		    line, "make it: nothing is started until then",
		    "envdir is told of a directory that is not there: ", directory,
		    (char *)NULL);
	else
		finding_add(&c->out, FINDING_NOTE, d->place, line, "run this as root",
		    "not checked: this user may not look into ", directory, (char *)NULL);
}

void
variables_take(
    struct check *c, const struct runscript *s, struct daemon *d, struct arena *mem)
{
	size_t i;

	for (i = 0; i < s->count; i++) {
		const char *directory = envdir_named(s, i, view_of(d->place), mem);

		if (runscript_is_assignment(s->words[i]) && !strchr(s->words[i], '$'))
			take(d, s->words[i]);
		else if (directory && *directory &&
		    envdir_each(directory, mem, take, d) < 0)
			complain_of(c, d, s->lines[i], directory);
	}
}
