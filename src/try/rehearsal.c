#include "try/rehearsal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "dns/cache.h"
#include "lib/mem.h"

/* --- programs ------------------------------------------------------------------------------------- */

static bool
is_helper(const char *path)
{
	return view_equal(view_of(path), VIEW("bin/qmail-rcpt")) ||
	    view_equal(view_of(path), VIEW("bin/qmail-dns"));
}

/* Our own functions, for what is really started: they go by who is the broker. */
static pid_t
start_really(struct rehearsal *r, const struct spawn *s)
{
	pid_t pid;

	if (r->real_count == REHEARSAL_CHILDREN) {
		errno = EAGAIN;
		return -1;
	}
	spawn_through(NULL);
	pid = spawn_start(s);
	spawn_through(&r->hooks);
	if (pid > 0)
		r->real[r->real_count++] = pid;
	return pid;
}

static bool
is_real(const struct rehearsal *r, pid_t pid)
{
	size_t i;

	for (i = 0; i < r->real_count; i++)
		if (r->real[i] == pid)
			return true;
	return false;
}

/* Could it be executed?  A name without a slash is not looked for. */
static bool
is_program(const struct spawn *s)
{
	return (s->search && view_index(view_of(s->path), '/') == view_of(s->path).len) ||
	    access(s->path, X_OK) == 0;
}

static void
show_program(struct rehearsal *r, const struct spawn *s)
{
	struct str text = { 0 };
	size_t i;

	for (i = 0; s->argv[i]; i++) {
		if (i > 0)
			str_append_byte(&text, ' ');
		str_append_text(&text, s->argv[i]);
	}
	str_append_text(&text, ", taken to agree");
	show_line(r->show, "would-run", str_view(&text), NULL);
	str_free(&text);
}

static pid_t
start(void *context, const struct spawn *s)
{
	struct rehearsal *r = context;

	if (is_helper(s->path))
		return start_really(r, s);
	if (!is_program(s)) {
		if (errno == 0)
			errno = ENOENT;
		return -1;
	}
	show_program(r, s);
	return ++r->last;
}

/* One that never ran has ended. */
static int
watch(void *context, pid_t pid)
{
	struct rehearsal *r = context;
	int fd;

	if (!is_real(r, pid))
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	spawn_through(NULL);
	fd = spawn_watch(pid);
	spawn_through(&r->hooks);
	return fd;
}

static int
wait_for(void *context, pid_t pid, struct deadline deadline, int *status)
{
	struct rehearsal *r = context;
	int result;

	*status = 0;
	if (!is_real(r, pid))
		return 0;
	spawn_through(NULL);
	result = spawn_wait(pid, deadline, status);
	spawn_through(&r->hooks);
	return result;
}

static int
kill_child(void *context, pid_t pid, int signal_number)
{
	struct rehearsal *r = context;
	int result;

	if (!is_real(r, pid))
		return 0;
	spawn_through(NULL);
	result = spawn_kill(pid, signal_number);
	spawn_through(&r->hooks);
	return result;
}

void
rehearsal_begin(struct rehearsal *r, struct show *show, const struct session *session)
{
	enum { NO_PID = 1 << 30 }; /* more than any has */

	*r = (struct rehearsal) { .show = show, .session = session, .last = NO_PID };
	r->hooks = (struct spawn_broker) { start, watch, wait_for, kill_child, r };
	spawn_through(&r->hooks);
}

void
rehearsal_end(struct rehearsal *r)
{
	(void)r;
	spawn_through(NULL);
}

/* --- the DNS -------------------------------------------------------------------------------------- */

struct rehearsal_dns {
	struct resolver base;
	struct rehearsal *rehearsal;
};

static const char *
type_name(enum dns_type type)
{
	switch (type) {
	case DNS_A:
		return "A ";
	case DNS_AAAA:
		return "AAAA ";
	case DNS_MX:
		return "MX ";
	case DNS_PTR:
		return "PTR ";
	case DNS_TXT:
		return "TXT ";
	case DNS_TLSA:
		break;
	}
	return "TLSA ";
}

/* Is the question about the client or the sender, and not about a list that they may be on? */
static bool
is_about_them(const struct session *s, struct view name)
{
	name = view_trim_root(name);
	return view_equal_nocase(name, s->transaction.sender.domain) ||
	    view_equal_nocase(name, str_view(&s->helo)) ||
	    view_equal_nocase(name, s->peer->host);
}

/* The record that lets pass: an exchanger, an address, an SPF policy. */
static bool
make_record(
    const struct session *s, const struct dns_question *question, struct dns_record *out)
{
	*out = (struct dns_record) { .name = question->name };
	switch (question->type) {
	case DNS_MX:
		return true;
	case DNS_A:
		return ip_parse(s->peer->ip, &out->ip) && out->ip.version == 4
		    ? true
		    : ip_parse(VIEW("192.0.2.1"), &out->ip);
	case DNS_AAAA:
		return ip_parse(s->peer->ip, &out->ip) && out->ip.version == 6;
	case DNS_TXT:
		out->name = VIEW("v=spf1 +all");
		return true;
	default:
		return false;
	}
}

static void
show_question(struct rehearsal *r, const struct dns_question *question, bool found)
{
	struct str text = { 0 };

	str_append_text(&text, type_name(question->type));
	str_append(&text, question->name);
	str_append_text(&text,
	    !found ? ", taken not to be there"
		: question->type == DNS_TXT
		? ", taken to be an SPF policy that allows all"
		: ", taken to be there");
	show_line(r->show, "would-ask", str_view(&text), NULL);
	str_free(&text);
}

static void
ask(struct resolver *resolver, const struct dns_question *questions, size_t count,
    struct deadline deadline, struct arena *mem, struct dns_answer *answers)
{
	struct rehearsal *r = ((struct rehearsal_dns *)resolver)->rehearsal;
	size_t i;

	(void)deadline;
	for (i = 0; i < count; i++) {
		const struct dns_question *q = &questions[i];
		struct dns_record record;
		bool found = is_about_them(r->session, q->name) &&
		    make_record(r->session, q, &record);

		answers[i] = (struct dns_answer) {
			.result = DNS_NXNAME, .asked = q->name, .canonical = q->name
		};
		if (found) {
			answers[i].result = DNS_FOUND;
			answers[i].records = arena_alloc(mem, sizeof record);
			answers[i].records[0] = record;
			answers[i].count = 1;
		}
		show_question(r, q, found);
	}
}

static void
free_dns(struct resolver *resolver)
{
	mem_free(resolver);
}

struct resolver *
rehearsal_resolver(struct rehearsal *r)
{
	struct rehearsal_dns *dns = mem_alloc(sizeof *dns);

	*dns = (struct rehearsal_dns) { { ask, free_dns, "not asked" }, r };
	return resolver_cached(&dns->base);
}
