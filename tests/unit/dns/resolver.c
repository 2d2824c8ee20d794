/* dns/resolver: the network one against a service made here, and the table; dns/address, ptr and
 * txt over the table. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dns/address.h"
#include "dns/ptr.h"
#include "dns/resolver.h"
#include "dns/tlsa.h"
#include "dns/txt.h"
#include "lib/fd.h"
#include "wire/kinds.h"
#include "wire/serve.h"

/* A service that answers "last.*" with one answer too few, "late.*" never, and every other question
 * with the length of its name as last octet of an address. */
static bool
handle(void *context, struct frame *request, struct str *answer)
{
	struct dns_question questions[DNS_QUESTIONS_MAX];
	size_t i, count = dnsquery_questions(request, questions, DNS_QUESTIONS_MAX);

	(void)context;
	frame_start(answer, request->kind, FRAME_OK, request->id, 0);
	for (i = 0; i < count; i++) {
		struct dns_record record = { .ip = { 4, { 192, 0, 2 } } };
		struct dns_answer one = { .records = &record, .count = 1 };

		one.asked = one.canonical = questions[i].name;
		record.ip.bytes[3] = (uint8_t)questions[i].name.len;
		while (view_starts(questions[i].name, VIEW("late.")))
			pause();
		if (!view_starts(questions[i].name, VIEW("last.")))
			dnsquery_add_answer(
			    answer, questions[i].type, &one, count - 1 - i);
	}
	return true;
}

static void
ask(struct resolver *r, const char *name, struct arena *mem, struct dns_answer *out)
{
	struct dns_question question = { view_of(name), DNS_A };

	resolver_ask(r, &question, 1,
	    view_starts(question.name, VIEW("late.")) ? deadline_in_ms(100)
						      : deadline_in(20),
	    mem, out);
}

static pid_t
start_service(void)
{
	int listener = serve_listen("dns"), fd;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(60);
		fd_set_blocking(listener, 1);
		while ((fd = serve_accept(listener)) >= 0)
			if (fork() == 0) {
				alarm(60);
				serve_connection(fd, handle, NULL);
				_exit(0);
			} else {
				close(fd);
			}
		_exit(0);
	}
	close(listener);
	return pid;
}

static void
test_network(void **state)
{
	pid_t service = start_service();
	struct resolver *r = resolver_network(6);
	struct arena mem = { 0 };
	struct dns_answer answer;
	char long_name[DNS_NAME_OCTETS + 2];
	int status;

	(void)state;
	ask(r, "a.example", &mem, &answer);
	assert_int_equal(answer.result, DNS_FOUND);
	assert_int_equal(answer.records[0].ip.bytes[3], 9);
	assert_string_equal(resolver_reason(r), "none");
	memset(long_name, 'a', sizeof long_name);
	long_name[sizeof long_name - 1] = '\0';
	ask(r, long_name, &mem, &answer);
	assert_int_equal(answer.result, DNS_BADNAME);
	ask(r, "last.example", &mem, &answer);
	assert_int_equal(answer.result, DNS_FAILED);
	assert_string_equal(resolver_reason(r), "qmail-dns broke the protocol");
	ask(r, "late.example", &mem, &answer);
	assert_int_equal(answer.result, DNS_FAILED);
	assert_string_equal(resolver_reason(r), "helper too slow");
	ask(r, "bb.example", &mem, &answer);
	assert_int_equal(answer.result, DNS_FOUND);
	kill(service, SIGKILL);
	waitpid(service, &status, 0);
	resolver_free(r);
	arena_free(&mem);
	unlink("run/dns/sock");
}

/* Questions beyond the session's number fail, in the middle of a batch too. */
static void
test_limit(void **state)
{
	pid_t service = start_service();
	struct resolver *r = resolver_network(3);
	struct dns_question questions[5];
	struct dns_answer answers[5];
	struct arena mem = { 0 };
	int status, i;

	(void)state;
	for (i = 0; i < 5; i++)
		questions[i] = (struct dns_question) { VIEW("a.example"), DNS_A };
	questions[1].name = VIEW("bb.example");
	resolver_ask(r, questions, 5, deadline_in(20), &mem, answers);
	assert_int_equal(answers[0].records[0].ip.bytes[3], 9);
	assert_int_equal(answers[1].records[0].ip.bytes[3], 10);
	assert_int_equal(answers[2].result, DNS_FOUND);
	assert_int_equal(answers[3].result, DNS_FAILED);
	assert_int_equal(answers[4].result, DNS_FAILED);
	assert_string_equal(resolver_reason(r), "too many questions");
	kill(service, SIGKILL);
	waitpid(service, &status, 0);
	resolver_free(r);
	arena_free(&mem);
	unlink("run/dns/sock");
}

static void
test_nobody(void **state)
{
	struct resolver *r = resolver_network(5);
	struct arena mem = { 0 };
	struct dns_answer answer;

	(void)state;
	ask(r, "a.example", &mem, &answer);
	assert_int_equal(answer.result, DNS_FAILED);
	assert_int_equal(answer.reason, DNS_REASON_HELPER);
	assert_true(view_equal(answer.asked, VIEW("a.example")));
	assert_string_equal(resolver_reason(r), "no such helper");
	resolver_free(r);
	arena_free(&mem);
}

static const char zone[] =
    "a.example A 192.0.2.1\na.example AAAA 2001:db8::1\n"
    "a.example AAAA 2001:db8::2\nb.example AAAA FAIL\nb.example A 192.0.2.2\n"
    "c.example A FAIL\nd.example TXT v=spf1 -all\nd.example TXT more\n"
    "e.example TXT FAIL\n"
    "1.2.0.192.in-addr.arpa PTR one.example.\n"
    "1.2.0.192.in-addr.arpa PTR two.example\n";

static const struct address_case {
	const char *name;
	enum dns_address_result result;
	const char *addresses;
	bool some_failed, literal;
} address_cases[] = {
	{ "b.example", DNS_ADDRESS_FOUND, "192.0.2.2 ", true, false },
	{ "c.example", DNS_ADDRESS_SOFT, "", false, false },
	{ "d.example", DNS_ADDRESS_NO_HOST, "", false, false },
	{ "x.example", DNS_ADDRESS_NO_HOST, "", false, false },
	{ ".", DNS_ADDRESS_NO_HOST, "", false, false },
	{ "192.0.2.9", DNS_ADDRESS_FOUND, "192.0.2.9 ", false, true },
	{ "[192.0.2.9]", DNS_ADDRESS_FOUND, "192.0.2.9 ", false, true },
	{ "[IPv6:2001:db8::9]", DNS_ADDRESS_FOUND, "2001:db8::9 ", false, true },
	{ "2001:db8::9", DNS_ADDRESS_FOUND, "2001:db8::9 ", false, true },
};

static void
test_addresses(void **state)
{
	struct resolver *r = resolver_table(zone);
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof address_cases / sizeof address_cases[0]; i++) {
		const struct address_case *c = &address_cases[i];
		struct dns_address_list list = { 0 };
		struct arena mem = { 0 };
		struct str got = { 0 };
		enum dns_address_result result = dns_address_lookup(
		    r, view_of(c->name), 5, 50, deadline_never(), &mem, &list);

		for (k = 0; k < list.count; k++) {
			ip_format(&got, &list.addresses[k].ip);
			str_append_byte(&got, ' ');
		}
		if (result != c->result || strcmp(str_text(&got), c->addresses) != 0 ||
		    list.some_failed != c->some_failed || list.literal != c->literal)
			fail_msg("%s: %d %s", c->name, (int)result, str_text(&got));
		str_free(&got);
		arena_free(&mem);
	}
	resolver_free(r);
}

static void
test_families_alternate(void **state)
{
	struct resolver *r = resolver_table(zone);
	struct dns_address_list list;
	struct arena mem = { 0 };

	(void)state;
	assert_int_equal(dns_address_lookup(
			     r, VIEW("a.example."), 5, 50, deadline_never(), &mem, &list),
	    DNS_ADDRESS_FOUND);
	assert_int_equal(list.count, 3);
	assert_int_equal(list.addresses[0].ip.version, 4);
	assert_int_equal(list.addresses[1].ip.version, 6);
	assert_int_equal(list.addresses[2].ip.version, 6);
	assert_true(view_equal(list.name, VIEW("a.example")));
	dns_address_lookup(r, VIEW("a.example"), 5, 2, deadline_never(), &mem, &list);
	assert_int_equal(list.count, 2);
	arena_free(&mem);
	resolver_free(r);
}

static void
test_reverse(void **state)
{
	struct str got = { 0 };
	struct ip ip;

	(void)state;
	ip_parse(VIEW("192.0.2.10"), &ip);
	ptr_reverse(&got, &ip, VIEW("bl.example"));
	assert_string_equal(str_text(&got), "10.2.0.192.bl.example");
	ip_parse(VIEW("2001:db8::1"), &ip);
	str_clear(&got);
	ptr_reverse(&got, &ip, VIEW("ip6.arpa"));
	assert_string_equal(str_text(&got),
	    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
	str_free(&got);
}

static void
test_txt(void **state)
{
	struct resolver *r = resolver_table(zone);
	struct arena mem = { 0 };
	struct view *names;
	size_t count;

	(void)state;
	assert_int_equal(
	    txt_lookup(r, VIEW("d.example"), deadline_never(), &mem, &names, &count),
	    ANSWER_YES);
	assert_int_equal(count, 2);
	assert_true(view_equal(names[0], VIEW("v=spf1 -all")));
	assert_int_equal(
	    txt_lookup(r, VIEW("a.example"), deadline_never(), &mem, &names, &count),
	    ANSWER_NO);
	assert_int_equal(
	    txt_lookup(r, VIEW("e.example"), deadline_never(), &mem, &names, &count),
	    ANSWER_ERROR);
	arena_free(&mem);
	resolver_free(r);
}

/* Only what is authentic counts, and what could not be found out is not "none". */
static void
test_tlsa(void **state)
{
	static const struct {
		const char *host;
		uint16_t port;
		enum answer answer;
		size_t count;
	} cases[] = {
		{ "mx.example", 25, ANSWER_YES, 2 },
		{ "mx.example", 465, ANSWER_NO, 0 },
		{ "plain.example", 25, ANSWER_NO, 0 },
		{ "alias.example", 25, ANSWER_YES, 2 },
		{ "fails.example", 25, ANSWER_ERROR, 0 },
		{ "", 25, ANSWER_NO, 0 },
	};
	struct resolver *r =
	    resolver_table("_25._tcp.mx.example tlsa 030101aa\n"
			   "_25._tcp.mx.example tlsa 020000bb\n"
			   "_25._tcp.plain.example TLSA 030101aa\n"
			   "_25._tcp.alias.example cname _25._tcp.mx.example\n"
			   "_25._tcp.fails.example TLSA FAIL\n");
	struct arena mem = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct view *records;
		size_t count = 0;

		if (dns_tlsa_lookup(r, view_of(cases[i].host), cases[i].port,
			deadline_never(), &mem, &records, &count) != cases[i].answer ||
		    count != cases[i].count)
			fail_msg("%s:%d", cases[i].host, cases[i].port);
		if (count > 0)
			assert_true(view_equal(records[0], VIEW("\3\1\1\xaa")));
	}
	arena_free(&mem);
	resolver_free(r);
}

static int
make_home(void **state)
{
	static char home[] = "/tmp/resolver.XXXXXX";

	*state = mkdtemp(home);
	if (!*state || chdir(home) < 0 || mkdir("run", 0755) < 0)
		return -1;
	return mkdir("run/dns", 0755);
}

static int
remove_home(void **state)
{
	rmdir("run/dns");
	rmdir("run");
	return rmdir(*state);
}

static void
test_table_escapes(void **state)
{
	struct resolver *r =
	    resolver_table("a\\032b.example TXT \"one\\032\" \"two\\000\\255\"\n"
			   "plain.example TXT a \\032b\n");
	struct arena mem = { 0 };
	struct view *texts;
	size_t count;

	(void)state;
	assert_int_equal(
	    txt_lookup(r, VIEW("A B.example"), deadline_never(), &mem, &texts, &count),
	    ANSWER_YES);
	assert_int_equal(count, 1);
	assert_int_equal(texts[0].len, 9);
	assert_memory_equal(texts[0].at, "one two\0\377", 9);
	assert_int_equal(
	    txt_lookup(r, VIEW("plain.example"), deadline_never(), &mem, &texts, &count),
	    ANSWER_YES);
	assert_int_equal(texts[0].len, 7);
	assert_int_equal(
	    txt_lookup(r, VIEW("a b.exampl"), deadline_never(), &mem, &texts, &count),
	    ANSWER_NO);
	arena_free(&mem);
	resolver_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_network),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_families_alternate),
		cmocka_unit_test(test_reverse),
		cmocka_unit_test(test_txt),
		cmocka_unit_test(test_tlsa),
		cmocka_unit_test(test_table_escapes),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_home, remove_home);
}
