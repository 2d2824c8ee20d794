#include "content/inspect.h"

static void
find(struct inspection *i, enum content_rule rule, size_t line, struct view text)
{
	if (i->found.rule == CONTENT_NOTHING)
		i->found =
		    (struct content_finding) { .rule = rule, .line = line, .text = text };
}

static void
find_signature(
    struct inspection *i, enum content_rule rule, const struct signature *signature)
{
	if (signature)
		find(i, rule, signature->line, signature->rule.comment);
}

/* --- what the structure tells --------------------------------------------------------------------- */

static void
take_field(void *context, const struct mime *m, struct view field)
{
	struct inspection *i = context;

	(void)m;
	if (i->rules.signatures)
		find_signature(i, CONTENT_SIGNATURES,
		    signatures_find(i->rules.signatures, field, true));
	if (i->rules.bodycheck)
		find_signature(i, CONTENT_BODYCHECK,
		    bodycheck_find(i->rules.bodycheck, field, true));
}

static void
take_part(void *context, const struct mime *m)
{
	struct inspection *i = context;

	i->awaits_first = true;
	base64types_part(&i->base64, m->part.encoding == MIME_BASE64);
	klez_part(&i->klez, mime_type(m));
	htmlonly_part(&i->htmlonly, m);
}

static void
take_base64(struct inspection *i, struct view piece, bool ends)
{
	struct problem problem;

	switch (base64types_take(&i->rules.base64, &i->base64, piece, ends, &problem)) {
	case BASE64_NOTHING:
		return;
	case BASE64_BAD_MIME:
	case BASE64_BLANK:
		find(i, CONTENT_BADMIMETYPES, 0, VIEW(""));
		return;
	case BASE64_BAD_LOADER:
		find(i, CONTENT_BADLOADERTYPES, 0, VIEW(""));
		return;
	case BASE64_UNKNOWN:
		break;
	}
	find(i, CONTENT_BADMIMETYPES, 0, VIEW(""));
	i->found.is_unknown = true;
	i->found.problem = problem;
}

/* Empty lines in front of it do not hide the first one: software that reads base64 skips them. */
static void
take_first_line(struct inspection *i, struct view line)
{
	if (!i->awaits_first || line.len == 0)
		return;
	i->awaits_first = false;
	if (i->rules.signatures)
		find_signature(i, CONTENT_SIGNATURES,
		    signatures_find(i->rules.signatures, line, false));
}

static void
take_text(void *context, const struct mime *m, struct view piece, bool begins, bool ends)
{
	struct inspection *i = context;

	if (begins && i->rules.bodycheck)
		find_signature(i, CONTENT_BODYCHECK,
		    bodycheck_find(i->rules.bodycheck, piece, false));
	if (m->zone == MIME_EPILOGUE)
		return;
	if (begins)
		take_first_line(i, piece);
	if (m->zone != MIME_BODY)
		return;
	take_base64(i, piece, ends);
	htmlonly_take(&i->htmlonly, piece);
	if (begins)
		klez_take(&i->klez, piece);
}

static const struct mime_events events = { take_field, take_part, take_text };

/* --- the message ------------------------------------------------------------------------------------ */

static void
take_line(void *context, struct view piece, bool begins, bool ends)
{
	struct inspection *i = context;
	const struct linepattern *pattern;

	if (i->found.rule != CONTENT_NOTHING)
		return;
	if (i->rules.patterns) {
		pattern = linepatterns_take(i->rules.patterns, &i->mode, piece, begins);
		if (pattern)
			find(i, CONTENT_PATTERNS, pattern->line, pattern->reply);
	}
	mime_take(&i->mime, piece, begins, ends);
}

void
inspection_start(struct inspection *i, const struct content_rules *rules)
{
	i->rules = *rules;
	i->found = (struct content_finding) { 0 };
	i->octets = 0;
	i->lines.len = 0;
	i->lines.is_inside = false;
	i->awaits_first = false;
	i->base64 = (struct base64types_state) { 0 };
	i->mode = LINE_OF_HEADER;
	i->klez = (struct klez) { 0 };
	i->htmlonly = (struct htmlonly) { 0 };
	mime_start(&i->mime, &events, i);
}

void
inspection_push(struct inspection *i, struct view octets)
{
	i->octets += octets.len;
	if (i->found.rule == CONTENT_NOTHING)
		lines_push(&i->lines, octets, take_line, i);
}

void
inspection_end(struct inspection *i)
{
	if (i->found.rule == CONTENT_NOTHING) {
		lines_end(&i->lines, take_line, i);
		mime_end(&i->mime);
	}
	if (i->rules.klez && klez_is_found(&i->klez, i->octets))
		find(i, CONTENT_KLEZ, 0, VIEW(""));
	if (i->rules.htmlonly && htmlonly_is(&i->htmlonly))
		find(i, CONTENT_HTMLONLY, 0, VIEW(""));
}
