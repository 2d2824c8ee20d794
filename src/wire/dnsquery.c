#include "wire/dnsquery.h"

#include <string.h>

#include "wire/kinds.h"

enum {
	FLAG_AUTHENTIC = 1,
	/* field header, result, reason, flags, two lengths, count: what every answer takes */
	ANSWER_LEAST = 4 + 3 + 2 + 2 + 2,
};

static const char *const reason_texts[] = {
	[DNS_REASON_NONE] = "none",
	[DNS_REASON_HELPER] = "no answer from qmail-dns",
	[DNS_REASON_TIMEOUT] = "timeout",
	[DNS_REASON_SERVFAIL] = "no resolver could answer",
	[DNS_REASON_FORMERR] = "FORMERR",
	[DNS_REASON_BROKEN] = "broken packet",
	[DNS_REASON_TOO_LONG] = "answer too long",
	[DNS_REASON_CONFIG] = "no usable list of resolvers",
	[DNS_REASON_LIMIT] = "too many questions",
};

const char *
dnsquery_reason_text(enum dns_reason reason)
{
	return (unsigned)reason < DNS_REASON_COUNT ? reason_texts[reason] : "unknown";
}

struct dns_answer
dnsquery_failed(struct view name, enum dns_reason reason)
{
	return (struct dns_answer) {
		.result = DNS_FAILED, .reason = reason, .asked = name, .canonical = name
	};
}

static void
add_number(struct str *out, uint32_t n, int octets)
{
	while (octets-- > 0)
		str_append_byte(out, (char)(n >> (8 * octets) & 0xff));
}

static void
add_counted(struct str *out, struct view octets)
{
	add_number(out, (uint32_t)octets.len, 2);
	str_append(out, octets);
}

/* Take a number, or so many octets, from the front of what is left.  False if that is too short. */
static bool
take_number(struct view *rest, int octets, uint32_t *out)
{
	uint32_t n = 0;
	int i;

	if (rest->len < (size_t)octets)
		return false;
	for (i = 0; i < octets; i++)
		n = n << 8 | (unsigned char)rest->at[i];
	*rest = view_from(*rest, (size_t)octets);
	*out = n;
	return true;
}

static bool
take_counted(struct view *rest, struct view *out)
{
	uint32_t len;

	if (!take_number(rest, 2, &len) || rest->len < len)
		return false;
	*out = view_first(*rest, len);
	*rest = view_from(*rest, len);
	return true;
}

void
dnsquery_add_question(struct str *packet, const struct dns_question *question)
{
	struct str field = { 0 };

	add_number(&field, question->type, 2);
	str_append(&field, question->name);
	frame_add(packet, TAG_QUESTION, str_view(&field));
	str_free(&field);
}

static bool
type_is_known(uint32_t type)
{
	switch (type) {
	case DNS_A:
	case DNS_PTR:
	case DNS_MX:
	case DNS_TXT:
	case DNS_AAAA:
	case DNS_TLSA:
		return true;
	default:
		return false;
	}
}

size_t
dnsquery_questions(const struct frame *frame, struct dns_question *out, size_t size)
{
	struct view rest = frame->fields, field;
	uint16_t tag;
	uint32_t type;
	size_t count = 0;

	while (frame_next(&rest, &tag, &field)) {
		if (tag != TAG_QUESTION)
			continue;
		if (count == size || !take_number(&field, 2, &type) ||
		    !type_is_known(type) || field.len > DNS_NAME_OCTETS)
			return 0;
		out[count++] =
		    (struct dns_question) { .name = field, .type = (enum dns_type)type };
	}
	return count;
}

static struct view
address_octets(const struct ip *ip)
{
	return (struct view) { (const char *)ip->bytes, ip->version == 4 ? 4 : 16 };
}

static void
add_record(struct str *out, enum dns_type type, const struct dns_record *record)
{
	struct str data = { 0 };

	if (type == DNS_MX)
		add_number(&data, record->preference, 2);
	str_append(&data,
	    type == DNS_A || type == DNS_AAAA ? address_octets(&record->ip)
					      : record->name);
	add_number(out, record->ttl, 4);
	add_counted(out, str_view(&data));
	str_free(&data);
}

/* The whole field.  False if it is longer than `most`. */
static bool
pack_answer(
    struct str *field, enum dns_type type, const struct dns_answer *answer, size_t most)
{
	size_t i;

	str_clear(field);
	add_number(field, answer->result, 1);
	add_number(field, answer->reason, 1);
	add_number(field, answer->authentic ? FLAG_AUTHENTIC : 0, 1);
	add_counted(field, answer->asked);
	add_counted(field, answer->canonical);
	add_number(field, (uint32_t)answer->count, 2);
	for (i = 0; i < answer->count && field->len <= most; i++)
		add_record(field, type, &answer->records[i]);
	return field->len <= most;
}

void
dnsquery_add_answer(
    struct str *packet, enum dns_type type, const struct dns_answer *answer, size_t left)
{
	struct dns_answer too_long = dnsquery_failed(VIEW(""), DNS_REASON_TOO_LONG);
	size_t kept = packet->len + 4 + left * ANSWER_LEAST;
	struct str field = { 0 };

	if (!pack_answer(&field, type, answer, kept < FRAME_MAX ? FRAME_MAX - kept : 0))
		pack_answer(&field, type, &too_long, 0);
	frame_add(packet, TAG_ANSWER, str_view(&field));
	str_free(&field);
}

static bool
take_address(struct view data, enum dns_type type, struct ip *out)
{
	*out = (struct ip) { .version = type == DNS_A ? 4 : 6 };
	if (data.len != address_octets(out).len)
		return false;
	memcpy(out->bytes, data.at, data.len);
	return true;
}

static bool
take_record(
    struct view *rest, enum dns_type type, struct arena *mem, struct dns_record *out)
{
	struct dns_record record = { 0 };
	struct view data;
	uint32_t preference = 0;

	if (!take_number(rest, 4, &record.ttl) || !take_counted(rest, &data))
		return false;
	if (type == DNS_A || type == DNS_AAAA) {
		if (!take_address(data, type, &record.ip))
			return false;
	} else {
		if (type == DNS_MX && !take_number(&data, 2, &preference))
			return false;
		record.name = arena_copy(mem, data);
	}
	record.preference = (uint16_t)preference;
	*out = record;
	return true;
}

static bool
take_answer(
    struct view field, enum dns_type type, struct arena *mem, struct dns_answer *out)
{
	struct dns_answer answer = { 0 };
	uint32_t result, reason, flags, count;
	struct view asked, canonical;
	size_t i;

	if (!take_number(&field, 1, &result) || !take_number(&field, 1, &reason) ||
	    !take_number(&field, 1, &flags) || !take_counted(&field, &asked) ||
	    !take_counted(&field, &canonical) || !take_number(&field, 2, &count))
		return false;
	if (result > DNS_BADNAME || count > DNS_RECORDS_MAX ||
	    (result == DNS_FOUND) != (count > 0))
		return false;
	answer.records = count ? arena_alloc(mem, count * sizeof *answer.records) : NULL;
	for (i = 0; i < count; i++)
		if (!take_record(&field, type, mem, &answer.records[i]))
			return false;
	if (field.len > 0)
		return false;
	answer.result = (enum dns_result)result;
	answer.reason = (enum dns_reason)reason;
	answer.authentic = (flags & FLAG_AUTHENTIC) != 0;
	answer.count = count;
	answer.asked = arena_copy(mem, asked);
	answer.canonical = arena_copy(mem, canonical);
	*out = answer;
	return true;
}

bool
dnsquery_answers(const struct frame *frame, const struct dns_question *questions,
    size_t count, struct arena *mem, struct dns_answer *out)
{
	struct view rest = frame->fields, field;
	struct dns_answer answers[DNS_QUESTIONS_MAX];
	uint16_t tag;
	size_t seen = 0;

	while (frame_next(&rest, &tag, &field)) {
		if (tag != TAG_ANSWER)
			continue;
		if (seen == count || seen == DNS_QUESTIONS_MAX ||
		    !take_answer(field, questions[seen].type, mem, &answers[seen]))
			return false;
		seen++;
	}
	if (seen != count)
		return false;
	memcpy(out, answers, count * sizeof *out);
	return true;
}
