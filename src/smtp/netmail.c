#include "smtp/netmail.h"

void
netmail_start(struct netmail *m, bool is_qmqp, uint64_t list_max)
{
	*m = (struct netmail) { .is_qmqp = is_qmqp,
		.list_max = list_max,
		.state = is_qmqp ? NETMAIL_AT_ALL : NETMAIL_AT_MESSAGE };
}

void
netmail_free(struct netmail *m)
{
	str_free(&m->address);
}

bool
netmail_is_between(const struct netmail *m)
{
	return m->state == (m->is_qmqp ? NETMAIL_AT_ALL : NETMAIL_AT_MESSAGE) &&
	    m->length.digits == 0;
}

/* --- numbers ---------------------------------------------------------------------------------------- */

static uint64_t
most_of(const struct netmail *m)
{
	switch (m->state) {
	case NETMAIL_AT_LIST:
		return m->list_max;
	case NETMAIL_AT_SENDER:
	case NETMAIL_AT_RECIPIENT:
		return NETMAIL_ADDRESS_READ;
	default:
		return NETMAIL_MESSAGE_MAX;
	}
}

/* A netstring that holds others: all recipients of QMTP, or all of QMQP. */
static void
go_inside(struct netmail *m, enum netmail_state state)
{
	m->is_inside = true;
	m->room = m->left;
	m->state = m->room > 0 ? state : NETMAIL_AFTER_ALL;
}

static void
start_address(struct netmail *m, enum netmail_state inside, enum netmail_state after)
{
	str_clear(&m->address);
	m->is_long = m->left > NETMAIL_ADDRESS_MAX;
	m->has_nul = false;
	m->state = m->left > 0 ? inside : after;
}

static enum netmail_event
start_text(struct netmail *m)
{
	m->state = m->left > 0 ? NETMAIL_IN_TEXT : NETMAIL_AFTER_TEXT;
	m->holds_cr = false;
	return NETMAIL_BEGIN;
}

/* The number is known. */
static enum netmail_event
begin_part(struct netmail *m)
{
	m->left = m->length.value;
	m->length = (struct netstring_length) { 0 };
	if (m->is_inside && m->left >= m->room) /* its comma has to be there too */
		return NETMAIL_MALFORMED;
	switch (m->state) {
	case NETMAIL_AT_ALL:
		go_inside(m, NETMAIL_AT_MESSAGE);
		return m->room > 0 ? NETMAIL_MORE : NETMAIL_MALFORMED;
	case NETMAIL_AT_MESSAGE:
		m->has_dos_lines = false;
		if (m->is_qmqp)
			return start_text(m);
		m->state = NETMAIL_AT_FIRST;
		return m->left > 0 ? NETMAIL_MORE : NETMAIL_MALFORMED;
	case NETMAIL_AT_SENDER:
		start_address(m, NETMAIL_IN_SENDER, NETMAIL_AFTER_SENDER);
		return NETMAIL_MORE;
	case NETMAIL_AT_LIST:
		go_inside(m, NETMAIL_AT_RECIPIENT);
		return NETMAIL_MORE;
	default:
		start_address(m, NETMAIL_IN_RECIPIENT, NETMAIL_AFTER_RECIPIENT);
		return NETMAIL_MORE;
	}
}

static enum netmail_event
take_digit(struct netmail *m, char c)
{
	switch (netstring_length_add(&m->length, c, most_of(m))) {
	case NETSTRING_MORE:
		return NETMAIL_MORE;
	case NETSTRING_BEGINS:
		return begin_part(m);
	case NETSTRING_TOO_LONG:
		return NETMAIL_TOO_LONG;
	case NETSTRING_MALFORMED:
		break;
	}
	return NETMAIL_MALFORMED;
}

/* --- commas ----------------------------------------------------------------------------------------- */

/* Behind an address: the next one, or the end of those that there are. */
static void
next_address(struct netmail *m)
{
	m->state = m->room > 0 ? NETMAIL_AT_RECIPIENT : NETMAIL_AFTER_ALL;
}

static enum netmail_event
take_comma(struct netmail *m, char c)
{
	if (c != ',')
		return NETMAIL_MALFORMED;
	switch (m->state) {
	case NETMAIL_AFTER_TEXT:
		m->state = NETMAIL_AT_SENDER;
		return NETMAIL_MORE;
	case NETMAIL_AFTER_SENDER:
		if (m->is_qmqp)
			next_address(m);
		else
			m->state = NETMAIL_AT_LIST;
		return NETMAIL_SENDER;
	case NETMAIL_AFTER_RECIPIENT:
		next_address(m);
		return NETMAIL_RECIPIENT;
	default:
		m->is_inside = false;
		m->state = m->is_qmqp ? NETMAIL_AT_ALL : NETMAIL_AT_MESSAGE;
		return NETMAIL_END;
	}
}

/* --- octets ----------------------------------------------------------------------------------------- */

static enum netmail_event
take_first(struct netmail *m, char c)
{
	if (c != '\n' && c != '\r')
		return NETMAIL_MALFORMED;
	m->has_dos_lines = c == '\r';
	m->left--;
	return start_text(m);
}

static enum netmail_event
put_text(struct netmail *m, struct view text, size_t used)
{
	m->text = text;
	m->left -= used;
	if (m->left == 0)
		m->state = NETMAIL_AFTER_TEXT;
	return NETMAIL_TEXT;
}

/* CRLF becomes LF; what a CR is, the octet behind it tells. */
static enum netmail_event
take_dos_text(struct netmail *m, struct view in, size_t *used)
{
	size_t run = view_index(in, '\r');

	*used = 0;
	if (m->holds_cr) {
		m->holds_cr = false;
		if (in.at[0] != '\n')
			return put_text(m, VIEW("\r"), 0);
	}
	*used = run > 0 ? run : 1;
	if (run > 0)
		return put_text(m, view_first(in, run), run);
	if (m->left == 1)
		return put_text(m, VIEW("\r"), 1);
	m->holds_cr = true;
	m->left--;
	return NETMAIL_MORE;
}

static enum netmail_event
take_text(struct netmail *m, struct view in, size_t *used)
{
	in = view_first(in, m->left < in.len ? (size_t)m->left : in.len);
	if (m->has_dos_lines)
		return take_dos_text(m, in, used);
	*used = in.len;
	return put_text(m, in, in.len);
}

static void
take_address(struct netmail *m, struct view in, size_t *used)
{
	in = view_first(in, m->left < in.len ? (size_t)m->left : in.len);
	m->has_nul = m->has_nul || view_index(in, '\0') < in.len;
	if (!m->is_long)
		str_append(&m->address, in);
	*used = in.len;
	m->left -= in.len;
	if (m->left == 0)
		m->state = m->state == NETMAIL_IN_SENDER ? NETMAIL_AFTER_SENDER
							 : NETMAIL_AFTER_RECIPIENT;
}

static enum netmail_event
take(struct netmail *m, struct view in, size_t *used)
{
	*used = 1;
	switch (m->state) {
	case NETMAIL_AT_FIRST:
		return take_first(m, in.at[0]);
	case NETMAIL_IN_TEXT:
		return take_text(m, in, used);
	case NETMAIL_IN_SENDER:
	case NETMAIL_IN_RECIPIENT:
		take_address(m, in, used);
		return NETMAIL_MORE;
	case NETMAIL_AFTER_TEXT:
	case NETMAIL_AFTER_SENDER:
	case NETMAIL_AFTER_RECIPIENT:
	case NETMAIL_AFTER_ALL:
		return take_comma(m, in.at[0]);
	default:
		return take_digit(m, in.at[0]);
	}
}

static bool
is_in_octets(const struct netmail *m)
{
	return m->state == NETMAIL_IN_TEXT || m->state == NETMAIL_IN_SENDER ||
	    m->state == NETMAIL_IN_RECIPIENT;
}

enum netmail_event
netmail_push(struct netmail *m, struct view in, size_t *used)
{
	enum netmail_event event = NETMAIL_MORE;
	size_t part;

	for (*used = 0; event == NETMAIL_MORE && *used < in.len; *used += part) {
		bool inside = m->is_inside && m->state != NETMAIL_AFTER_ALL;
		bool octets = is_in_octets(m);

		if (inside && m->room == 0)
			return NETMAIL_MALFORMED;
		if (inside && !octets) /* a digit, a colon, a comma */
			m->room--;
		event = take(m, view_from(in, *used), &part);
		if (inside && octets)
			m->room -= part;
	}
	return event;
}
