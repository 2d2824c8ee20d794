#include "client/detail.h"

#include <sys/stat.h>

#include "lib/ascii.h"
#include "lib/fmt.h"

enum { CODE_AND_SEPARATOR = 4, SUBJECT_DIGITS = 3 };

void
detail_start(struct detail *d, bool on, int message)
{
	struct stat st;

	d->on = on;
	d->arrived_ms = 0;
	if (on && fstat(message, &st) == 0 && S_ISREG(st.st_mode))
		d->arrived_ms =
		    1000 * (int64_t)st.st_mtim.tv_sec + st.st_mtim.tv_nsec / 1000000;
}

/* A name that the DNS gave must not look like the parts of the line. */
static void
append_name(struct str *out, struct view name)
{
	size_t i;

	for (i = 0; i < name.len; i++) {
		char c = name.at[i];
		bool bad = !ascii_is_graphic(c) || c == ';' || c == '=' || c == '[';

		str_append_byte(out, bad ? '?' : c);
	}
}

void
detail_connected(struct detail *d, struct view name, const struct ip *ip, uint16_t port)
{
	if (!d)
		return;
	detail_disconnected(d);
	append_name(&d->relay, name);
	str_append_byte(&d->relay, '[');
	ip_format(&d->relay, ip);
	str_append_text(&d->relay, "]:");
	fmt_u64(&d->relay, port);
}

void
detail_disconnected(struct detail *d)
{
	if (!d)
		return;
	str_clear(&d->relay);
	str_clear(&d->tls);
	d->starttls_unused = false;
	d->mechanism = NULL;
	d->reused = 0;
}

void
detail_tls(struct detail *d, const struct tls_facts *facts, const char *policy)
{
	if (!d)
		return;
	str_set(&d->tls, str_view(&facts->protocol));
	str_append_byte(&d->tls, ' ');
	str_append(&d->tls, str_view(&facts->cipher));
	str_append_text(&d->tls, facts->verified ? " verified " : " unverified ");
	str_append_text(&d->tls, policy);
}

void
detail_starttls_unused(struct detail *d)
{
	if (d)
		d->starttls_unused = true;
}

void
detail_authenticated(struct detail *d, const char *mechanism)
{
	if (d)
		d->mechanism = mechanism;
}

static char
class_of(char letter)
{
	switch (letter) {
	case 'K':
		return '2';
	case 'Z':
	case 's':
		return '4';
	default:
		return '5';
	}
}

static size_t
digits(struct view v)
{
	size_t n = 0;

	while (n < v.len && ascii_is_digit(v.at[n]))
		n++;
	return n;
}

/* "4.4.1" at the start, of this class: its length; else 0. */
static size_t
status_length(struct view v, char class)
{
	size_t subject, detail;

	if (v.len < 2 || v.at[0] != class || v.at[1] != '.')
		return 0;
	subject = digits(view_from(v, 2));
	if (subject == 0 || subject > SUBJECT_DIGITS || 2 + subject >= v.len ||
	    v.at[2 + subject] != '.')
		return 0;
	detail = digits(view_from(v, 3 + subject));
	return detail == 0 || detail > SUBJECT_DIGITS ? 0 : 3 + subject + detail;
}

static struct view
status_of_reply(const struct remotereply *reply, char class)
{
	struct view text = reply ? str_view(&reply->text) : VIEW("");

	text = view_from(text, CODE_AND_SEPARATOR);
	return view_first(text, status_length(text, class));
}

/* The one that a stock text has at its end, "(#4.4.1)". */
static struct view
status_of_text(struct view text, char class)
{
	text = view_from(text, view_rindex(text, '#') + 1);
	return view_first(text, status_length(text, class));
}

/* The server's words, if they are about what became of it; else ours. */
static void
append_status(struct str *out, struct view text, const struct remotereply *reply)
{
	char class = class_of(text.len > 0 ? text.at[0] : '\0');
	struct view status = status_of_reply(reply, class);

	if (status.len == 0)
		status = status_of_text(text, class);
	if (status.len > 0) {
		str_append(out, status);
	} else {
		str_append_byte(out, class);
		str_append_text(out, ".0.0");
	}
}

static void
append_delay(struct str *out, int64_t ms)
{
	uint64_t hundredths = ms > 0 ? (uint64_t)ms / 10 : 0;

	str_append_text(out, "; delay=");
	fmt_u64(out, hundredths / 100);
	str_append_byte(out, '.');
	str_append_byte(out, (char)('0' + hundredths / 10 % 10));
	str_append_byte(out, (char)('0' + hundredths % 10));
}

static void
append_session(const struct detail *d, struct str *out)
{
	if (d->relay.len == 0)
		return;
	str_append_text(out, "; ");
	if (d->tls.len > 0)
		str_append(out, str_view(&d->tls));
	else
		str_append_text(
		    out, d->starttls_unused ? "no TLS, STARTTLS offered" : "no TLS");
	if (d->mechanism) {
		str_append_text(out, "; AUTH ");
		str_append_text(out, d->mechanism);
	}
	if (d->reused > 0) {
		str_append_text(out, "; reused ");
		fmt_u64(out, d->reused);
	}
}

void
detail_append(const struct detail *d, struct view text, const struct remotereply *reply,
    int64_t now_ms, struct str *out)
{
	if (!d->on)
		return;
	str_append_text(out, "relay=");
	if (d->relay.len > 0)
		str_append(out, str_view(&d->relay));
	else
		str_append_text(out, "none");
	if (d->arrived_ms > 0)
		append_delay(out, now_ms - d->arrived_ms);
	str_append_text(out, "; dsn=");
	append_status(out, text, reply);
	append_session(d, out);
	str_append_byte(out, '\n');
}

void
detail_free(struct detail *d)
{
	str_free(&d->relay);
	str_free(&d->tls);
	*d = (struct detail) { .on = false };
}
