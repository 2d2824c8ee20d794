#include "oauth/fetch.h"

#include "http/exchange.h"
#include "oauth/request.h"
#include "wire/token.h"

static bool
failed(struct oauth_answer *out, struct view words)
{
	str_clear(&out->refusal);
	token_tame(&out->refusal, words);
	return false;
}

bool
fetch_token(const struct oauth_settings *s, struct view refreshtoken, int64_t timeout_ms,
    struct oauth_answer *out)
{
	struct str form = { 0 };
	struct http_request request = {
		.url = str_text(&s->tokenurl),
		.header = "Accept: application/json",
		.form = &form,
		.cafile = s->cafile.len > 0 ? str_text(&s->cafile) : NULL,
		.octets_max = OAUTH_ANSWER_MAX,
		.timeout_ms = timeout_ms,
	};
	struct http_answer answer = { 0 };
	enum http_result result;
	bool ok;

	request_form(s, refreshtoken, &form);
	result = http_exchange(&request, &answer);
	if (result == HTTP_ANSWERED)
		ok = answer_parse(answer.code, str_view(&answer.body), out);
	else if (result == HTTP_TOO_LONG)
		ok = failed(out, VIEW("the token server's answer is too long"));
	else
		ok = failed(out, str_view(&answer.words));
	str_wipe(&form);
	http_answer_free(&answer);
	return ok;
}
