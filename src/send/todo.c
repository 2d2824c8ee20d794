#include "send/todo.h"

#include "lib/scan.h"

enum todo_record
todo_take(struct todo *todo, struct view record, struct view *recipient)
{
	struct view value = view_from(record, 1);

	switch (record.len ? record.at[0] : '\0') {
	case 'u':
		scan_u64(value, &todo->uid);
		return TODO_NOTED;
	case 'p':
		scan_u64(value, &todo->qp);
		return TODO_NOTED;
	case 'F':
		str_set(&todo->sender, value);
		todo->has_sender = true;
		return TODO_NOTED;
	case 'T':
		*recipient = value;
		return TODO_RECIPIENT;
	default:
		return TODO_UNKNOWN;
	}
}

void
todo_free(struct todo *todo)
{
	str_free(&todo->sender);
	*todo = (struct todo) { 0 };
}
