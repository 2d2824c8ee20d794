#include "config/helperusers.h"

#include "config/control.h"
#include "config/ids.h"
#include "lib/str.h"

static void
add_user(struct helperusers *users, const char *name)
{
	if (users->count < HELPERUSERS_MAX &&
	    ids_user(name, &users->uids[users->count]) == ANSWER_YES)
		users->count++;
}

void
helperusers_read(struct helperusers *users)
{
	struct control_list list = { 0 };
	struct str name = { 0 };
	size_t i;

	users->count = 0;
	add_user(users, "qmaild");
	add_user(users, "qmailr");
	add_user(users, "qmails");
	control_list("control/helperusers", &list, NULL);
	for (i = 0; i < list.count; i++) {
		str_set(&name, list.entries[i].text);
		add_user(users, str_text(&name));
	}
	control_list_free(&list);
	str_free(&name);
}
