#include "sts/line.h"

static struct line_entry *
at(struct line *line, size_t index)
{
	return &line->entries[(line->first + index) % LINE_MAX_DOMAINS];
}

void
line_add(struct line *line, struct view domain, bool used)
{
	struct line_entry *e;
	size_t i;

	for (i = 0; i < line->count; i++) {
		e = at(line, i);
		if (view_equal_nocase(str_view(&e->domain), domain)) {
			e->used |= used;
			return;
		}
	}
	if (line->count == LINE_MAX_DOMAINS)
		return;
	e = at(line, line->count++);
	str_set(&e->domain, domain);
	e->used = used;
}

bool
line_take(struct line *line, struct line_entry *entry)
{
	struct line_entry *e = at(line, 0);

	if (line->count == 0)
		return false;
	str_set(&entry->domain, str_view(&e->domain));
	entry->used = e->used;
	line->first = (line->first + 1) % LINE_MAX_DOMAINS;
	line->count--;
	return true;
}

size_t
line_length(const struct line *line)
{
	return line->count;
}

void
line_free(struct line *line)
{
	size_t i;

	for (i = 0; i < LINE_MAX_DOMAINS; i++)
		str_free(&line->entries[i].domain);
	line->first = line->count = 0;
}
