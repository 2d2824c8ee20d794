/* What is made of another file: is it there, whole, and not older? */
#include "check/check.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/cdbmap.h"
#include "config/controlfiles.h"
#include "config/tcprules.h"

static bool
is_newer(const struct stat *a, const struct stat *b)
{
	return a->st_mtim.tv_sec > b->st_mtim.tv_sec ||
	    (a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
		a->st_mtim.tv_nsec > b->st_mtim.tv_nsec);
}

static void
check_cdb(struct check *c, const char *path)
{
	struct cdbmap *map = NULL;
	struct problem problem;

	if (cdbmap_open(path, &map, &problem) == ANSWER_ERROR) {
		if (problem.error != EACCES)
			finding_problem(&c->out, FINDING_ERROR, &problem, "make it anew");
		return;
	}
	cdbmap_close(map);
}

/* `wanted`: the text alone is of no effect. */
static void
check_pair(
    struct check *c, const char *text, const char *cdb, const char *maker, bool wanted)
{
	struct stat of_text, of_cdb;

	if (stat(cdb, &of_cdb) < 0) {
		if (wanted && errno == ENOENT && stat(text, &of_text) == 0)
			finding_add(&c->out, FINDING_WARNING, text, 0, maker,
			    "of no effect: it was never compiled into ", cdb,
			    (char *)NULL);
		return;
	}
	check_cdb(c, cdb);
	if (stat(text, &of_text) == 0 && is_newer(&of_text, &of_cdb))
		finding_add(&c->out, FINDING_WARNING, text, 0, maker, "newer than ", cdb,
		    ", which is what counts", (char *)NULL);
}

static const char *
maker_of(struct view name)
{
	if (view_equal(name, VIEW("morercpthosts.cdb")))
		return "run qmail-newmrh";
	if (view_equal(name, VIEW("badmimetypes.cdb")))
		return "run qmail-badmimetypes";
	if (view_equal(name, VIEW("badloadertypes.cdb")))
		return "run qmail-badloadertypes";
	return "make it anew";
}

static void
check_row(struct check *c, const struct controlfile *row)
{
	struct str text = { 0 }, cdb = { 0 };

	str_append_text(&text, "control/");
	str_append_text(&text, row->made_of ? row->made_of : row->name);
	str_append_text(&cdb, "control/");
	str_append_text(&cdb, row->name);
	if (row->made_of)
		check_pair(c, str_text(&text), str_text(&cdb),
		    maker_of(view_of(row->name)),
		    strcmp(row->made_of, "validrcptto") != 0);
	else
		check_cdb(c, str_text(&cdb));
	str_free(&text);
	str_free(&cdb);
}

/* --- tcpserver's rules ---------------------------------------------------------------------------- */

/* Whoever may connect to qmail-qmqpd may send anything. */
static const char *
odd_rule(const char *path, const struct tcprules_line *line)
{
	if (line->denies || !tcprules_is_for_all(line->address))
		return NULL;
	if (view_contains(line->sets, VIEW(",RELAYCLIENT=")))
		return view_equal(line->address, VIEW("="))
		    ? "an OPEN RELAY: everybody with a name in the DNS is a relay client"
		    : "an OPEN RELAY: everybody is a relay client";
	if (view_contains(view_of(path), VIEW("qmqp")))
		return "an OPEN RELAY: everybody may use QMQP";
	return NULL;
}

/* An address that no client has. */
static void
check_address(struct check *c, const char *path, size_t number, struct view address)
{
	const char *text = NULL, *hint = "write 192.0.2. for 192.0.2.0/24";

	if (tcprules_is_empty_range(address)) {
		text = "a range that nobody is in";
		hint = "the smaller number first";
	} else if (view_index(address, '/') < address.len) {
		text = "tcpserver knows no networks with a '/': nobody is in it";
	} else if (view_index(address, '*') < address.len) {
		text = "there are no wildcards: nobody is in it";
	} else if (tcprules_is_cut_short(address)) {
		text = "a part of an address without a dot at its end: nobody is in it";
	}
	if (text)
		finding_add(
		    &c->out, FINDING_WARNING, path, number, hint, text, (char *)NULL);
}

static void
check_rule(struct check *c, const char *path, const struct control_entry *e)
{
	struct tcprules_line line;
	const char *flaw = tcprules_parse(e->text, &line);

	if (flaw) {
		finding_add(&c->out, FINDING_ERROR, path, e->line,
		    "ADDRESS:allow,NAME=\"value\" or ADDRESS:deny", flaw, (char *)NULL);
		return;
	}
	if (odd_rule(path, &line))
		finding_add(&c->out, FINDING_ERROR, path, e->line,
		    "name the addresses of your own clients", odd_rule(path, &line),
		    (char *)NULL);
	check_address(c, path, e->line, line.address);
}

static void
check_rules(struct check *c, const char *path)
{
	struct control_list list = { 0 };
	struct str cdb = { 0 };
	size_t i;

	check_list_of(c, path, &list);
	for (i = 0; i < list.count; i++)
		check_rule(c, path, &list.entries[i]);
	control_list_free(&list);
	str_append_text(&cdb, path);
	str_append_text(&cdb, ".cdb");
	check_pair(c, path, str_text(&cdb), "run tcprules", false);
	str_free(&cdb);
}

/* "tcp.smtp", "tcp.qmqp" and the like. */
static void
check_all_rules(struct check *c, const char *directory)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	struct str path = { 0 };

	while (dir && (entry = readdir(dir))) {
		struct view name = view_of(entry->d_name);

		if (!view_starts(name, VIEW("tcp.")) || view_ends(name, VIEW(".cdb")) ||
		    view_ends(name, VIEW(".tmp")))
			continue;
		str_clear(&path);
		str_append_text(&path, directory);
		str_append_byte(&path, '/');
		str_append(&path, name);
		check_rules(c, str_text(&path));
	}
	if (dir)
		closedir(dir);
	str_free(&path);
}

void
check_compiled(struct check *c)
{
	size_t i;

	/* tcp.smtp.cdb is not missed before there is a service: check_all_rules() */
	for (i = 0; i < controlfiles_count(); i++) {
		const struct controlfile *row = controlfiles_at(i);

		if (row->kind == CONTROLFILE_CDB &&
		    !view_starts(view_of(row->name), VIEW("tcp.")))
			check_row(c, row);
	}
	check_all_rules(c, "control");
	check_all_rules(c, "etc");
	check_pair(c, "users/assign", "users/cdb", "run qmail-newu", true);
	check_pair(c, "users/auth", "users/auth.cdb", "run qmail-passwd", true);
}
