/* The records of todo/N, and the way from a recipient to its channel and back. */
#include <stdint.h>
#include <stdlib.h>

#include "send/bouncetext.h"
#include "send/todo.h"
#include "send/verp.h"
#include "users/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take_recipient(
    const struct routes *routes, const struct todo *todo, struct view recipient)
{
	struct str address = { 0 }, sender = { 0 }, text = { 0 };

	route_recipient(routes, recipient, &address);
	if (view_index(str_view(&address), '@') == address.len)
		abort();
	verp_sender(&sender, str_view(&todo->sender), str_view(&address));
	bouncetext_recipient(
	    &text, route_strip_prefix(routes, str_view(&address)), VIEW("a\n\nb\n"));
	str_free(&address);
	str_free(&sender);
	str_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = { (const char *)data, size }, record, recipient;
	struct routes routes = { 0 };
	struct todo todo = { 0 };

	route_table_parse(&routes.locals, VIEW("a.example\n"), 0);
	route_table_parse(&routes.virtualdomains, VIEW("v.example:v\n.w:w\n:c\n"), ':');
	route_table_parse(&routes.percenthack, VIEW("a.example\nv.example\n"), 0);
	str_append_text(&routes.envnoathost, "a.example");
	while (view_cut(rest, '\0', &record, &rest))
		if (todo_take(&todo, record, &recipient) == TODO_RECIPIENT)
			take_recipient(&routes, &todo, recipient);
	todo_free(&todo);
	routes_free(&routes);
	return 0;
}
