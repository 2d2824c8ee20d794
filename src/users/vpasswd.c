#include "users/vpasswd.h"

#include <errno.h>
#include <unistd.h>

#include "config/cdbmap.h"
#include "lib/scan.h"
#include "users/look.h"

enum { GID = 2, DIR = 4, QUOTA = 5, FIELDS = 6 };

bool
vpasswd_parse(struct view record, struct vpasswd *out)
{
	struct view part[FIELDS];
	uint64_t flags;
	int i;

	if (view_index(record, '\0') < record.len)
		return false;
	for (i = 0; i < FIELDS - 1; i++)
		if (!view_cut(record, ':', &part[i], &record))
			return false;
	part[i] = view_first(record, view_index(record, ':'));
	if (!scan_whole_u64(part[GID], &flags) || !view_starts(part[DIR], VIEW("/")))
		return false;
	*out =
	    (struct vpasswd) { .flags = flags, .dir = part[DIR], .quota = part[QUOTA] };
	return true;
}

static enum answer
find(struct cdbmap *map, struct view user, bool extensions, struct str *record)
{
	enum answer found = cdbmap_find(map, user, record, NULL);
	size_t i;

	for (i = 1; extensions && found == ANSWER_NO && i < user.len; i++)
		if (user.at[i] == '-')
			found = cdbmap_find(map, view_first(user, i), record, NULL);
	return found;
}

static enum vpasswd_answer
ask(const char *path, struct view user, bool extensions, struct str *record)
{
	struct cdbmap *map;
	enum answer found = cdbmap_open(path, &map, NULL);

	if (found == ANSWER_NO)
		return VPASSWD_ABSENT;
	if (found == ANSWER_ERROR)
		return access(path, R_OK) < 0 && errno == EACCES ? VPASSWD_FORBIDDEN
								 : VPASSWD_FAILED;
	found = find(map, user, extensions, record);
	cdbmap_close(map);
	if (found == ANSWER_ERROR)
		return VPASSWD_FAILED;
	return found == ANSWER_YES ? VPASSWD_YES : VPASSWD_NO;
}

enum vpasswd_answer
vpasswd_look_up(const char *path, struct view user, bool extensions, struct str *record)
{
	switch (look_at_file(path)) {
	case DOTQMAIL_ABSENT:
		return VPASSWD_ABSENT;
	case DOTQMAIL_FORBIDDEN:
		return VPASSWD_HIDDEN;
	case DOTQMAIL_FAILED:
		return VPASSWD_FAILED;
	case DOTQMAIL_PRESENT:
		break;
	}
	return ask(path, user, extensions, record);
}
