#include "sts/fetch.h"

#include "config/control.h"
#include "http/place.h"
#include "lib/fmt.h"
#include "wire/token.h"

enum { OK = 200 };

enum answer
fetch_settings_read(
    struct fetch_settings *out, int64_t timeout_ms, struct problem *problem)
{
	struct fetch_settings s = { .timeout_ms = timeout_ms };

	if (control_line("control/stscafile", &s.cafile, problem) == ANSWER_ERROR ||
	    control_line("control/stsproxy", &s.proxy, problem) == ANSWER_ERROR) {
		fetch_settings_free(&s);
		return ANSWER_ERROR;
	}
	*out = s;
	return ANSWER_YES;
}

void
fetch_settings_free(struct fetch_settings *s)
{
	str_free(&s->cafile);
	str_free(&s->proxy);
}

static enum sts_failure
failed(struct str *why, enum sts_failure failure, struct view words)
{
	str_clear(why);
	token_tame(why, words);
	return failure;
}

/* --- what came ---------------------------------------------------------------------------------- */

/* Parameters behind the type are of no interest. */
static bool
is_text_plain(struct view type)
{
	struct view before, rest;

	if (view_cut(type, ';', &before, &rest))
		type = before;
	return view_equal_nocase(
	    view_trim_right(view_trim_left(type)), VIEW("text/plain"));
}

static enum sts_failure
wrong_code(struct str *why, long code)
{
	struct str words = { 0 };

	str_append_text(&words, "the policy host answered with HTTP status ");
	fmt_u64(&words, code > 0 ? (uint64_t)code : 0);
	failed(why, STS_FETCH_ERROR, str_view(&words));
	str_free(&words);
	return STS_FETCH_ERROR;
}

static enum sts_failure
take_answer(const struct http_answer *answer, struct policy *out, struct str *why)
{
	const char *wrong;

	if (answer->code != OK)
		return wrong_code(why, answer->code);
	if (!is_text_plain(str_view(&answer->type)))
		return failed(why, STS_FETCH_ERROR, VIEW("the policy is not text/plain"));
	wrong = policy_parse(str_view(&answer->body), out);
	if (!wrong)
		return STS_FINE;
	return failed(why, STS_INVALID, view_of(wrong));
}

static enum sts_failure
exchange(const struct http_request *request, struct policy *out, struct str *why)
{
	struct http_answer answer = { 0 };
	enum sts_failure failure = STS_FETCH_ERROR;

	switch (http_exchange(request, &answer)) {
	case HTTP_ANSWERED:
		failure = take_answer(&answer, out, why);
		break;
	case HTTP_TOO_LONG:
		failed(why, failure, VIEW("the policy is longer than 65536 octets"));
		break;
	case HTTP_UNTRUSTED:
		failure = failed(why, STS_WEBPKI, str_view(&answer.words));
		break;
	case HTTP_FAILED:
		failed(why, failure, str_view(&answer.words));
		break;
	}
	http_answer_free(&answer);
	return failure;
}

enum sts_failure
fetch_policy(struct resolver *r, const struct fetch_settings *s, struct view domain,
    struct policy *out, struct str *why)
{
	struct str host = { 0 }, url = { 0 }, addresses = { 0 };
	struct http_request request = { .octets_max = STS_POLICY_MAX,
		.timeout_ms = s->timeout_ms };
	enum sts_failure failure;

	str_append_text(&host, "mta-sts.");
	str_append(&host, domain);
	str_append_text(&url, "https://");
	str_append(&url, str_view(&host));
	str_append_text(&url, "/.well-known/mta-sts.txt");
	if (s->proxy.len > 0)
		request.proxy = str_text(&s->proxy);
	else if (place_find(r, str_view(&host), &addresses))
		request.addresses = str_text(&addresses);
	request.url = str_text(&url);
	request.cafile = s->cafile.len > 0 ? str_text(&s->cafile) : NULL;
	if (request.proxy || request.addresses)
		failure = exchange(&request, out, why);
	else
		failure = failed(
		    why, STS_FETCH_ERROR, VIEW("no address of the policy host is found"));
	str_free(&host);
	str_free(&url);
	str_free(&addresses);
	return failure;
}
