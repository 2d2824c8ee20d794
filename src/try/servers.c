#include "try/servers.h"

#include "client/clearmemory.h"
#include "client/refusals.h"
#include "client/tcpto.h"
#include "lib/fmt.h"
#include "route/authrules.h"
#include "try/expiry.h"
#include "try/secrets.h"
#include "wire/tlsa.h"

/* --- TLS -------------------------------------------------------------------------------------- */

/* A list with commas between, as a list with blanks. */
static void
append_list(struct str *out, struct view list)
{
	size_t i;

	for (i = 0; i < list.len; i++) {
		str_append_byte(out, list.at[i]);
		if (list.at[i] == ',')
			str_append_byte(out, ' ');
	}
}

static void
append_names(struct str *out, const struct tlschoice *tls)
{
	str_append_text(out, "name ");
	append_list(out, str_view(&tls->name));
	if (tls->also.len > 0) {
		str_append_text(out, tls->name.len > 0 ? ", " : "");
		append_list(out, str_view(&tls->also));
	}
}

static void
append_issuer(struct str *out, const struct tlschoice *tls)
{
	str_append_text(out, "issued by ");
	if (tls->trust.len > 0)
		str_append(out, str_view(&tls->trust));
	else
		str_append_text(out, "whom the system trusts");
}

/* "TLSA 3 1 1, 2 0 1": without the data, which are long. */
static void
append_records(struct str *out, struct view list)
{
	const char *between = "TLSA ";
	struct tlsa record;

	while (tlsa_next(&list, &record)) {
		str_append_text(out, between);
		fmt_u64(out, record.usage);
		str_append_byte(out, ' ');
		fmt_u64(out, record.selector);
		str_append_byte(out, ' ');
		fmt_u64(out, record.matching);
		between = ", ";
	}
}

/* What the certificate must show. */
static void
append_demand(struct str *out, const struct tlschoice *tls)
{
	switch (tls->level) {
	case TLS_NONE:
	case TLS_LEVELS:
		break;
	case TLS_MAY:
		str_append_text(out,
		    "nothing: any certificate will do, and clear text where there is no "
		    "TLS");
		break;
	case TLS_ENCRYPT:
		str_append_text(out, "nothing: any certificate will do");
		break;
	case TLS_CHAIN:
		append_issuer(out, tls);
		break;
	case TLS_FINGERPRINT:
		str_append_text(out, "fingerprint ");
		append_list(out, str_view(&tls->fingerprints));
		break;
	case TLS_SECURE:
	case TLS_VERIFY:
		append_names(out, tls);
		str_append_text(out, ", ");
		append_issuer(out, tls);
		break;
	case TLS_DANE:
	case TLS_DANE_ONLY:
		append_records(out, str_view(&tls->tlsa));
		break;
	}
}

static void
show_if(struct show *show, const char *name, const struct str *value)
{
	if (value->len > 0)
		show_line(show, name, str_view(value), NULL);
}

static void
describe_tls(struct show *show, const struct tlschoice *tls)
{
	struct str demand = { 0 };

	show_text(show, "tls", tls->policy ? tls->policy : "none",
	    tls->from.text[0] ? tls->from.text : "by default");
	append_demand(&demand, tls);
	show_if(show, "verify", &demand);
	show_if(show, "ciphers", &tls->ciphers);
	show_if(show, "certificate", &tls->cert);
	if (tls->wrong_name)
		show_text(show, "refused", "not a name that the policy trusts", NULL);
	if (tls->refusal.len > 0)
		show_remote(show, "refused", str_view(&tls->refusal));
	str_free(&demand);
}

/* --- AUTH ------------------------------------------------------------------------------------- */

static void
append_mechanisms(struct str *out, const struct authrules_mechanisms *mechanisms,
    const struct credential *credential)
{
	size_t i;

	for (i = 0; i < mechanisms->count; i++)
		if (sasl_is_for(mechanisms->list[i], credential)) {
			str_append_text(out, out->len > 0 ? " " : "");
			str_append_text(out, sasl_name(mechanisms->list[i]));
		}
}

/* Which of the reasons for letting it go in clear is it? */
static const char *
clear_from(const struct task *task, const struct target *target)
{
	if (task->route.value.allow_clear)
		return task->route.credential_from.text;
	return ip_is_loopback(&target->ip) ? "loopback" : "control/authclear";
}

/* By what, and over what, the credential may go.  False: `problem` says why nobody knows. */
static bool
describe_auth(struct show *show, const struct task *task, const struct target *target,
    bool clear_allowed, struct problem *problem)
{
	const struct credential *credential = &task->route.credential;
	struct authrules_mechanisms mechanisms;
	struct str text = { 0 };

	if (!credential_is_set(credential))
		return true;
	if (authrules_mechanisms(target->name, str_view(&task->route.mechanisms),
		&mechanisms, problem) == ANSWER_ERROR)
		return false;
	append_mechanisms(&text, &mechanisms, credential);
	show_line(show, "auth", str_view(&text), NULL);
	str_free(&text);
	if (clear_allowed)
		show_text(show, "auth-in-clear", "allowed", clear_from(task, target));
	return true;
}

/* A credential whose relay nobody has to be. */
static void
warn_of_exposure(struct show *show, const struct task *task, const struct target *target,
    const struct tlschoice *tls)
{
	if (!credential_is_set(&task->route.credential) || tls->level >= TLS_SECURE ||
	    ip_is_loopback(&target->ip))
		return;
	show_warning(show, tls->from.text[0] ? tls->from.text : clear_from(task, target),
	    tls->level == TLS_ENCRYPT
		? VIEW("the credential goes to whoever answers at the relay's address")
		: VIEW("the credential may go in clear, or to whoever answers at the "
		       "relay's address"));
}

void
servers_check_refusals(struct show *show, const struct task *task)
{
	const struct relaylist *relays = &task->route.relays;
	struct report ignored = { 0 };
	size_t i;

	for (i = 0; i < relays->count && credential_is_set(&task->route.credential);
	     i++) {
		struct refusal refusal = {
			.relay = str_view(&relays->relays[i].name),
			.credential = &task->route.credential,
			.end = task->end,
		};

		if (refusals_has(&refusal, &ignored))
			show_line(show, "refused-lately", refusal.relay,
			    task->route.credential_from.text);
	}
	report_free(&ignored);
}

/* --- servers ---------------------------------------------------------------------------------- */

static void
describe_name(struct show *show, const struct task *task, const struct target *target)
{
	struct str text = { 0 };

	show_append_server(&text, target->name, target->port);
	if (task->route.relays.count == 0) {
		str_append_text(&text, ", preference ");
		fmt_u64(&text, target->preference);
	}
	show_line(show, "server", str_view(&text), NULL);
	str_free(&text);
}

static bool
speaks_qmtp(const struct task *task, const struct target *target)
{
	return target->qmtp || task->route.value.protocol == ROUTE_QMTP;
}

static void
describe_protocol(struct show *show, const struct task *task, const struct target *target)
{
	struct str text = { 0 };

	str_append_text(&text, speaks_qmtp(task, target) ? "QMTP" : "SMTP");
	if (target->implicit_tls)
		str_append_text(&text, ", TLS from the first octet");
	show_line(show, "protocol", str_view(&text), NULL);
	str_free(&text);
}

static void
check_own_certificate(struct show *show, const struct tlschoice *tls, int64_t now)
{
	if (tls->cert.len == 0)
		return;
	expiry_check_file(show, str_text(&tls->cert), now);
	secrets_check_file(show, str_text(tls->key.len > 0 ? &tls->key : &tls->cert));
}

static bool
describe_server(struct show *show, const struct task *task, const struct target *target,
    int64_t now, struct tlschoice *tls, struct problem *problem)
{
	bool clear_allowed, ok;

	describe_name(show, task, target);
	describe_protocol(show, task, target);
	if (attempt_choose_tls(task, target, tls, &clear_allowed, problem) ==
	    ANSWER_ERROR)
		return false;
	describe_tls(show, tls);
	ok = describe_auth(show, task, target, clear_allowed, problem);
	warn_of_exposure(show, task, target, tls);
	check_own_certificate(show, tls, now);
	return ok;
}

static void
describe_address(struct show *show, const struct task *task, const struct target *target,
    const struct tlschoice *tls, int64_t now)
{
	struct tcpto_rules rules = tcpto_usual_rules(0);
	struct str text = { 0 };

	if (task->route.value.has_penalty)
		rules.penalty = task->route.value.penalty;
	ip_format(&text, &target->ip);
	if (tcpto_look_up(&target->ip, &rules, now).blocked)
		str_append_text(
		    &text, ", which timed out lately and is left out (qmail-tcpto)");
	if (tls->level == TLS_MAY && !credential_is_set(&task->route.credential) &&
	    clearmemory_has(NULL, &target->ip, target->port, task->end))
		str_append_text(&text, ", whose TLS failed lately: in clear");
	show_line(show, "address", str_view(&text), NULL);
	str_free(&text);
}

/* The first of its name in the list? */
static bool
is_new(const struct targets *targets, size_t i)
{
	const struct target *one = &targets->list[i];

	return i == 0 || !view_equal(one->name, one[-1].name) ||
	    one->port != one[-1].port || one->qmtp != one[-1].qmtp;
}

bool
servers_describe(struct show *show, const struct task *task,
    const struct targets *targets, int64_t now, struct problem *problem)
{
	struct problem later = { 0 };
	struct tlschoice tls = { 0 };
	bool good = true;
	size_t i;

	for (i = 0; i < targets->count; i++) {
		const struct target *t = &targets->list[i];

		if (is_new(targets, i)) {
			tlschoice_free(&tls);
			if (i == 0)
				good = describe_server(show, task, t, now, &tls, problem);
			else if (!describe_server(show, task, t, now, &tls, &later))
				show_problem(show, &later);
		}
		describe_address(show, task, t, &tls, now);
	}
	tlschoice_free(&tls);
	return good;
}
