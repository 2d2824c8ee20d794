#include "lib/log.h"

#include <string.h>
#include <unistd.h>

#include "lib/ascii.h"
#include "lib/fd.h"
#include "lib/fmt.h"

enum { VALUE_MAX = 256, LINE_MAX_OCTETS = 1024 };

#define TEXT_ONLY(name, text) text,
static const char *const event_names[] = { LOG_EVENTS(TEXT_ONLY) };
static const char *const key_names[] = { LOG_KEYS(TEXT_ONLY) };

void
log_begin(struct log_line *line, const struct log *log, enum log_event event)
{
	*line = (struct log_line) { .log = log };
	if (log->level == 0)
		return;
	str_append_text(&line->text, log->program);
	str_append_byte(&line->text, '[');
	fmt_u64(&line->text, (uint64_t)getpid());
	str_append_text(&line->text, "]: ");
	str_append_text(&line->text, event_names[event]);
	if (log->sid.len)
		log_add(line, KEY_SID, log->sid);
	if (log->ip.len)
		log_add(line, KEY_IP, log->ip);
}

/* A line is cut between values, a value between octets: what is left of them can be read. */
void
log_add(struct log_line *line, enum log_key key, struct view value)
{
	size_t len = line->text.len + 1 + strlen(key_names[key]) + 1, end, i;

	if (line->log->level == 0 || len > LINE_MAX_OCTETS - 1)
		return;
	str_append_byte(&line->text, ' ');
	str_append_text(&line->text, key_names[key]);
	str_append_byte(&line->text, '=');
	end = len + VALUE_MAX < LINE_MAX_OCTETS ? len + VALUE_MAX : LINE_MAX_OCTETS - 1;
	for (i = 0; i < value.len; i++) {
		bool plain = ascii_is_graphic(value.at[i]) && value.at[i] != '\\';

		if (line->text.len + (plain ? 1 : 4) > end)
			break;
		if (plain) {
			str_append_byte(&line->text, value.at[i]);
			continue;
		}
		str_append_text(&line->text, "\\x");
		fmt_hex(&line->text, view_first(view_from(value, i), 1));
	}
}

void
log_add_text(struct log_line *line, enum log_key key, const char *value)
{
	log_add(line, key, view_of(value));
}

void
log_add_u64(struct log_line *line, enum log_key key, uint64_t value)
{
	char buffer[FMT_U64_MAX];

	log_add(line, key, fmt_u64_into(buffer, value));
}

void
log_add_place(struct log_line *line, enum log_key key, const char *file, uint64_t number)
{
	struct str place = { 0 };

	str_append_text(&place, file);
	if (number) {
		str_append_byte(&place, ':');
		fmt_u64(&place, number);
	}
	log_add(line, key, str_view(&place));
	str_free(&place);
}

void
log_take(struct log_line *line, struct str *out)
{
	if (line->log->level > 0) {
		str_append_byte(&line->text, '\n');
		str_append(out, str_view(&line->text));
	}
	str_free(&line->text);
}

void
log_end(struct log_line *line)
{
	struct str whole = { 0 };

	log_take(line, &whole);
	if (whole.len)
		fd_write_all(line->log->fd, str_view(&whole));
	str_free(&whole);
}

void
log_problem(const struct log *log, const struct problem *problem)
{
	struct log_line line;

	log_begin(&line, log, LOG_CONFIG);
	log_add_text(&line, KEY_FILE, problem->where);
	log_add_text(&line, KEY_REASON, problem->what);
	if (problem->error)
		log_add_text(&line, KEY_ERROR, strerror(problem->error));
	log_end(&line);
}

void
log_warning(const struct log *log, const char *text, struct view detail)
{
	struct log_line line;

	log_begin(&line, log, LOG_WARNING);
	log_add_text(&line, KEY_TEXT, text);
	if (detail.len)
		log_add(&line, KEY_REASON, detail);
	log_end(&line);
}
