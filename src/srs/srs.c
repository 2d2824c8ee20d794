#include "srs/srs.h"

#include <string.h>

#include "lib/ascii.h"
#include "lib/hash.h"
#include "os/os.h"

enum {
	TAG = 4, /* octets of "SRS0" */
	DAY = 86400,
	DAYS = 1024, /* after which a stamp comes again */
	STAMP = 2,   /* its letters */
};

const char *
srs_text(enum srs_result result)
{
	static const char *const texts[] = {
		[SRS_OK] = "Success.",
		[SRS_NOT_SRS] = "Not an SRS address.",
		[SRS_MALFORMED] = "A part is missing in SRS address.",
		[SRS_HASH_TOO_SHORT] = "Hash too short in SRS address.",
		[SRS_FORGED] = "Hash invalid in SRS address.",
		[SRS_EXPIRED] = "Time stamp out of date.",
		[SRS_TOO_LONG] = "Address too long.",
	};

	return texts[result];
}

/* A separator, and what may follow a tag. */
static bool
is_tail(struct view text)
{
	return text.len > 0 && text.at[0] && strchr("=-+", text.at[0]);
}

static bool
has_tag(struct view text, struct view tag)
{
	return view_starts_nocase(text, tag) && is_tail(view_from(text, TAG));
}

static bool
is_srs0(struct view text)
{
	return has_tag(text, VIEW("SRS0"));
}

static bool
is_srs1(struct view text)
{
	return has_tag(text, VIEW("SRS1"));
}

bool
srs_is_srs(struct view address)
{
	return is_srs0(address) || is_srs1(address);
}

/* --- the hash ------------------------------------------------------------------------------------- */

static void
make_hash(struct view secret, struct view text, char hash[SRS_HASH_MAX])
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char digest[SHA1_LEN];
	struct str lower = { 0 };
	size_t i;

	str_append_lower(&lower, text);
	hmac(HASH_SHA1, secret, str_view(&lower), digest);
	for (i = 0; i < SRS_HASH_MAX; i++) {
		size_t bit = i * 6;
		unsigned two = (unsigned)digest[bit / 8] << 8 |
		    (bit / 8 + 1 < sizeof digest ? digest[bit / 8 + 1] : 0U);

		hash[i] = letters[two >> (10 - bit % 8) & 63];
	}
	os_wipe(digest, sizeof digest);
	str_free(&lower);
}

/* Hosts on the way may have changed the case, and postsrsd 2 writes '-' and '_'. */
static char
hash_letter(char c)
{
	return c == '-' ? '+' : c == '_' ? '/' : ascii_lower(c);
}

/* In a time that does not tell where they differ. */
static bool
same_hash(struct view a, const char *b)
{
	unsigned differs = 0;
	size_t i;

	for (i = 0; i < a.len; i++)
		differs |= (unsigned char)hash_letter(a.at[i]) ^
		    (unsigned char)hash_letter(b[i]);
	return differs == 0;
}

static enum srs_result
check_hash(const struct srs *srs, struct view hash, struct view text)
{
	char made[SRS_HASH_MAX];
	size_t i;

	if (hash.len < srs->hash_min)
		return SRS_HASH_TOO_SHORT;
	hash = view_first(hash, srs->hash_length);
	for (i = 0; i < srs->secret_count; i++) {
		make_hash(srs->secrets[i], text, made);
		if (same_hash(hash, made))
			return SRS_OK;
	}
	return SRS_FORGED;
}

/* --- the stamp ------------------------------------------------------------------------------------ */

static const char stamp_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

static void
append_stamp(struct str *out, int64_t now)
{
	unsigned day = (unsigned)(now / DAY % DAYS);

	str_append_byte(out, stamp_letters[day >> 5]);
	str_append_byte(out, stamp_letters[day & 31]);
}

static enum srs_result
check_stamp(const struct srs *srs, struct view stamp, int64_t now)
{
	uint64_t day = 0, today = (uint64_t)(now / DAY % DAYS);
	size_t i, value;

	if (stamp.len != STAMP)
		return SRS_MALFORMED;
	for (i = 0; i < STAMP; i++) {
		char c = stamp.at[i];

		c = ascii_is_letter(c) ? (char)(ascii_lower(c) - 'a' + 'A') : c;
		value = view_index(view_of(stamp_letters), c);
		if (value == sizeof stamp_letters - 1)
			return SRS_MALFORMED;
		day = day << 5 | value;
	}
	return (today + DAYS - day) % DAYS <= srs->max_age ? SRS_OK : SRS_EXPIRED;
}

/* --- there ---------------------------------------------------------------------------------------- */

/* "SRS0", its separator and hash in front of `signed_part`, which has "=" where it has parts. */
static void
append_signed(const struct srs *srs, const char *tag, struct view signed_part,
    struct view hashed, struct str *out)
{
	char hash[SRS_HASH_MAX];

	make_hash(srs->secrets[0], hashed, hash);
	str_append_text(out, tag);
	str_append_byte(out, srs->separator);
	str_append(out, (struct view) { hash, srs->hash_length });
	str_append_byte(out, '=');
	str_append(out, signed_part);
	str_append_byte(out, '@');
	str_append(out, srs->domain);
}

static void
shortcut(const struct srs *srs, struct view user, struct view host, int64_t now,
    struct str *out)
{
	struct str part = { 0 }, hashed = { 0 };

	append_stamp(&part, now);
	str_append_byte(&part, '=');
	str_append(&part, host);
	str_append_byte(&part, '=');
	str_append(&part, user);

	append_stamp(&hashed, now);
	str_append(&hashed, host);
	str_append(&hashed, user);

	append_signed(srs, "SRS0", str_view(&part), str_view(&hashed), out);
	str_free(&part);
	str_free(&hashed);
}

/* `tail` is what stands behind "SRS0" at `host`, its separator included. */
static void
guarded(const struct srs *srs, struct view tail, struct view host, struct str *out)
{
	struct str part = { 0 }, hashed = { 0 };

	str_append(&part, host);
	str_append_byte(&part, '=');
	str_append(&part, tail);

	str_append(&hashed, host);
	str_append(&hashed, tail);

	append_signed(srs, "SRS1", str_view(&part), str_view(&hashed), out);
	str_free(&part);
	str_free(&hashed);
}

enum srs_result
srs_forward(const struct srs *srs, struct view sender, int64_t now, struct str *out)
{
	size_t at = view_rindex(sender, '@'), before = out->len;
	struct view user = view_first(sender, at), host = view_from(sender, at + 1);
	struct view hash, rest;

	if (sender.len > SRS_ADDRESS_MAX)
		return SRS_TOO_LONG;
	if (is_srs0(user))
		guarded(srs, view_from(user, TAG), host, out);
	else if (!is_srs1(user))
		shortcut(srs, user, host, now, out);
	else if (view_cut(view_from(user, TAG + 1), '=', &hash, &rest) &&
	    view_cut(rest, '=', &host, &rest) && host.len > 0 && is_tail(rest))
		guarded(srs, rest, host, out); /* who made it is left out, not added */
	else
		return SRS_MALFORMED;
	if (out->len - before <= SRS_ADDRESS_MAX)
		return SRS_OK;
	str_cut(out, before);
	return SRS_TOO_LONG;
}

/* --- and back ------------------------------------------------------------------------------------- */

static enum srs_result
undo_shortcut(const struct srs *srs, struct view text, int64_t now, struct str *out)
{
	struct view hash, stamp, host, user;
	struct str hashed = { 0 };
	enum srs_result result;

	if (!view_cut(text, '=', &hash, &user) || !view_cut(user, '=', &stamp, &user) ||
	    !view_cut(user, '=', &host, &user) || host.len == 0 || user.len == 0)
		return SRS_MALFORMED;
	str_append(&hashed, stamp);
	str_append(&hashed, host);
	str_append(&hashed, user);
	result = check_hash(srs, hash, str_view(&hashed));
	str_free(&hashed);
	if (result == SRS_OK)
		result = check_stamp(srs, stamp, now);
	if (result != SRS_OK)
		return result;
	str_append(out, user);
	str_append_byte(out, '@');
	str_append(out, host);
	return SRS_OK;
}

static enum srs_result
undo_guarded(const struct srs *srs, struct view text, struct str *out)
{
	struct view hash, host, tail;
	struct str hashed = { 0 };
	enum srs_result result;

	if (!view_cut(text, '=', &hash, &tail) || !view_cut(tail, '=', &host, &tail) ||
	    host.len == 0 || !is_tail(tail))
		return SRS_MALFORMED;
	str_append(&hashed, host);
	str_append(&hashed, tail);
	result = check_hash(srs, hash, str_view(&hashed));
	str_free(&hashed);
	if (result != SRS_OK)
		return result;
	str_append_text(out, "SRS0");
	str_append(out, tail);
	str_append_byte(out, '@');
	str_append(out, host);
	return SRS_OK;
}

enum srs_result
srs_reverse(const struct srs *srs, struct view address, int64_t now, struct str *out)
{
	struct view local = view_first(address, view_rindex(address, '@'));

	if (address.len > SRS_ADDRESS_MAX)
		return SRS_TOO_LONG;
	if (is_srs0(local))
		return undo_shortcut(srs, view_from(local, TAG + 1), now, out);
	if (is_srs1(local))
		return undo_guarded(srs, view_from(local, TAG + 1), out);
	return SRS_NOT_SRS;
}
