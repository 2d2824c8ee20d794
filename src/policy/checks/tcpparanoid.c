/* tcpparanoid - indimail's tcpserver says in TCPPARANOID that the name of the client's address does
 * not lead back to it; then every MAIL is refused.  Its value may be that name. */
#include "policy/check.h"

enum { NAME_MAX = 255 }; /* octets; it is the DNS's word */

enum verdict
check_tcpparanoid(const struct question *q, struct ruling *why)
{
	struct view name = view_first(view_of(q->list->value), NAME_MAX);
	struct str text = { 0 };

	str_append_text(&text, "sorry, your IP address (");
	str_append(&text, q->tools->ip);
	str_append_text(&text, ") PTR (reverse DNS) record points to wrong hostname");
	if (name.len) {
		str_append_byte(&text, ' ');
		str_append(&text, name);
	}
	why->reply = (struct reply) { 553, arena_copy(q->tools->mem, str_view(&text)),
		VIEW("5.7.1") };
	str_free(&text);
	return VERDICT_REJECT;
}
