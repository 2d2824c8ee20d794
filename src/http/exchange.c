#include "http/exchange.h"

#include <curl/curl.h>

/* What a transfer fills, and how far. */
struct sink {
	struct str *body;
	size_t max;
};

bool
http_start(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/* libcurl's own signature; a short count ends the transfer. */
static size_t
take_body(char *octets, size_t size, size_t count, void *context)
{
	struct sink *sink = context;

	if (size * count > sink->max - sink->body->len)
		return 0;
	str_append(sink->body, (struct view) { octets, size * count });
	return size * count;
}

static bool
set_text(CURL *curl, CURLoption option, const char *text)
{
	return !text || curl_easy_setopt(curl, option, text) == CURLE_OK;
}

static bool
set_number(CURL *curl, CURLoption option, int64_t number)
{
	return curl_easy_setopt(curl, option, (long)number) == CURLE_OK;
}

/* No option may be missing: a request that is not verified must not leave. */
static bool
set_rules(CURL *curl, const struct http_request *r)
{
	return set_text(curl, CURLOPT_URL, r->url) &&
	    set_text(curl, CURLOPT_PROTOCOLS_STR, "https") &&
	    set_number(curl, CURLOPT_SSL_VERIFYPEER, 1) &&
	    set_number(curl, CURLOPT_SSL_VERIFYHOST, 2) &&
	    set_number(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2) &&
	    set_text(curl, CURLOPT_CAINFO, r->cafile) &&
	    set_number(curl, CURLOPT_FOLLOWLOCATION, 0) &&
	    set_text(curl, CURLOPT_PROXY, r->proxy ? r->proxy : "") &&
	    (!r->proxy || set_number(curl, CURLOPT_PROXYTYPE, CURLPROXY_HTTP)) &&
	    (!r->proxy || set_number(curl, CURLOPT_HTTPPROXYTUNNEL, 1)) &&
	    set_number(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1) &&
	    set_number(curl, CURLOPT_NOSIGNAL, 1) &&
	    set_number(curl, CURLOPT_TIMEOUT_MS, r->timeout_ms);
}

static bool
set_content(CURL *curl, const struct http_request *r, struct sink *sink, char *words)
{
	if (r->form &&
	    (!set_number(curl, CURLOPT_POSTFIELDSIZE, (int64_t)r->form->len) ||
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, str_text(r->form)) !=
		    CURLE_OK))
		return false;
	return curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_WRITEDATA, sink) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words) == CURLE_OK;
}

static bool
set_lists(CURL *curl, struct curl_slist *headers, struct curl_slist *addresses)
{
	return (!headers ||
		   curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK) &&
	    (!addresses ||
		curl_easy_setopt(curl, CURLOPT_RESOLVE, addresses) == CURLE_OK);
}

static enum http_result
result_of(CURLcode code)
{
	switch (code) {
	case CURLE_OK:
		return HTTP_ANSWERED;
	case CURLE_WRITE_ERROR:
		return HTTP_TOO_LONG;
	case CURLE_PEER_FAILED_VERIFICATION:
		return HTTP_UNTRUSTED;
	default:
		return HTTP_FAILED;
	}
}

static void
take_answer(CURL *curl, struct http_answer *answer)
{
	const char *type = NULL;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->code);
	if (curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type) == CURLE_OK)
		str_set(&answer->type, view_of(type));
}

/* NULL, with nothing lost, for a text that is not wanted. */
static struct curl_slist *
list_of(const char *text)
{
	return text ? curl_slist_append(NULL, text) : NULL;
}

enum http_result
http_exchange(const struct http_request *r, struct http_answer *answer)
{
	char words[CURL_ERROR_SIZE] = "";
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = list_of(r->header),
			  *addresses = list_of(r->addresses);
	struct sink sink = { &answer->body, r->octets_max };
	bool complete = curl && (headers || !r->header) && (addresses || !r->addresses);
	CURLcode code = CURLE_FAILED_INIT;

	answer->code = 0;
	str_clear(&answer->type);
	str_clear(&answer->body);
	if (complete && set_rules(curl, r) && set_content(curl, r, &sink, words) &&
	    set_lists(curl, headers, addresses))
		code = curl_easy_perform(curl);
	if (code == CURLE_OK)
		take_answer(curl, answer);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	curl_slist_free_all(addresses);
	str_set(&answer->words, view_of(words[0] ? words : curl_easy_strerror(code)));
	return result_of(code);
}

void
http_answer_free(struct http_answer *answer)
{
	str_wipe(&answer->type);
	str_wipe(&answer->body);
	str_wipe(&answer->words);
	answer->code = 0;
}
