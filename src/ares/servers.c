#include "ares/servers.h"

#include <errno.h>
#include <string.h>

#include "config/control.h"
#include "lib/ascii.h"
#include "lib/fd.h"
#include "lib/ipplace.h"
#include "lib/scan.h"

#define CONTROL     "control/resolvers"
#define RESOLV_CONF "/etc/resolv.conf"

enum { RESOLV_CONF_MAX = 65536 };

static struct view
next_word(struct view *rest)
{
	struct view word;
	size_t len = 0;

	*rest = view_trim_left(*rest);
	while (len < rest->len && !ascii_is_blank(rest->at[len]) && rest->at[len] != '\r')
		len++;
	word = view_first(*rest, len);
	*rest = view_from(*rest, len);
	return word;
}

bool
servers_parse_line(struct view line, struct server *out, bool *trusted)
{
	struct view place = next_word(&line), word = next_word(&line);
	bool marked = view_equal(word, VIEW("trust-ad"));
	struct server server;

	if ((word.len > 0 && !marked) || view_trim_right(view_trim_left(line)).len > 0 ||
	    !ip_parse_place(place, SERVERS_PORT, &server.ip, &server.port))
		return false;
	*out = server;
	*trusted = marked || ip_is_loopback(&server.ip);
	return true;
}

/* Add one, if there is room; it can only take trust away. */
static void
add(struct servers *servers, const struct server *server, bool trusted)
{
	if (servers->count == SERVERS_MAX)
		return;
	servers->trusted = trusted && (servers->count == 0 || servers->trusted);
	servers->list[servers->count++] = *server;
}

static void
parse_resolv_line(struct view line, struct servers *out, bool *marked)
{
	struct view word = next_word(&line);
	struct server server = { .port = SERVERS_PORT };

	if (view_equal(word, VIEW("nameserver")) &&
	    ip_parse(next_word(&line), &server.ip))
		add(out, &server, ip_is_loopback(&server.ip));
	if (!view_equal(word, VIEW("options")))
		return;
	while ((word = next_word(&line)).len > 0)
		if (view_equal(word, VIEW("trust-ad")))
			*marked = true;
}

void
servers_parse_resolv_conf(struct view text, struct servers *out)
{
	struct server local = { .port = SERVERS_PORT };
	struct servers servers = { 0 };
	bool marked = false;
	struct view line;

	while (text.len > 0) {
		line = text;
		if (!view_cut(text, '\n', &line, &text))
			text = VIEW("");
		parse_resolv_line(view_trim_right(line), &servers, &marked);
	}
	if (servers.count == 0 && ip_parse(VIEW("127.0.0.1"), &local.ip))
		add(&servers, &local, true);
	servers.trusted |= marked;
	*out = servers;
}

/* control/resolvers.  ANSWER_NO if it is absent or empty. */
static enum answer
read_control(struct servers *out, const struct log *log)
{
	struct control_list list = { 0 };
	struct problem problem;
	struct servers servers = { 0 };
	struct server server;
	enum answer answer = control_list(CONTROL, &list, &problem);
	bool trusted;
	size_t i;

	if (answer == ANSWER_ERROR)
		log_problem(log, &problem);
	if (answer == ANSWER_YES && list.count == 0)
		answer = ANSWER_NO;
	for (i = 0; answer == ANSWER_YES && i < list.count; i++) {
		if (servers_parse_line(list.entries[i].text, &server, &trusted)) {
			add(&servers, &server, trusted);
			continue;
		}
		problem_note(&problem, CONTROL, list.entries[i].line,
		    "not an address, with or without a port", 0);
		log_problem(log, &problem);
	}
	control_list_free(&list);
	if (answer == ANSWER_YES && servers.count == 0)
		return ANSWER_ERROR;
	if (answer == ANSWER_YES)
		*out = servers;
	return answer;
}

/* An absent file means the local resolver, as everywhere. */
static bool
read_resolv_conf(struct servers *out, const struct log *log)
{
	struct str text = { 0 };
	struct problem problem;

	if (fd_read_file(RESOLV_CONF, &text, RESOLV_CONF_MAX) < 0 && errno != ENOENT) {
		problem_note(&problem, RESOLV_CONF, 0, "unreadable", errno);
		log_problem(log, &problem);
		str_free(&text);
		return false;
	}
	servers_parse_resolv_conf(str_view(&text), out);
	str_free(&text);
	return true;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec && /* a chmod makes it readable */
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* Remember what the files are now; true if that is as before. */
static bool
unchanged(struct servers_files *files)
{
	static const char *const paths[2] = { CONTROL, RESOLV_CONF };
	bool same = files->known;
	int i;

	for (i = 0; i < 2; i++) {
		struct stat now = { 0 };
		bool there = stat(paths[i], &now) == 0;

		same =
		    same && there == files->there[i] && same_file(&now, &files->seen[i]);
		files->there[i] = there;
		files->seen[i] = now;
	}
	files->known = true;
	return same;
}

const struct servers *
servers_now(struct servers_files *files, const struct log *log)
{
	enum answer answer;

	if (!unchanged(files)) {
		answer = read_control(&files->servers, log);
		files->usable = answer == ANSWER_YES ||
		    (answer == ANSWER_NO && read_resolv_conf(&files->servers, log));
	}
	return files->usable ? &files->servers : NULL;
}
