#include "oauth/fetch.h"

#include <curl/curl.h>

#include "oauth/request.h"
#include "wire/token.h"

bool
fetch_start(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/* libcurl's own signature; a short count ends the transfer. */
static size_t
take_body(char *octets, size_t size, size_t count, void *context)
{
	struct str *body = context;

	if (size * count > OAUTH_ANSWER_MAX - body->len)
		return 0;
	str_append(body, (struct view) { octets, size * count });
	return size * count;
}

/* No option may be missing: a request that is not verified must not leave. */
static bool
set_options(CURL *curl, const struct oauth_settings *s, const struct str *form,
    struct str *body, int64_t timeout_ms)
{
	return curl_easy_setopt(curl, CURLOPT_URL, str_text(&s->tokenurl)) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ==
	    CURLE_OK &&
	    (s->cafile.len == 0 ||
		curl_easy_setopt(curl, CURLOPT_CAINFO, str_text(&s->cafile)) ==
		    CURLE_OK) &&
	    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)form->len) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, str_text(form)) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body) == CURLE_OK;
}

static bool
failed(struct oauth_answer *out, const char *words)
{
	str_clear(&out->refusal);
	token_tame(&out->refusal, view_of(words));
	return false;
}

/* Post the form; *code is that of HTTP. */
static bool
post(const struct oauth_settings *s, const struct str *form, int64_t timeout_ms,
    struct str *body, long *code, struct oauth_answer *out)
{
	char words[CURL_ERROR_SIZE] = "";
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
	CURLcode result = CURLE_FAILED_INIT;

	if (curl && headers && set_options(curl, s, form, body, timeout_ms) &&
	    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words) == CURLE_OK)
		result = curl_easy_perform(curl);
	if (result == CURLE_OK)
		result = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, code);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	if (result == CURLE_WRITE_ERROR)
		return failed(out, "the token server's answer is too long");
	return result == CURLE_OK ||
	    failed(out, words[0] ? words : curl_easy_strerror(result));
}

bool
fetch_token(const struct oauth_settings *s, struct view refreshtoken, int64_t timeout_ms,
    struct oauth_answer *out)
{
	struct str form = { 0 }, body = { 0 };
	long code = 0;
	bool ok;

	request_form(s, refreshtoken, &form);
	ok = post(s, &form, timeout_ms, &body, &code, out) &&
	    answer_parse(code, str_view(&body), out);
	str_wipe(&form);
	str_wipe(&body);
	return ok;
}
