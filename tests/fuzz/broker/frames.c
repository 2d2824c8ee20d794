/* What a session says to its broker, and what it hears: the fields of frames, commands, variables. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "broker/environment.h"
#include "wire/brokercommands.h"
#include "wire/brokerframe.h"
#include "wire/kinds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_command(struct view packed)
{
	char *argv[BROKER_WORDS_MAX + 1];
	struct str text = { 0 }, again = { 0 };
	bool search;

	str_set(&text, packed);
	if (brokercommands_unpack(&text, argv, &search)) {
		brokercommands_pack(&again, argv, search);
		if (!view_equal(view_from(str_view(&again), 1), view_from(packed, 1)))
			abort();
	}
	str_free(&text);
	str_free(&again);
}

static void
check_start(const struct frame *frame)
{
	struct broker_start start;
	size_t i;

	if (!brokerframe_start(frame, &start))
		return;
	if (start.fd_count > SPAWN_FDS)
		abort();
	for (i = 0; i < start.fd_count; i++)
		if (start.fds[i].from == 0 ||
		    (start.fds[i].from < BROKER_LOG &&
			start.fds[i].from >= frame->fd_count))
			abort();
	check_command(start.command);
}

/* No change that is let pass reaches the linker, and none is lost or made twice. */
static void
check_changes(const struct frame *frame)
{
	struct environment_rules rules = { NULL, true, &(struct broker_commands) { 0 } };
	struct env_list base = { 0 };
	struct arena mem = { 0 };
	struct view rest = frame->fields, octets;
	bool good = true;
	char **list;
	uint16_t tag;
	size_t i;

	env_list_set(&base, "PATH", VIEW("/bin"));
	while (good && frame_next(&rest, &tag, &octets))
		if (tag == TAG_BROKER_SET || tag == TAG_BROKER_UNSET)
			good = !environment_refuses(&rules, tag, octets);
	list = good ? environment_of_child(&mem, &base, frame->fields) : NULL;
	for (i = 0; list && list[i]; i++)
		if (!strchr(list[i], '=') || strncmp(list[i], "LD_", 3) == 0)
			abort();
	if (list && (i == 0 || strcmp(list[0], "PATH=/bin") != 0))
		abort();
	arena_free(&mem);
	env_list_free(&base);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view octets = { (const char *)data, size };
	struct broker_commands list = { 0 };
	struct frame frame;
	int status;
	pid_t pid;

	check_command(octets);
	brokercommands_add_line(&list, octets);
	if (list.count > 0)
		check_command(str_view(&list.packed[0]));
	brokercommands_free(&list);
	if (!frame_parse(octets, &frame))
		return 0;
	check_start(&frame);
	check_changes(&frame);
	if (brokerframe_kill(&frame, &pid, &status) && pid <= 0)
		abort();
	if (brokerframe_started(&frame) == 0)
		abort();
	brokerframe_ended(&frame, &status);
	return 0;
}
