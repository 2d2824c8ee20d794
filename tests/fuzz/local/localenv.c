/* A delivery's arguments, of which sender and extension are anybody's: each line that is made of them is one line,
 * and no variable is another's.  The input is domain, sender and extension, with NULs between them. */
#include "fuzz/fuzz.h"

#include <string.h>

#include "local/localenv.h"

/* One line, with its end. */
static void
check_line(const struct str *line)
{
	claim(line->len > 0 && line->at[line->len - 1] == '\n' &&
	    view_index(str_view(line), '\n') == line->len - 1 &&
	    view_index(str_view(line), '\0') == line->len);
}

static void
check(const struct delivery_args *args)
{
	struct delivery_lines lines = { 0 };
	struct env_list env = { 0 };
	size_t i;

	delivery_lines_make(&lines, args, 1795880400);
	check_line(&lines.delivered_to);
	check_line(&lines.return_path);
	check_line(&lines.from);
	claim(view_starts(str_view(&lines.from), VIEW("From ")));
	localenv_fill(&env, args, &lines);
	for (i = 0; i < env.count; i++)
		claim(strchr(env.entries[i], '=') > env.entries[i]);
	env_list_free(&env);
	delivery_lines_free(&lines);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { 0 };
	const char *part[3];
	size_t i, at = 0;

	str_append(&text, (struct view) { (const char *)data, size });
	str_append(&text, (struct view) { "\0\0\0", 3 });
	for (i = 0; i < 3; i++) {
		part[i] = str_text(&text) + at;
		at += strlen(part[i]) + 1;
	}
	check(&(struct delivery_args) { .user = "joe",
	    .home = "/home/joe",
	    .local = part[2],
	    .dash = "-",
	    .ext = part[2],
	    .domain = part[0],
	    .sender = part[1],
	    .fallback = "./Maildir/" });
	str_free(&text);
	return 0;
}
