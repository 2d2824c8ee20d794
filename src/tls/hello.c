#include "tls/hello.h"

#include "lib/str.h"
#include "wire/rights.h"

static bool
take_u16(struct view *v, size_t *out)
{
	if (v->len < 2)
		return false;
	*out = (size_t)(unsigned char)v->at[0] << 8 | (unsigned char)v->at[1];
	*v = view_from(*v, 2);
	return true;
}

bool
hello_server_name(struct view extension, struct view *name)
{
	size_t len;

	if (!take_u16(&extension, &len) || len != extension.len)
		return false;
	/* A list by its grammar; one host_name (type 0), the first, is all that anybody sends. */
	if (extension.len < 1 || extension.at[0] != 0)
		return false;
	extension = view_from(extension, 1);
	if (!take_u16(&extension, &len) || len > extension.len || len == 0)
		return false;
	*name = view_first(extension, len);
	return true;
}

/* A name whose certificate cannot be used gets the usual one: the client judges. */
static void
choose(SSL *ssl, struct hello *hello)
{
	struct str path = { 0 }, reason = { 0 };
	const unsigned char *bytes;
	struct view name;
	SSL_CTX *ctx;
	size_t len;

	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &bytes, &len) == 1 &&
	    hello_server_name((struct view) { (const char *)bytes, len }, &name) &&
	    context_path_for(name, &path)) {
		ctx = context_server(hello->servers, str_text(&path), &reason);
		if (ctx)
			SSL_set_SSL_CTX(ssl, ctx);
	}
	str_free(&path);
	str_free(&reason);
}

int
hello_choose(SSL *ssl, int *alert, void *unused)
{
	struct hello *hello = SSL_get_app_data(ssl);

	(void)unused;
	if (!hello)
		return SSL_CLIENT_HELLO_SUCCESS;
	if (hello->by_name)
		choose(ssl, hello);
	hello->by_name = false;
	if (hello->drop_rights && rights_drop_group() < 0) {
		*alert = SSL_AD_INTERNAL_ERROR;
		return SSL_CLIENT_HELLO_ERROR;
	}
	return SSL_CLIENT_HELLO_SUCCESS;
}
