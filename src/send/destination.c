#include "send/destination.h"

/* What qmail-remote says by itself when no conversation came about. */
static bool
is_unreachable(struct view line)
{
	static const char *const signs[] = { "(#4.4.1)", "(#4.4.2)", "(#4.4.3)",
		"(#4.1.2)", "(#4.7.5)", "but greeting failed.",
		"but my name was rejected.", "TLS connect failed", "No TLS achieved",
		"STARTTLS rejected", "TLS unable to" };
	size_t i;

	for (i = 0; i < sizeof signs / sizeof *signs; i++)
		if (view_contains(line, view_of(signs[i])))
			return true;
	return false;
}

/* The first digits behind "Remote host said: "; empty if it said nothing. */
static struct view
remote_code(struct view text)
{
	const struct view sign = VIEW("Remote host said: ");

	while (text.len > 0) {
		struct view line = view_first(text, view_index(text, '\n'));

		if (view_starts(line, sign))
			return view_first(view_from(line, sign.len), 3);
		text = view_from(text, line.len + 1);
	}
	return text;
}

enum destination_news
destination_judge(struct view report)
{
	struct view text = view_from(report, 1), code;
	struct view line = view_first(text, view_index(text, '\n'));

	switch (report.len ? report.at[0] : '\0') {
	case 'K':
		return DESTINATION_SERVED;
	case 'D':
		return DESTINATION_ANSWERED;
	case 'Z':
		break;
	default:
		return DESTINATION_NOTHING;
	}
	code = remote_code(text);
	if (view_equal(code, VIEW("421")))
		return DESTINATION_CROWDED;
	if (is_unreachable(line))
		return DESTINATION_UNREACHABLE;
	/* Of others a credential may be refused, which is not this one's fault. */
	if (code.len < 3 || code.at[0] != '4' ||
	    view_contains(line, VIEW("authentication was rejected")))
		return DESTINATION_NOTHING;
	/* Greylisting, a full mailbox: the others may go through. */
	return view_contains(line, VIEW("does not like recipient"))
	    ? DESTINATION_ANSWERED
	    : DESTINATION_RELUCTANT;
}

bool
destination_is_suspended(const struct destination_window *w, int64_t now)
{
	return w->opens > now;
}

static unsigned
window_of(const struct destination_window *w, unsigned most)
{
	unsigned window = w->window ? w->window : 1;

	return window < most ? window : most;
}

bool
destination_has_room(const struct destination_window *w, unsigned most, int64_t now)
{
	return !destination_is_suspended(w, now) && w->running < window_of(w, most);
}

void
destination_begin(struct destination_window *w, unsigned most)
{
	if (++w->running >= window_of(w, most))
		w->growth = w->running;
}

static bool
suspend(struct destination_window *w, int64_t now, uint32_t random, uint32_t longest)
{
	uint32_t pause = DESTINATION_PAUSE;
	unsigned i;

	w->window = 1;
	if (longest == 0)
		return false;
	for (i = 0; i < w->pauses && pause < longest; i++)
		pause *= 2;
	if (pause > longest)
		pause = longest;
	w->pauses++;
	w->opens = now + pause + (pause < 4 ? 0 : random % (pause / 4));
	return true;
}

static bool
note_failure(struct destination_window *w, unsigned most, int64_t now, uint32_t random,
    uint32_t longest)
{
	if (destination_is_suspended(w, now))
		return false; /* it began before that */
	w->failures++;
	w->growth = 0;
	if (w->failures >= DESTINATION_FAILURES && window_of(w, most) == 1)
		return suspend(w, now, random, longest);
	w->window = window_of(w, most) / 2;
	return false;
}

bool
destination_tell(struct destination_window *w, enum destination_news news, unsigned most,
    int64_t now, uint32_t random, uint32_t longest)
{
	switch (news) {
	case DESTINATION_NOTHING:
		return false;
	case DESTINATION_CROWDED:
	case DESTINATION_UNREACHABLE:
		return note_failure(w, most, now, random, longest);
	case DESTINATION_SERVED:
		if (w->growth > 0 && window_of(w, most) < most)
			w->window = window_of(w, most) + 1;
		w->growth -= w->growth > 0;
		break;
	case DESTINATION_RELUCTANT:
		w->growth = 0;
		w->window = window_of(w, most) / 2;
		break;
	case DESTINATION_ANSWERED:
		break;
	}
	w->failures = w->pauses = 0;
	w->opens = 0;
	return false;
}
