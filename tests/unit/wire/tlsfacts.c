/* tlsfacts: what the caller makes of an answer of qmail-tls, which may be a stranger's. */
#include "wire/tlsfacts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/kinds.h"

static void
facts_of(struct str *packet, struct tls_facts *facts)
{
	struct frame frame;

	assert_true(frame_parse(str_view(packet), &frame));
	tls_facts_from(&frame, facts);
}

static void
good(void **state)
{
	struct str packet = { 0 };
	struct tls_facts facts = { 0 };

	(void)state;
	frame_start(&packet, WIRE_TLS_SERVER, FRAME_OK, 1, 0);
	frame_add(&packet, TAG_TLS_PROTOCOL, VIEW("TLSv1.3"));
	frame_add(&packet, TAG_TLS_CIPHER, VIEW("TLS_AES_256_GCM_SHA384"));
	frame_add(&packet, TAG_TLS_SNI, VIEW("mx.example.org"));
	frame_add(&packet, TAG_TLS_VERIFY, VIEW("ok"));
	frame_add(&packet, TAG_TLS_PEER, VIEW("CN=client"));
	frame_add(&packet, TAG_TLS_BINDING, VIEW("\0\1\2\3"));
	frame_add(&packet, TAG_TLS_EMAIL, VIEW("a@example.org"));
	frame_add(&packet, TAG_TLS_EMAIL, VIEW("b@example.org"));
	frame_add(&packet, TAG_TLS_RESUMED, VIEW(""));
	frame_add(&packet, TAG_TLS_MATCHED, VIEW("2 1 1"));
	frame_add(&packet, TAG_TLS_DEPTH, VIEW("\1"));
	frame_add(&packet, TAG_TLS_ENDS, VIEW("1795878000"));
	frame_add(&packet, TAG_TLS_ABOUT, VIEW("issuer CN=ca"));
	frame_add(&packet, TAG_TLS_ABOUT, VIEW("name mx.example.org"));
	frame_add(&packet, 9999, VIEW("later"));
	facts_of(&packet, &facts);
	assert_string_equal(str_text(&facts.protocol), "TLSv1.3");
	assert_string_equal(str_text(&facts.cipher), "TLS_AES_256_GCM_SHA384");
	assert_string_equal(str_text(&facts.sni), "mx.example.org");
	assert_string_equal(str_text(&facts.peer), "CN=client");
	assert_string_equal(str_text(&facts.matched), "2 1 1 depth 1");
	assert_string_equal(str_text(&facts.emails), "a@example.org\nb@example.org\n");
	assert_int_equal(facts.binding.len, 4);
	assert_true(facts.verified);
	assert_true(facts.resumed);
	assert_int_equal(facts.ends, 1795878000);
	assert_string_equal(
	    str_text(&facts.about), "issuer CN=ca\nname mx.example.org\n");

	/* Nothing of an answer stays for the next. */
	frame_start(&packet, WIRE_TLS_SERVER, FRAME_OK, 1, 0);
	frame_add(&packet, TAG_TLS_VERIFY, VIEW("ok "));
	facts_of(&packet, &facts);
	assert_false(facts.verified);
	assert_false(facts.resumed);
	assert_int_equal(facts.protocol.len, 0);
	assert_int_equal(facts.matched.len, 0);
	assert_int_equal(facts.emails.len, 0);
	assert_int_equal(facts.ends, 0);
	assert_int_equal(facts.about.len, 0);
	tls_facts_free(&facts);
	str_free(&packet);
}

static void
hostile(void **state)
{
	struct str packet = { 0 };
	struct tls_facts facts = { 0 };
	char text[2000];
	size_t i;

	(void)state;
	memset(text, 'x', sizeof text);
	frame_start(&packet, WIRE_TLS_SERVER, FRAME_OK, 1, 0);
	frame_add(&packet, TAG_TLS_SNI, VIEW("a\r\nX-Evil: yes\0\x7f\xff"));
	frame_add(&packet, TAG_TLS_PEER, (struct view) { text, sizeof text });
	frame_add(&packet, TAG_TLS_BINDING, (struct view) { text, sizeof text });
	for (i = 0; i < 25; i++)
		frame_add(&packet, TAG_TLS_EMAIL, VIEW("a\nb@example.org"));
	facts_of(&packet, &facts);
	assert_string_equal(str_text(&facts.sni), "a??X-Evil: yes???");
	assert_int_equal(facts.peer.len, 256);
	assert_int_equal(facts.binding.len, 64);
	assert_int_equal(facts.emails.len, 20 * sizeof "a\nb@example.org");
	assert_int_equal(view_index(str_view(&facts.emails), '\n'), 15);
	tls_facts_free(&facts);
	str_free(&packet);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
