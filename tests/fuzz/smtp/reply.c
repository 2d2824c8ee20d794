/* Texts of others in our replies and in Received: a text of a filter, a list or a plugin stays one line, and what a client
 * says of itself stays in the two lines of the field. */
#include "fuzz/fuzz.h"

#include "smtp/received.h"
#include "smtp/reply.h"

static size_t
count(struct view text, char c)
{
	size_t i, found = 0;

	for (i = 0; i < text.len; i++)
		found += text.at[i] == c;
	return found;
}

static void
check_line(struct view line, unsigned code, char separator)
{
	size_t i;

	claim(line.len >= 6 && (unsigned)(line.at[0] - '0') == code / 100 &&
	    line.at[3] == separator);
	claim(line.at[line.len - 2] == '\r' && line.at[line.len - 1] == '\n');
	for (i = 0; i < line.len - 2; i++)
		claim(line.at[i] == '\t' ||
		    ((unsigned char)line.at[i] >= ' ' && line.at[i] != 0x7f));
}

static void
check_reply(struct view text, unsigned code, struct view status)
{
	struct reply reply = { code, text, status };
	struct str line = { 0 }, enhanced = { 0 };

	reply_format(&line, &reply);
	check_line(str_view(&line), code, ' ');
	str_clear(&line);
	reply_format_more(&line, &reply);
	check_line(str_view(&line), code, '-');
	str_clear(&line);
	reply_enhance(&reply, &enhanced);
	reply_format(&line, &reply);
	check_line(str_view(&line), code, ' ');
	str_free(&line);
	str_free(&enhanced);
}

static void
check_received(struct view text)
{
	struct str out = { 0 };
	struct received r = { .host = text,
		.ip = text,
		.helo = VIEW("x"),
		.info = text,
		.has_info = true,
		.by = VIEW("mx.example.net"),
		.protocol = "ESMTPS",
		.tls = VIEW("TLSv1.3"),
		.cipher = VIEW("TLS_AES_256_GCM_SHA384"),
		.now = 1795880400 };

	received_format(&out, &r);
	claim(count(str_view(&out), '\n') == 2 &&
	    view_starts(str_view(&out), VIEW("Received: from ")) &&
	    view_ends(str_view(&out), VIEW("\n")));
	r.helo = text;
	r.host = VIEW("unknown");
	str_clear(&out);
	received_format(&out, &r);
	claim(count(str_view(&out), '\n') == 2 && count(str_view(&out), '\0') == 0);
	str_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned codes[] = { 250, 354, 451, 553 };
	struct view text = { (const char *)data, size };
	size_t i;

	for (i = 0; i < sizeof codes / sizeof *codes; i++) {
		check_reply(text, codes[i], VIEW(""));
		check_reply(text, codes[i], VIEW("5.7.1"));
	}
	check_received(text);
	return 0;
}
