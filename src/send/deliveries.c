#include "send/deliveries.h"

#include "lib/fd.h"
#include "lib/mem.h"
#include "send/reports.h"
#include "send/sendlog.h"
#include "send/verp.h"
#include "send/walk.h"

static const char *const kind_names[CHANNELS] = { "local", "remote" };

/* Nobody has all slots, so that one that takes its time does not stop the others; but a relay that all
 * mail goes to is all there is. */
unsigned
deliveries_most(
    const struct manager *m, const struct channel *c, const struct destination *one)
{
	unsigned most = c->limit > 1 ? c->limit - (c->limit + 3) / 4 : 1;

	if (c == &m->channels[CHANNEL_LOCAL])
		return most;
	if (one->is_relay)
		most = c->limit;
	if (m->settings.per_host > 0 && m->settings.per_host < most)
		most = (unsigned)m->settings.per_host;
	return most;
}

static unsigned
free_slot(const struct channel *c)
{
	unsigned i;

	for (i = 0; i + 1 < c->spawner.slots && c->deliveries[i].job; i++)
		continue;
	return i;
}

static void
log_start(const struct manager *m, const struct job *job, uint64_t number,
    struct view recipient)
{
	struct sendlog_line line = { { 0 } };

	sendlog_text(&line, "starting delivery ");
	sendlog_number(&line, number);
	sendlog_text(&line, ": msg ");
	sendlog_number(&line, job->id);
	sendlog_text(&line, " to ");
	sendlog_text(&line, kind_names[job->kind]);
	sendlog_text(&line, " ");
	sendlog_safe(&line, recipient);
	sendlog_end(&line, MANAGER_LOG_FD);
	manager_log_status(m);
}

static void
start_one(
    struct manager *m, struct job *job, struct job_recipient *recipient, unsigned *group)
{
	struct channel *c = &m->channels[job->kind];
	unsigned slot = free_slot(c);
	struct view address = str_view(&recipient->address), messid;
	struct str sender = { 0 };
	char path[NAME_MAX_OCTETS];

	c->deliveries[slot] = (struct delivery) {
		.job = job,
		.recipient = recipient,
		.number = ++m->delivery_number,
		.group = group,
	};
	job->running++;
	job->started = true;
	c->running++;
	c->classes[job->class].running++;
	log_start(m, job, m->delivery_number, address);
	layout_path(&m->layout, LAYOUT_MESS, job->id, path);
	view_cut(view_of(path), '/', &(struct view) { 0 }, &messid);
	verp_sender(&sender, str_view(&job->sender), address);
	spawner_command(&c->spawner, slot, messid, str_view(&sender), address);
	str_free(&sender);
}

/* How many recipients of a message qmail-rspawn puts into one transaction. */
static unsigned
group_size(const struct manager *m, const struct job *job)
{
	const struct channel *c = &m->channels[job->kind];
	unsigned room = c->limit - c->running;

	if (job->kind != CHANNEL_REMOTE ||
	    view_ends(str_view(&job->sender), VIEW("-@[]")))
		return 1;
	return m->settings.together < room ? (unsigned)m->settings.together : room;
}

/* The others of that host that may go with one, at once: so qmail-rspawn finds them together. */
static void
start_others(struct manager *m, struct job *job, struct job_recipient **at,
    const struct job_recipient *first, unsigned *group, unsigned most)
{
	struct view address = str_view(&first->address);
	struct view host = view_from(address, view_rindex(address, '@'));

	while (*at && *group < most) {
		struct view other = str_view(&(*at)->address);

		if ((*at)->destination != first->destination ||
		    !view_equal_nocase(view_from(other, view_rindex(other, '@')), host)) {
			at = &(*at)->next;
			continue;
		}
		++*group;
		start_one(m, job, job_take(job, at), group);
	}
}

void
deliveries_start(struct manager *m, struct job *job, struct job_recipient **at)
{
	struct channel *c = &m->channels[job->kind];
	unsigned most = group_size(m, job);
	struct job_recipient *first = job_take(job, at);
	unsigned *group = NULL;

	if (most > 1) {
		group = mem_alloc(sizeof *group);
		*group = 1;
	}
	destination_begin(
	    &first->destination->window, deliveries_most(m, c, first->destination));
	start_one(m, job, first, group);
	if (group)
		start_others(m, job, at, first, group, most);
	if (spawner_flush(&c->spawner) < 0)
		manager_lost_spawner(m, job->kind);
}

void
deliveries_give_up(struct manager *m, struct job *job, struct job_recipient **at)
{
	struct channel *c = &m->channels[job->kind];
	struct job_recipient *recipient = job_take(job, at);
	uint64_t number = ++m->delivery_number;
	struct str report = { 0 };

	log_start(m, job, number, str_view(&recipient->address));
	str_set(&report, str_view(&recipient->destination->reason));
	reports_settle(m, job, recipient, number, &report);
	str_free(&report);
	job_recipient_free(recipient, &c->destinations);
	job->started = true;
}

/* Is it the last of those that share a connection? */
static bool
is_last_of_group(const struct delivery *d)
{
	return !d->group || *d->group == 1;
}

void
deliveries_forget(struct channel *c, struct delivery *d)
{
	struct job *job = d->job;

	if (is_last_of_group(d)) {
		d->recipient->destination->window.running--;
		mem_free(d->group);
	} else {
		--*d->group;
	}
	job_recipient_free(d->recipient, &c->destinations);
	d->job = NULL;
	job->running--;
	c->running--;
	c->classes[job->class].running--;
	c->changes++;
}

static void
end_delivery(struct manager *m, struct channel *c, struct delivery *d, struct str *report)
{
	struct job *job = d->job;
	struct destination *where = d->recipient->destination;

	if (is_last_of_group(d))
		reports_tell(m, c, where, str_view(report));
	reports_settle(m, job, d->recipient, d->number, report);
	destinations_call(&c->destinations, where);
	deliveries_forget(c, d);
	walk_ended(m, job);
	manager_log_status(m);
}

void
deliveries_read_reports(struct manager *m, enum channel_kind kind)
{
	struct channel *c = &m->channels[kind];
	struct deliveryreport_parser *parser = &c->spawner.parser;
	char buffer[4096];
	ssize_t got = fd_read(c->spawner.report_fd, buffer, sizeof buffer);
	struct view input = { buffer, got > 0 ? (size_t)got : 0 };

	if (got <= 0) {
		manager_lost_spawner(m, kind);
		return;
	}
	while (deliveryreport_next(parser, &input))
		if (parser->delnum >= c->spawner.slots ||
		    !c->deliveries[parser->delnum].job)
			sendlog_say(MANAGER_LOG_FD,
			    "warning: ", "internal error: delivery report out of range",
			    "");
		else
			end_delivery(m, c, &c->deliveries[parser->delnum], &parser->text);
}
