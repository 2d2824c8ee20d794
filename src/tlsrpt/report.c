#include "tlsrpt/report.h"

#include "lib/base64.h"
#include "lib/fmt.h"
#include "lib/mem.h"
#include "wire/tlsrpt.h"

enum { LINE_OCTETS = 57 /* that are 76 in base64 */, DAY = 86400 };

/* jansson's allocator is ours: out of memory it does not return. */
static json_t *
text(struct view v)
{
	/* What is no UTF-8 is no text; the notes hold names and printable words. */
	json_t *made = json_stringn(v.at ? v.at : "", v.len);

	return made ? made : json_string("?");
}

void
report_begin(struct report *r, const struct report_origin *origin, struct view domain)
{
	json_set_alloc_funcs(mem_alloc, mem_free);
	*r = (struct report) { .origin = origin, .policies = json_array() };
	str_set(&r->domain, domain);
}

void
report_free(struct report *r)
{
	str_free(&r->domain);
	json_decref(r->policies);
	*r = (struct report) { 0 };
}

/* --- a policy ----------------------------------------------------------------------------------- */

/* Its strings, which are apart by ';', and the patterns among them. */
static void
set_strings(json_t *policy, struct view strings)
{
	json_t *all = json_array(), *hosts = json_array();
	struct view one;

	while (strings.len > 0) {
		if (!view_cut(strings, ';', &one, &strings)) {
			one = strings;
			strings = VIEW("");
		}
		json_array_append_new(all, text(one));
		if (view_starts(one, VIEW("mx: ")))
			json_array_append_new(hosts, text(view_from(one, 4)));
	}
	if (json_array_size(all) > 0)
		json_object_set(policy, "policy-string", all);
	if (json_array_size(hosts) > 0)
		json_object_set(policy, "mx-host", hosts);
	json_decref(all);
	json_decref(hosts);
}

static json_t *
new_policy(const struct tlsrpt_session *s)
{
	json_t *entry = json_object(), *policy = json_object(), *summary = json_object();

	json_object_set_new(policy, "policy-type", text(s->type));
	set_strings(policy, s->policy);
	json_object_set_new(policy, "policy-domain", text(s->domain));
	json_object_set_new(entry, "policy", policy);
	json_object_set_new(summary, "total-successful-session-count", json_integer(0));
	json_object_set_new(summary, "total-failure-session-count", json_integer(0));
	json_object_set_new(entry, "summary", summary);
	return entry;
}

/* The entry of the session's policy, which is made if it is the first. */
static json_t *
entry_of(json_t *policies, const struct tlsrpt_session *s)
{
	json_t *wanted = new_policy(s), *entry;
	size_t i;

	json_array_foreach(policies, i, entry)
	{
		if (json_equal(json_object_get(entry, "policy"),
			json_object_get(wanted, "policy"))) {
			json_decref(wanted);
			return entry;
		}
	}
	json_array_append_new(policies, wanted);
	return wanted;
}

static void
set_unless_empty(json_t *object, const char *key, struct view value)
{
	if (value.len > 0)
		json_object_set_new(object, key, text(value));
}

static void
add_failure(json_t *entry, const struct tlsrpt_session *s, uint64_t sessions)
{
	json_t *failures = json_object_get(entry, "failure-details"),
	       *one = json_object();

	if (!failures) {
		failures = json_array();
		json_object_set_new(entry, "failure-details", failures);
	}
	json_object_set_new(one, "result-type", text(s->result));
	set_unless_empty(one, "sending-mta-ip", s->own_ip);
	set_unless_empty(one, "receiving-mx-hostname", s->mx);
	set_unless_empty(one, "receiving-ip", s->ip);
	json_object_set_new(
	    one, "failed-session-count", json_integer((json_int_t)sessions));
	set_unless_empty(one, "failure-reason-code", s->detail);
	json_array_append_new(failures, one);
}

void
report_add(struct report *r, const struct tlsrpt_session *s, uint64_t sessions)
{
	json_t *entry = entry_of(r->policies, s),
	       *summary = json_object_get(entry, "summary");
	bool ok = view_equal(s->result, VIEW("ok"));
	const char *key =
	    ok ? "total-successful-session-count" : "total-failure-session-count";
	json_int_t before = json_integer_value(json_object_get(summary, key));

	json_object_set_new(summary, key, json_integer(before + (json_int_t)sessions));
	if (!ok)
		add_failure(entry, s, sessions);
}

/* --- the whole ---------------------------------------------------------------------------------- */

static void
add_id(const struct report *r, struct str *out)
{
	str_append(out, r->origin->day);
	str_append_byte(out, '.');
	str_append(out, str_view(&r->domain));
	str_append_byte(out, '@');
	str_append(out, r->origin->organization);
}

static void
set_moment(json_t *range, const char *key, struct view day, const char *time)
{
	struct str moment = { 0 };

	str_append(&moment, view_first(day, 4));
	str_append_byte(&moment, '-');
	str_append(&moment, view_first(view_from(day, 4), 2));
	str_append_byte(&moment, '-');
	str_append(&moment, view_from(day, 6));
	str_append_text(&moment, time);
	json_object_set_new(range, key, text(str_view(&moment)));
	str_free(&moment);
}

void
report_json(const struct report *r, struct str *out)
{
	json_t *all = json_object(), *range = json_object();
	struct str id = { 0 };
	char *octets;

	add_id(r, &id);
	json_object_set_new(all, "organization-name", text(r->origin->organization));
	set_moment(range, "start-datetime", r->origin->day, "T00:00:00Z");
	set_moment(range, "end-datetime", r->origin->day, "T23:59:59Z");
	json_object_set_new(all, "date-range", range);
	json_object_set_new(all, "contact-info", text(r->origin->contact));
	json_object_set_new(all, "report-id", text(str_view(&id)));
	json_object_set(all, "policies", r->policies);
	octets = json_dumps(all, JSON_INDENT(1));
	str_append_text(out, octets);
	str_append_byte(out, '\n');
	mem_free(octets);
	json_decref(all);
	str_free(&id);
}

/* --- the mail ----------------------------------------------------------------------------------- */

static void
add_field(struct str *out, const char *name, struct view value)
{
	str_append_text(out, name);
	str_append_text(out, ": ");
	str_append(out, value);
	str_append_byte(out, '\n');
}

static void
add_header(const struct report *r, struct view recipient, struct view id, struct str *out)
{
	struct str subject = { 0 };

	str_append_text(&subject, "Report Domain: ");
	str_append(&subject, str_view(&r->domain));
	str_append_text(&subject, " Submitter: ");
	str_append(&subject, r->origin->organization);
	str_append_text(&subject, " Report-ID: <");
	str_append(&subject, id);
	str_append_byte(&subject, '>');
	add_field(out, "From", r->origin->contact);
	add_field(out, "To", recipient);
	add_field(out, "Subject", str_view(&subject));
	add_field(out, "TLS-Report-Domain", str_view(&r->domain));
	add_field(out, "TLS-Report-Submitter", r->origin->organization);
	/* That TLS fails there is what it may have to tell (RFC 8460 3). */
	add_field(out, "TLS-Required", VIEW("No"));
	add_field(out, "MIME-Version", VIEW("1.0"));
	str_free(&subject);
}

static void
add_base64(struct view octets, struct str *out)
{
	while (octets.len > 0) {
		base64_encode(out, view_first(octets, LINE_OCTETS));
		str_append_byte(out, '\n');
		octets = view_from(octets, LINE_OCTETS);
	}
}

/* The boundary cannot stand in either part: '=' is no octet of a name, and base64 has no '_'. */
#define BOUNDARY "=_tls_report"

void
report_mail(
    const struct report *r, struct view recipient, struct view gzip, struct str *out)
{
	struct str id = { 0 };

	add_id(r, &id);
	add_header(r, recipient, str_view(&id), out);
	str_append_text(out,
	    "Content-Type: multipart/report; report-type=\"tlsrpt\";\n"
	    "\tboundary=\"" BOUNDARY "\"\n\n"
	    "--" BOUNDARY "\nContent-Type: text/plain; charset=us-ascii\n\n"
	    "This is a report on TLS to ");
	str_append(out, str_view(&r->domain));
	str_append_text(out, " (RFC 8460), of the day ");
	str_append(out, r->origin->day);
	str_append_text(out,
	    ".\n\n--" BOUNDARY "\nContent-Type: application/tlsrpt+gzip\n"
	    "Content-Transfer-Encoding: base64\n"
	    "Content-Disposition: attachment;\n\tfilename=\"");
	str_append(out, r->origin->organization);
	str_append_byte(out, '!');
	str_append(out, str_view(&r->domain));
	str_append_byte(out, '!');
	fmt_u64(out, r->origin->start);
	str_append_byte(out, '!');
	fmt_u64(out, r->origin->start + DAY - 1);
	str_append_text(out, ".json.gz\"\n\n");
	add_base64(gzip, out);
	str_append_text(out, "\n--" BOUNDARY "--\n");
	str_free(&id);
}
