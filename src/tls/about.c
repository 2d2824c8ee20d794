#include "tls/about.h"

#include <openssl/x509v3.h>

#include "lib/fmt.h"
#include "lib/ip.h"
#include "tls/verify.h"
#include "wire/frame.h"
#include "wire/kinds.h"

enum { NAMES_TOLD = 10, NAME_MAX_TOLD = 200, DAY = 86400 };

static void
add_end(X509 *certificate, struct str *packet)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	struct str text = { 0 };
	int days, seconds;

	if (epoch &&
	    ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(certificate)) ==
		1 &&
	    days >= 0 && seconds >= 0) {
		fmt_u64(&text, (uint64_t)days * DAY + (uint64_t)seconds);
		frame_add(packet, TAG_TLS_ENDS, str_view(&text));
	}
	ASN1_TIME_free(epoch);
	str_free(&text);
}

static void
add_issuer(X509 *certificate, struct str *packet)
{
	struct str text = { 0 };

	str_append_text(&text, "issuer ");
	verify_name(X509_get_issuer_name(certificate), &text);
	frame_add(packet, TAG_TLS_ABOUT, view_first(str_view(&text), NAME_MAX_TOLD));
	str_free(&text);
}

/* False: none that matters to SMTP. */
static bool
append_name(struct str *out, const GENERAL_NAME *name)
{
	const ASN1_STRING *octets = name->d.ia5;
	struct view text;
	struct ip ip = { 0 };

	if (name->type != GEN_DNS && name->type != GEN_IPADD)
		return false;
	text = (struct view) { (const char *)ASN1_STRING_get0_data(octets),
		(size_t)ASN1_STRING_length(octets) };
	if (name->type == GEN_DNS) {
		str_append(out, view_first(text, NAME_MAX_TOLD));
		return true;
	}
	if (text.len != 4 && text.len != 16)
		return false;
	ip.version = text.len == 4 ? 4 : 6;
	for (size_t i = 0; i < text.len; i++)
		ip.bytes[i] = (uint8_t)text.at[i];
	ip_format(out, &ip);
	return true;
}

static void
add_names(X509 *certificate, struct str *packet)
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	struct str text = { 0 };
	int i, told = 0;

	for (i = 0; i < sk_GENERAL_NAME_num(names) && told < NAMES_TOLD; i++) {
		str_clear(&text);
		str_append_text(&text, "name ");
		if (append_name(&text, sk_GENERAL_NAME_value(names, i))) {
			frame_add(packet, TAG_TLS_ABOUT, str_view(&text));
			told++;
		}
	}
	GENERAL_NAMES_free(names);
	str_free(&text);
}

void
about_add(X509 *certificate, struct str *packet)
{
	if (!certificate)
		return;
	add_end(certificate, packet);
	add_issuer(certificate, packet);
	add_names(certificate, packet);
}
