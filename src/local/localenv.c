#include "local/localenv.h"

#include "lib/date.h"
#include "lib/fmt.h"
#include "lib/quote.h"

static void
make_delivered_to(struct str *out, const struct delivery_args *args)
{
	size_t i;

	str_append_text(out, "Delivered-To: ");
	str_append_text(out, args->local);
	str_append_byte(out, '@');
	str_append_text(out, args->domain);
	for (i = 0; i < out->len; i++)
		if (out->at[i] == '\n')
			out->at[i] = '_';
	str_append_byte(out, '\n');
}

static void
make_return_path(struct str *out, const char *sender)
{
	size_t i;

	str_append_text(out, "Return-Path: <");
	quote_address(out, view_of(sender));
	for (i = 0; i < out->len; i++)
		if (out->at[i] == '\n')
			out->at[i] = '_';
	str_append_text(out, ">\n");
}

/* "Www Mmm DD HH:MM:SS YYYY", UTC. */
static void
append_ctime(struct str *out, int64_t now)
{
	struct date d;

	date_from_unix(&d, now);
	str_append_text(out, date_weekday_name(d.weekday));
	str_append_byte(out, ' ');
	str_append_text(out, date_month_name(d.month));
	str_append_byte(out, ' ');
	fmt_u64_padded(out, (uint64_t)d.day, 2);
	str_append_byte(out, ' ');
	date_append_clock(out, &d);
	str_append_byte(out, ' ');
	fmt_u64(out, (uint64_t)d.year);
}

void
delivery_append_from(struct str *out, struct view sender, int64_t when)
{
	size_t i;

	str_append_text(out, "From ");
	if (sender.len == 0)
		str_append_text(out, "MAILER-DAEMON");
	for (i = 0; i < sender.len; i++) {
		char c = sender.at[i];

		str_append_byte(out, c == ' ' || c == '\t' || c == '\n' ? '-' : c);
	}
	str_append_byte(out, ' ');
	append_ctime(out, when);
	str_append_byte(out, '\n');
}

void
delivery_lines_make(
    struct delivery_lines *lines, const struct delivery_args *args, int64_t now)
{
	make_delivered_to(&lines->delivered_to, args);
	make_return_path(&lines->return_path, args->sender);
	delivery_append_from(&lines->from, view_of(args->sender), now);
}

void
delivery_lines_free(struct delivery_lines *lines)
{
	str_free(&lines->delivered_to);
	str_free(&lines->return_path);
	str_free(&lines->from);
}

/* HOST, and HOST2 to HOST4 without its last one to three labels. */
static void
fill_host(struct env_list *env, struct view host)
{
	static const char *const names[] = { "HOST", "HOST2", "HOST3", "HOST4" };
	int i;

	for (i = 0; i < 4; i++) {
		env_list_set(env, names[i], host);
		host = view_first(host, view_rindex(host, '.'));
	}
}

/* EXT, and EXT2 to EXT4 behind its first to third '-'. */
static void
fill_ext(struct env_list *env, struct view ext)
{
	static const char *const names[] = { "EXT", "EXT2", "EXT3", "EXT4" };
	int i;

	for (i = 0; i < 4; i++) {
		env_list_set(env, names[i], ext);
		ext = view_from(ext, view_index(ext, '-') + 1);
	}
}

void
localenv_fill(struct env_list *env, const struct delivery_args *args,
    const struct delivery_lines *lines)
{
	struct str recipient = { 0 };

	str_append_text(&recipient, args->local);
	str_append_byte(&recipient, '@');
	str_append_text(&recipient, args->domain);

	env_list_set(env, "SENDER", view_of(args->sender));
	env_list_set(env, "RECIPIENT", str_view(&recipient));
	env_list_set(env, "LOCAL", view_of(args->local));
	env_list_set(env, "USER", view_of(args->user));
	env_list_set(env, "HOME", view_of(args->home));
	env_list_set(env, "DTLINE", str_view(&lines->delivered_to));
	env_list_set(env, "RPLINE", str_view(&lines->return_path));
	env_list_set(env, "UFLINE", str_view(&lines->from));
	fill_host(env, view_of(args->domain));
	fill_ext(env, view_of(args->ext));
	str_free(&recipient);
}
