#include "oauth/answer.h"

#include <jansson.h>

#include "lib/fmt.h"
#include "lib/scan.h"
#include "wire/token.h"

enum { HTTP_OK = 200 };

static struct view
text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_string(value))
		return VIEW("");
	return (struct view) { json_string_value(value), json_string_length(value) };
}

/* A number, or digits in a string as some servers write it. */
static uint64_t
lifetime_of(const json_t *object)
{
	const json_t *value = json_object_get(object, "expires_in");
	uint64_t seconds = OAUTH_LIFETIME;

	if (json_is_integer(value))
		seconds = json_integer_value(value) > 0
		    ? (uint64_t)json_integer_value(value)
		    : 0;
	else if (json_is_string(value) &&
	    !scan_whole_u64(text_of(object, "expires_in"), &seconds))
		seconds = OAUTH_LIFETIME;
	return seconds < OAUTH_LIFETIME_MAX ? seconds : OAUTH_LIFETIME_MAX;
}

static bool
refused(struct oauth_answer *a, long code, const char *what)
{
	str_clear(&a->refusal);
	str_append_text(&a->refusal, what);
	str_append_text(&a->refusal, " (HTTP status ");
	fmt_u64(&a->refusal, code > 0 ? (uint64_t)code : 0);
	str_append_text(&a->refusal, ")");
	return false;
}

/* "error: error_description", as the server words it. */
static bool
refused_in_words(struct oauth_answer *a, const json_t *object)
{
	struct view error = text_of(object, "error");
	struct view words = text_of(object, "error_description");

	str_clear(&a->refusal);
	token_tame(&a->refusal, error);
	if (words.len > 0)
		str_append_text(&a->refusal, ": ");
	token_tame(&a->refusal, words);
	return false;
}

static bool
judge(long code, const json_t *object, struct oauth_answer *a)
{
	struct view token = text_of(object, "access_token");
	struct view type = text_of(object, "token_type");
	struct view renewed = text_of(object, "refresh_token");

	if (text_of(object, "error").len > 0)
		return refused_in_words(a, object);
	if (code != HTTP_OK)
		return refused(a, code, "the token server refused without a word");
	if (type.len > 0 && !view_equal_nocase(type, VIEW("bearer")))
		return refused(a, code, "the token is not of type Bearer");
	if (!token_is_token(token))
		return refused(
		    a, code, "the answer has no access_token that can be used");
	if (renewed.len > 0 && !token_is_token(renewed))
		return refused(a, code, "the answer has an impossible refresh_token");
	str_set(&a->token, token);
	str_set(&a->refreshtoken, renewed);
	a->lifetime = lifetime_of(object);
	return true;
}

bool
answer_parse(long code, struct view body, struct oauth_answer *out)
{
	json_t *object;
	bool ok;

	if (body.len > OAUTH_ANSWER_MAX)
		return refused(out, code, "the token server's answer is too long");
	object = json_loadb(body.at ? body.at : "", body.len, 0, NULL);
	if (json_is_object(object))
		ok = judge(code, object, out);
	else
		ok = refused(out, code, "the token server's answer is not a JSON object");
	json_decref(object);
	return ok;
}

void
answer_free(struct oauth_answer *a)
{
	str_wipe(&a->token);
	str_wipe(&a->refreshtoken);
	str_free(&a->refusal);
	*a = (struct oauth_answer) { 0 };
}
