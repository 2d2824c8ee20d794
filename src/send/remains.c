#include "send/remains.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "send/sendlog.h"

void
remains_move(const struct manager *m, enum layout_dir dir, uint64_t id)
{
	char path[NAME_MAX_OCTETS];
	struct str aside = { 0 };

	layout_path(&m->layout, dir, id, path);
	str_append_text(&aside, path);
	str_append_text(&aside, ".nomess");
	if (renameat(m->layout.fd, path, m->layout.fd, str_text(&aside)) == 0)
		sendlog_say(MANAGER_LOG_FD, "alert: ", path,
		    " has no message; moved aside under a name ending in .nomess");
	else if (errno != ENOENT)
		sendlog_say(MANAGER_LOG_FD, "alert: ", path,
		    " has no message; remove it after looking at it");
	str_free(&aside);
}

bool
remains_found(const struct manager *m, uint64_t id)
{
	char path[NAME_MAX_OCTETS];
	struct stat st;

	layout_path(&m->layout, LAYOUT_MESS, id, path);
	if (fstatat(m->layout.fd, path, &st, 0) == 0 || errno != ENOENT)
		return false;
	remains_move(m, LAYOUT_BOUNCE, id);
	remains_move(m, LAYOUT_LOCAL, id);
	remains_move(m, LAYOUT_REMOTE, id);
	remains_move(m, LAYOUT_INFO, id); /* last: it is what the next start finds */
	return true;
}
