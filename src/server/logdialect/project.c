/* project - the suite's own lines (DESIGN 9; qmail-log(5)): lib/log.h has their form, their events and
 * their keys. */
#include "lib/fmt.h"
#include "server/logdialect/logdialect.h"

static void
add_if(struct log_line *line, enum log_key key, struct view value)
{
	if (value.len)
		log_add(line, key, value);
}

static void
add_message(struct log_line *line, const struct logevent *e)
{
	if (e->qp)
		log_add_u64(line, KEY_QP, e->qp);
	if (e->kind == LOGEVENT_ACCEPT)
		log_add_u64(line, KEY_OCTETS, e->octets);
	log_add_u64(line, KEY_RCPTS, e->transaction->count);
}

static void
add_envelope(struct log_line *line, const struct logevent *e)
{
	log_add(line, KEY_FROM, e->sender);
	add_if(line, KEY_TO, e->recipient);
	log_add(line, KEY_HELO, e->helo);
}

static void
add_accept(struct log_line *line, const struct logevent *e)
{
	add_message(line, e);
	add_if(line, KEY_USER, e->user);
	add_if(line, KEY_PROTO, e->proto);
	add_if(line, KEY_CIPHER, e->cipher);
	log_add_u64(line, KEY_MS, e->ms);
	add_envelope(line, e);
}

static void
add_refuse(struct log_line *line, const struct logevent *e)
{
	log_add_u64(line, KEY_CODE, e->why->reply.code);
	log_add_text(line, KEY_CHECK, e->why->check);
	if (e->why->file)
		log_add_place(line, KEY_BY, e->why->file, e->why->line);
	if (e->why->reason)
		log_add_text(line, KEY_REASON, e->why->reason);
	if (e->why->count)
		log_add_u64(line, KEY_COUNT, e->why->count);
	if (e->transaction)
		add_message(line, e);
	add_if(line, KEY_USER, e->user);
	add_envelope(line, e);
	if (e->transaction)
		log_add(line, KEY_TEXT, e->why->reply.text);
}

static void
add_end(struct log_line *line, const struct logevent *e)
{
	log_add(line, KEY_REASON, e->reason);
	add_if(line, KEY_USER, e->user);
	log_add_u64(line, KEY_MS, e->ms);
	log_add(line, KEY_HELO, e->helo);
}

static void
add_tls(struct log_line *line, const struct logevent *e)
{
	log_add_text(line, KEY_RESULT, e->result);
	add_if(line, KEY_PROTO, e->proto);
	add_if(line, KEY_CIPHER, e->cipher);
	add_if(line, KEY_REASON, e->reason);
}

static void
add_auth(struct log_line *line, const struct logevent *e)
{
	log_add_text(line, KEY_RESULT, e->result);
	log_add(line, KEY_MECH, e->mechanism);
	log_add(line, KEY_USER, e->login);
	add_if(line, KEY_REASON, e->reason);
	log_add(line, KEY_HELO, e->helo);
}

static void
add_spf(struct log_line *line, const struct logevent *e)
{
	log_add_text(line, KEY_RESULT, e->result);
	add_if(line, KEY_MECH, e->term);
	add_if(line, KEY_REASON, e->reason);
	log_add(line, KEY_FROM, e->sender);
	log_add(line, KEY_HELO, e->helo);
}

static void
add_dnscheck(struct log_line *line, const struct logevent *e)
{
	log_add_text(line, KEY_CHECK, e->check);
	log_add_text(line, KEY_RESULT, e->result);
	log_add(line, KEY_HOST, e->host);
	add_if(line, KEY_TEXT, e->reason);
}

static void
add_command(struct log_line *line, const struct logevent *e)
{
	log_add(line, KEY_VERB, e->verb);
	log_add_u64(line, KEY_CODE, e->code);
}

enum { LEVEL_COMMANDS = 2 };

/* No row: no line. */
static const struct {
	enum log_event event;
	void (*add)(struct log_line *line, const struct logevent *e);
	int level;
} rows[] = {
	[LOGEVENT_COMMAND] = { LOG_COMMAND, add_command, LEVEL_COMMANDS },
	[LOGEVENT_TLS] = { LOG_TLS, add_tls, 0 },
	[LOGEVENT_AUTH] = { LOG_AUTH, add_auth, 0 },
	[LOGEVENT_ACCEPT] = { LOG_ACCEPT, add_accept, 0 },
	[LOGEVENT_REFUSE] = { LOG_REFUSE, add_refuse, 0 },
	[LOGEVENT_SPF] = { LOG_SPF, add_spf, 0 },
	[LOGEVENT_DNSCHECK] = { LOG_DNSCHECK, add_dnscheck, 0 },
	[LOGEVENT_END] = { LOG_END, add_end, 0 },
};

void
logdialect_project(const struct logevent *e, struct str *out)
{
	struct log_line line;

	if (!rows[e->kind].add || e->log->level < rows[e->kind].level)
		return;
	log_begin(&line, e->log, rows[e->kind].event);
	rows[e->kind].add(&line, e);
	log_take(&line, out);
}
