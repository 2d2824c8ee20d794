/* server/logdialect: whatever a client says, the lines of each dialect end where we end them, hold
 * printable ASCII only, and are short enough for one write to a pipe. */
#include <stdint.h>
#include <stdlib.h>

#include "server/logdialect/logdialect.h"

enum { PIPE_AT_ONCE = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(struct view lines)
{
	while (lines.len > 0) {
		size_t i, end = view_index(lines, '\n');

		if (end == lines.len || end >= PIPE_AT_ONCE)
			abort();
		for (i = 0; i < end; i++)
			if (lines.at[i] < 0x20 || lines.at[i] > 0x7e)
				abort();
		lines = view_from(lines, end + 1);
	}
}

static void
format_all(const struct logevent *e)
{
	static logdialect_format *const formats[] = { logdialect_project,
		logdialect_chkuser, logdialect_indimail, logdialect_jms1, logdialect_ldap,
		logdialect_sagredo, logdialect_sqmail };
	struct str out = { 0 };
	size_t i;

	for (i = 0; i < sizeof formats / sizeof *formats; i++) {
		str_clear(&out);
		formats[i](e, &out);
		check(str_view(&out));
	}
	str_free(&out);
}

/* The first octets choose kind, place and check; the rest is what the client says, everywhere. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const checks[] = { "rcpthosts", "badhelo", "badmailfrom",
		"badrcptto", "queue", "databytes", "dnsbl", "spf", "validrcptto_cdb",
		"mfcheck", "maxrcpt", "auth" };
	static const char *const results[] = { "ok", "failed", "refused", "error" };
	struct view v = { (const char *)data, size };
	struct log log = { .program = "qmail-smtpd", .level = 2 };
	struct recipient second = { .address = v },
			 first = { .next = &second, .address = v };
	struct transaction t = { .first = &first, .last = &second, .count = 2 };
	struct ruling why = { .check = checks[size ? data[0] % 12 : 0] };
	struct logevent e = { .log = &log };

	if (size < 3)
		return 0;
	v = view_from(v, 3);
	log.ip = first.address = second.address = e.rule = v;
	why.reply = (struct reply) { data[0] & 16 ? 553 : 451, v, v };
	e.kind = (enum logevent_kind)(data[1] % (LOGEVENT_END + 1));
	e.place = e.kind == LOGEVENT_ACCEPT
	    ? LOGEVENT_AT_DATA
	    : (enum logevent_place)(data[2] % (LOGEVENT_AT_DATA + 1));
	e.remote_host = e.remote_info = e.remote_port = e.local = e.local_ip = v;
	e.local_port = e.helo = e.user = e.method = e.proto = e.cipher = v;
	e.sender = e.recipient = e.login = e.mechanism = e.reason = e.term = v;
	e.host = e.verb = e.identity = v;
	e.transaction = e.place == LOGEVENT_AT_DATA ? &t : NULL;
	e.why = &why;
	e.check = data[0] & 32 ? "dnsbl" : "mfcheck";
	e.result = results[data[0] / 64];
	e.wants_rule = e.wants_mail = e.wants_rcpt = e.has_tls = data[2] & 64;
	e.level = 4;
	format_all(&e);
	return 0;
}
