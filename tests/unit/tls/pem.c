/* pem: certificate, chain and key in any order. */
#include "tls/pem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "unit/tls/certificates.h"

struct fixture {
	EVP_PKEY *root_key, *middle_key, *leaf_key, *rsa_key;
	X509 *root, *middle, *leaf, *rsa;
};

static int
set_up(void **state)
{
	static struct fixture f;

	f.root_key = EVP_EC_gen("P-256");
	f.middle_key = EVP_EC_gen("P-256");
	f.leaf_key = EVP_EC_gen("P-256");
	f.rsa_key = EVP_RSA_gen(2048);
	f.root = make_certificate("root", f.root_key, NULL, NULL, NULL);
	f.middle = make_certificate("middle", f.middle_key, f.root, f.root_key, NULL);
	f.leaf = make_certificate("leaf", f.leaf_key, f.middle, f.middle_key, NULL);
	f.rsa = make_certificate("rsa", f.rsa_key, f.middle, f.middle_key, NULL);
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	EVP_PKEY_free(f->root_key);
	EVP_PKEY_free(f->middle_key);
	EVP_PKEY_free(f->leaf_key);
	EVP_PKEY_free(f->rsa_key);
	X509_free(f->root);
	X509_free(f->middle);
	X509_free(f->leaf);
	X509_free(f->rsa);
	return 0;
}

/* l m r a: the certificates (leaf middle root rsa); k K: the leaf's key, in both formats; s: the
 * RSA key; x: a key with a passphrase; X: the same in the old format; t: text between them. */
static void
write_file(const struct fixture *f, const char *what, struct str *out)
{
	for (; *what; what++)
		switch (*what) {
		case 'l':
			append_certificate(out, f->leaf);
			break;
		case 'm':
			append_certificate(out, f->middle);
			break;
		case 'r':
			append_certificate(out, f->root);
			break;
		case 'a':
			append_certificate(out, f->rsa);
			break;
		case 'k':
			append_key(out, f->leaf_key, 0, NULL);
			break;
		case 'K':
			append_key(out, f->leaf_key, 1, NULL);
			break;
		case 's':
			append_key(out, f->rsa_key, 1, NULL);
			break;
		case 'x':
			append_key(out, f->leaf_key, 0, "secret");
			break;
		case 'X':
			append_key(out, f->leaf_key, 1, "secret");
			break;
		default:
			str_append_text(out, "subject: somebody\n\n");
			break;
		}
}

static const struct {
	const char *file;
	const char *subject; /* of the certificate in use; NULL: an error */
	int chain;           /* certificates behind it */
	const char *reason;
} cases[] = {
	{ "kl", "leaf", 0, "" },
	{ "lk", "leaf", 0, "" },
	{ "klm", "leaf", 1, "" },
	{ "mlk", "leaf", 1, "" },
	{ "rmkl", "leaf", 2, "" },
	{ "trtmtltK", "leaf", 2, "" },
	{ "lrk", "leaf", 0, "" }, /* the root does not issue the leaf */
	{ "sam", "rsa", 1, "" },
	{ "klmsa", "rsa", 1, "" }, /* both; the last is current */
	{ "", NULL, 0, "no certificate in the file" },
	{ "t", NULL, 0, "no certificate in the file" },
	{ "k", NULL, 0, "no certificate in the file" },
	{ "lm", NULL, 0, "no private key in the file" },
	{ "lxm", NULL, 0, "the private key has a passphrase" },
	{ "lXm", NULL, 0, "the private key has a passphrase" },
	{ "mk", NULL, 0, "no certificate belongs to the private key" },
	{ "klskks", NULL, 0, "too many private keys" },
};

static void
check_use(const struct fixture *f, size_t i)
{
	struct str file = { 0 }, reason = { 0 };
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	STACK_OF(X509) *chain = NULL;
	struct pem pem;
	char name[64];
	int result;

	write_file(f, cases[i].file, &file);
	result = pem_parse(str_view(&file), VIEW(""), &pem, &reason);
	if (result == 0)
		result = pem_use(&pem, ctx, NULL, &reason);
	assert_string_equal(str_text(&reason), cases[i].reason);
	assert_int_equal(result, cases[i].subject ? 0 : -1);
	if (cases[i].subject) {
		X509_NAME_get_text_by_NID(
		    X509_get_subject_name(SSL_CTX_get0_certificate(ctx)), NID_commonName,
		    name, sizeof name);
		assert_string_equal(name, cases[i].subject);
		SSL_CTX_get0_chain_certs(ctx, &chain);
		assert_int_equal(chain ? sk_X509_num(chain) : 0, cases[i].chain);
		assert_int_equal(SSL_CTX_check_private_key(ctx), 1);
	}
	pem_free(&pem);
	SSL_CTX_free(ctx);
	str_wipe(&file);
	str_free(&reason);
}

static void
any_order(void **state)
{
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++)
		check_use(*state, i);
}

static void
broken(void **state)
{
	const struct fixture *f = *state;
	struct str file = { 0 }, reason = { 0 };
	struct pem pem;
	size_t i;

	write_file(f, "lk", &file);
	for (i = 1; i < file.len; i += 7) {
		/* Cut anywhere: never a certificate with a key, never a crash. */
		struct view part = view_first(str_view(&file), file.len - i);

		str_clear(&reason);
		if (i > 1)
			assert_int_equal(pem_parse(part, VIEW(""), &pem, &reason), -1);
		else
			pem_parse(part, VIEW(""), &pem, &reason);
		pem_free(&pem);
	}
	str_wipe(&file);
	str_free(&reason);
}

static void
other_files(void **state)
{
	struct str bytes = { 0 };

	(void)state;
	assert_int_equal(pem_read_file("/nonexistent", &bytes), -1);
	assert_int_equal(pem_read_file("/", &bytes), -1);
	assert_int_equal(pem_read_file("/dev/zero", &bytes), -1);
	assert_int_equal(bytes.len, 0);
	str_free(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order),
		cmocka_unit_test(broken),
		cmocka_unit_test(other_files),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
