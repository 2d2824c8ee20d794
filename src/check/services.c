/* What starts the programs: run scripts of supervise, units of systemd. */
#include "check/check.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check/daemon.h"
#include "check/dotfiles.h"
#include "check/runscript.h"
#include "check/variables.h"
#include "lib/eachpath.h"
#include "lib/fd.h"
#include "lib/scan.h"

enum { LEAST_MEMORY = 8000000 };

/* --- one script ----------------------------------------------------------------------------------- */

static void
check_memory(struct check *c, const char *path, const struct runscript *s)
{
	size_t at = runscript_find(s, "softlimit"), where = 0;
	const char *value = NULL;
	uint64_t octets = 0;

	if (at < s->count)
		value = runscript_option(s, at, "-m", &where);
	if (value && scan_u64(view_of(value), &octets) > 0 && octets < LEAST_MEMORY)
		finding_add(&c->out, FINDING_WARNING, path, s->lines[where],
		    "softlimit -m 25000000",
		    "too little memory for TLS and other helpers", (char *)NULL);
}

/* tcpserver -x: a file that is not there lets nobody in. */
static void
check_rules(struct check *c, const char *path, const struct runscript *s, size_t server,
    bool is_started)
{
	size_t where = 0;
	const char *rules = runscript_option(s, server, "-x", &where);

	if (rules && !strchr(rules, '$') && access(rules, F_OK) < 0 && errno == ENOENT)
		finding_add(&c->out, is_started ? FINDING_ERROR : FINDING_NOTE, path,
		    s->lines[where],
		    "run tcprules: all connections are dropped until then",
		    "tcpserver is told of a file of rules that is not there: ", rules,
		    (char *)NULL);
}

/* As whom does what takes connections run? */
static void
check_user(struct check *c, const char *path, const struct runscript *s, size_t server)
{
	static const char *const changers[] = { "setuidgid", "envuidgid", "chpst",
		"s6-setuidgid", "su", "runuser", "setpriv" };
	size_t where = 0, i;
	const char *user = runscript_option(s, server, "-u", &where);

	if (c->is_rootless)
		return;
	if (user && (strcmp(user, "0") == 0 || strcmp(user, "root") == 0)) {
		finding_add(&c->out, FINDING_ERROR, path, s->lines[where],
		    "-u and -g of qmaild", "what takes connections runs as root",
		    (char *)NULL);
		return;
	}
	for (i = 0; !user && i < sizeof changers / sizeof *changers; i++)
		if (runscript_find(s, changers[i]) < s->count)
			return;
	if (!user && !runscript_option(s, server, "-U", &where))
		finding_add(&c->out, FINDING_ERROR, path, s->lines[server],
		    "give tcpserver -u and -g of qmaild",
		    "what takes connections runs as root", (char *)NULL);
}

static void
take_arguments(const struct runscript *s, size_t at, struct daemon *d)
{
	for (; at < s->count && d->argc < DAEMON_WORDS; at++) {
		if (strchr("0123456789<>|&", s->words[at][0]) && d->argc > 0)
			return;
		d->argv[d->argc++] = s->words[at];
	}
}

/* supervise makes a directory of its own beside a run script that it has started. */
static bool
was_started(const char *path)
{
	struct str beside = { 0 };
	bool was;

	str_append(&beside, view_first(view_of(path), view_rindex(view_of(path), '/')));
	str_append_text(&beside, "/supervise");
	was = check_has(str_text(&beside));
	str_free(&beside);
	return was;
}

/* Does the script itself look for the certificate? */
static bool
has_guard(const struct runscript *s)
{
	size_t i;

	for (i = 1; i < s->count; i++)
		if (strcmp(s->words[i], "control/servercert.pem") == 0)
			return true;
	return false;
}

static void
check_daemon(struct check *c, const char *path, const struct runscript *s)
{
	bool is_started = was_started(path);
	size_t at = runscript_find(s, "qmail-smtpd"), server;
	struct daemon d = { .place = path };
	struct arena mem = { 0 };

	if (at == s->count)
		return;
	server = runscript_find(s, "tcpserver");
	if (server == s->count)
		server = runscript_find(s, "sslserver");
	if (server < s->count) {
		check_rules(c, path, s, server, is_started);
		check_user(c, path, s, server);
	}
	d.line = s->lines[at];
	d.waits = !is_started || has_guard(s);
	variables_take(c, s, &d, &mem);
	take_arguments(s, at, &d);
	daemon_check(c, &d);
	arena_free(&mem);
}

/* qmail-start DEFAULTDELIVERY, if that is a path as it stands. */
static void
check_default(struct check *c, const char *path, const struct runscript *s)
{
	size_t at = runscript_find(s, "qmail-start") + 1;

	if (at < s->count && strchr("./", s->words[at][0]) &&
	    !strpbrk(s->words[at], "$`"))
		dotfiles_check(c,
		    &(struct dotfile) { .path = path, .line = s->lines[at] },
		    view_of(s->words[at]));
}

static bool
read_script(const char *path, struct str *text)
{
	return fd_read_file(path, text, RUNSCRIPT_MAX) == 0;
}

/* Others may have services of other homes: only those that name this one count. */
static void
check_script(struct check *c, const char *path, const char *home)
{
	struct str text = { 0 };
	struct runscript script;
	struct stat st;

	if (stat(path, &st) == 0 && read_script(path, &text) &&
	    (!home || view_contains(str_view(&text), view_of(home)))) {
		if (!(st.st_mode & S_IXUSR))
			finding_add(&c->out, FINDING_ERROR, path, 0, "chmod +x",
			    "not executable: supervise cannot start it", (char *)NULL);
		if (st.st_mode & S_IWOTH)
			finding_add(&c->out, FINDING_ERROR, path, 0, "chmod o-w",
			    "everybody may write it, and root runs it", (char *)NULL);
		runscript_parse(&script, str_view(&text));
		check_memory(c, path, &script);
		check_default(c, path, &script);
		check_daemon(c, path, &script);
		runscript_free(&script);
	}
	str_free(&text);
}

/* --- units ---------------------------------------------------------------------------------------- */

/* Programs that start qmail-queue or deliver as users. */
static bool
starts_set_id(struct view text)
{
	static const char *const names[] = { "qmail-smtpd", "qmail-start", "qmail-qmtpd",
		"qmail-qmqpd", "qmail-broker", "qmail-inject" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (view_contains(text, view_of(names[i])))
			return true;
	return false;
}

static bool
is_yes(struct view value)
{
	return view_equal_nocase(value, VIEW("yes")) ||
	    view_equal_nocase(value, VIEW("true")) || view_equal(value, VIEW("1")) ||
	    view_equal_nocase(value, VIEW("on"));
}

static void
check_unit_line(struct check *c, const char *path, size_t number, struct view line)
{
	struct view key, value;

	if (!view_cut(line, '=', &key, &value))
		return;
	value = view_trim_blanks(value);
	if (view_equal(key, VIEW("NoNewPrivileges")) && is_yes(value))
		finding_add(&c->out, FINDING_ERROR, path, number, "leave it out",
		    "NoNewPrivileges takes the set-uid bit from qmail-queue: no mail is "
		    "taken",
		    (char *)NULL);
	if (view_equal(key, VIEW("DynamicUser")) && is_yes(value))
		finding_add(&c->out, FINDING_ERROR, path, number, "User=qmaild",
		    "a user that is made up has no rights in the home", (char *)NULL);
	if (view_equal(key, VIEW("PrivateUsers")) && is_yes(value))
		finding_add(&c->out, FINDING_ERROR, path, number, "leave it out",
		    "with users of its own qmail-queue cannot become qmailq",
		    (char *)NULL);
	if (view_equal(key, VIEW("ProtectSystem")) && view_equal(value, VIEW("strict")))
		finding_add(&c->out, FINDING_WARNING, path, number,
		    "ReadWritePaths= of the queue, and of what deliveries write",
		    "the queue is read-only for it, unless another line says otherwise",
		    (char *)NULL);
}

static void
check_unit(struct check *c, const char *path, const char *home)
{
	struct str text = { 0 };
	struct view rest, line;
	size_t number;

	if (read_script(path, &text) && view_contains(str_view(&text), view_of(home)) &&
	    starts_set_id(str_view(&text))) {
		rest = str_view(&text);
		for (number = 1; view_cut(rest, '\n', &line, &rest); number++)
			check_unit_line(c, path, number, view_trim_blanks(line));
	}
	str_free(&text);
}

/* --- where they are ------------------------------------------------------------------------------- */

struct services {
	struct check *check;
	const char *
	    home; /* what others, too, have there counts if it names this; NULL: ours alone */
};

static void
look_at_script(void *context, const char *path)
{
	const struct services *in = context;

	check_script(in->check, path, in->home);
}

static void
look_at_unit(void *context, const char *path)
{
	const struct services *in = context;

	if (view_ends(view_of(path), VIEW(".service")))
		check_unit(in->check, path, in->home);
}

void
check_services(struct check *c)
{
	static const char *const services[] = { "/service", "/etc/service",
		"/var/service", "/etc/sv" };
	static const char *const units[] = { "boot", "/etc/systemd/system",
		"/lib/systemd/system" };
	struct daemon alone = { .place = "control" };
	char home[4096];
	struct services ours = { .check = c }, everybodys = { c, home };
	size_t i;

	if (!getcwd(home, sizeof home))
		return;
	daemon_check(c, &alone);
	eachpath("supervise", "run", look_at_script, &ours);
	for (i = 0; i < sizeof services / sizeof *services; i++)
		eachpath(services[i], "run", look_at_script, &everybodys);
	for (i = 0; i < sizeof units / sizeof *units; i++)
		eachpath(units[i], NULL, look_at_unit, &everybodys);
}
