/* hash: the vectors of RFC 1321, FIPS 180-4, RFC 2202, RFC 4231 and RFC 2195, every cut, and what
 * the openssl command says of other lengths. */
#include "lib/hash.h"
#include "lib/fmt.h"
#include "lib/spawn.h"
#include "unit/unit.h"

static void
check(const unsigned char *digest, size_t len, const char *hex)
{
	struct str text = { 0 };

	fmt_hex(&text, (struct view) { (const char *)digest, len });
	assert_string_equal(str_text(&text), hex);
	str_free(&text);
}

static void
digests(void **state)
{
	static const struct {
		enum hash_kind kind;
		const char *text, *hex;
	} rows[] = {
		{ HASH_MD5, "", "d41d8cd98f00b204e9800998ecf8427e" },
		{ HASH_MD5, "a", "0cc175b9c0f1b6a831c399e269772661" },
		{ HASH_MD5, "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
		{ HASH_MD5,
		    "12345678901234567890123456789012345678901234567890123456789012345678"
		    "901234567890",
		    "57edf4a22be3c955ac49da2e2107b67a" },
		{ HASH_SHA256, "",
		    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ HASH_SHA256, "abc",
		    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ HASH_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ HASH_SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
		{ HASH_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ HASH_SHA1, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "84983e441c3bd26ebaae4aa1f95129e5e54670f1" },
	};
	unsigned char digest[HASH_MAX];
	struct hash h;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		hash_start(&h, rows[i].kind);
		hash_add(&h, view_of(rows[i].text));
		hash_finish(&h, digest);
		check(digest, hash_len(rows[i].kind), rows[i].hex);
	}
}

static void
a_million_letters(void **state)
{
	unsigned char digest[HASH_MAX];
	char letters[1000];
	struct hash h;
	int i;

	(void)state;
	memset(letters, 'a', sizeof letters);
	hash_start(&h, HASH_SHA256);
	for (i = 0; i < 1000; i++)
		hash_add(&h, (struct view) { letters, sizeof letters });
	hash_finish(&h, digest);
	check(digest, SHA256_LEN,
	    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void
a_cut_changes_nothing(void **state)
{
	unsigned char whole[HASH_MAX], cut[HASH_MAX];
	char bytes[200];
	struct hash h;
	size_t len, at;

	(void)state;
	for (len = 0; len < sizeof bytes; len++)
		bytes[len] = (char)(len * 7);
	for (len = 0; len <= sizeof bytes; len += 13) {
		hash_start(&h, HASH_MD5);
		hash_add(&h, (struct view) { bytes, len });
		hash_finish(&h, whole);
		for (at = 0; at <= len; at++) {
			hash_start(&h, HASH_MD5);
			hash_add(&h, (struct view) { bytes, at });
			hash_add(&h, (struct view) { NULL, 0 });
			hash_add(&h, (struct view) { bytes + at, len - at });
			hash_finish(&h, cut);
			assert_memory_equal(whole, cut, MD5_LEN);
		}
	}
}

static void
keyed(void **state)
{
	static const char key80[] =
	    "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
	    "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
	    "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
	    "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
	    "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa";
	static const struct {
		enum hash_kind kind;
		struct view key, text;
		const char *hex;
	} rows[] = {
		{ HASH_MD5, ROW("Jefe"), ROW("what do ya want for nothing?"),
		    "750c783e6ab0b503eaa86e310a5db738" },
		{ HASH_MD5, { key80, 80 },
		    ROW("Test Using Larger Than Block-Size Key - Hash Key First"),
		    "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd" },
		{ HASH_MD5, ROW("tanstaaftanstaaf"),
		    ROW("<1896.697170952@postoffice.reston.mci.net>"),
		    "b913a602c7eda7a495b4e6e7334d3890" },
		{ HASH_MD5, { NULL, 0 }, { NULL, 0 },
		    "74e6f7298a9c2d168935f58c001bad88" },
		{ HASH_SHA256, ROW("Jefe"), ROW("what do ya want for nothing?"),
		    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ HASH_SHA1, ROW("Jefe"), ROW("what do ya want for nothing?"),
		    "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
		{ HASH_SHA1, { key80, 80 },
		    ROW("Test Using Larger Than Block-Size Key - Hash Key First"),
		    "aa4ae5e15272d00e95705637ce8a3b55ed402112" },
	};
	unsigned char digest[HASH_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		hmac(rows[i].kind, rows[i].key, rows[i].text, digest);
		check(digest, hash_len(rows[i].kind), rows[i].hex);
	}
}

/* What openssl says of the file "input": "algorithm(input)= HEX"; empty if there is no openssl. */
static void
ask_openssl(const char *option, struct str *hex)
{
	char openssl[] = "openssl", dgst[] = "dgst", input[] = "input",
	     *kind = strdup(option), *argv[] = { openssl, dgst, kind, input, NULL };
	struct spawn s = { .path = "openssl", .argv = argv, .search = true };
	struct str out = { 0 };
	int ends[2], status = 0;
	pid_t pid;

	assert_int_equal(fd_pipe(ends), 0);
	spawn_give(&s, 1, ends[1]);
	pid = spawn_start(&s);
	fd_close(&ends[1]);
	assert_int_equal(fd_read_all(ends[0], &out, 1000), 0);
	fd_close(&ends[0]);
	if (pid > 0) {
		assert_int_equal(spawn_wait(pid, deadline_in(20), &status), 0);
		assert_int_equal(status, 0);
		str_set(hex, view_trim_right(str_view(&out)));
		str_set(
		    hex, view_from(str_view(hex), view_rindex(str_view(hex), ' ') + 1));
	}
	str_free(&out);
	free(kind);
}

static void
openssl_agrees(void **state)
{
	static const size_t lengths[] = { 1, 54, 55, 56, 63, 64, 65, 119, 120, 1000 };
	unsigned char digest[HASH_MAX];
	char bytes[1000];
	struct hash h;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * i >> 3);
	for (i = 0; i < 3 * COUNT(lengths); i++) {
		static const char *const options[] = { [HASH_MD5] = "-md5",
			[HASH_SHA256] = "-sha256",
			[HASH_SHA1] = "-sha1" };
		enum hash_kind kind = (enum hash_kind)(i % 3);
		struct view input = { bytes, lengths[i / 3] };
		struct str hex = { 0 };

		unit_write_file("input", input);
		ask_openssl(options[kind], &hex);
		if (hex.len == 0)
			skip();
		hash_start(&h, kind);
		hash_add(&h, input);
		hash_finish(&h, digest);
		check(digest, hash_len(kind), str_text(&hex));
		str_free(&hex);
	}
}

static void
equality(void **state)
{
	(void)state;
	assert_true(
	    hash_equal((const unsigned char *)"abc", (const unsigned char *)"abc", 3));
	assert_false(
	    hash_equal((const unsigned char *)"abc", (const unsigned char *)"abd", 3));
	assert_true(
	    hash_equal((const unsigned char *)"a", (const unsigned char *)"b", 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests),
		cmocka_unit_test(a_million_letters),
		cmocka_unit_test(a_cut_changes_nothing),
		cmocka_unit_test(keyed),
		cmocka_unit_test(openssl_agrees),
		cmocka_unit_test(equality),
	};

	return cmocka_run_group_tests(tests, unit_enter_directory, NULL);
}
