#include "wire/brokercommands.h"

#include <string.h>

#include "lib/mem.h"

static void
append_word(struct str *out, struct view word)
{
	str_append(out, word);
	str_append_byte(out, '\0');
}

void
brokercommands_pack(struct str *out, char *const *argv, bool search)
{
	size_t i;

	str_append_byte(out, search && !strchr(argv[0], '/') ? 1 : 0);
	for (i = 0; argv[i]; i++)
		append_word(out, view_of(argv[i]));
}

static size_t
count_words(struct view packed)
{
	size_t i, count = 0;

	for (i = 1; i < packed.len; i++)
		count += packed.at[i] == '\0';
	return count;
}

static bool
is_packed(struct view packed)
{
	return packed.len > 2 && packed.len <= BROKER_COMMAND_MAX &&
	    (packed.at[0] == 0 || packed.at[0] == 1) && packed.at[1] != '\0' &&
	    packed.at[packed.len - 1] == '\0' && count_words(packed) <= BROKER_WORDS_MAX;
}

bool
brokercommands_unpack(struct str *packed, char *argv[BROKER_WORDS_MAX + 1], bool *search)
{
	size_t at, count = 0;

	if (!is_packed(str_view(packed)))
		return false;
	for (at = 1; at < packed->len; at += strlen(packed->at + at) + 1)
		argv[count++] = packed->at + at;
	argv[count] = NULL;
	*search = packed->at[0] == 1;
	return true;
}

bool
brokercommands_have(const struct broker_commands *list, struct view packed)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (view_equal(str_view(&list->packed[i]), packed))
			return true;
	return false;
}

void
brokercommands_add_packed(struct broker_commands *list, struct view packed)
{
	if (list->count == BROKER_COMMANDS_MAX || !is_packed(packed) ||
	    brokercommands_have(list, packed))
		return;
	list->packed = mem_resize(list->packed, (list->count + 1) * sizeof *list->packed);
	list->packed[list->count] = (struct str) { 0 };
	str_set(&list->packed[list->count++], packed);
}

void
brokercommands_add(struct broker_commands *list, char *const *argv, bool search)
{
	struct str packed = { 0 };

	if (!argv[0])
		return;
	brokercommands_pack(&packed, argv, search);
	brokercommands_add_packed(list, str_view(&packed));
	str_free(&packed);
}

static void
pack_shell(struct str *out, struct view command)
{
	str_append_byte(out, 0);
	append_word(out, VIEW("/bin/sh"));
	append_word(out, VIEW("-c"));
	append_word(out, command);
}

static void
pack_words(struct str *out, struct view line)
{
	struct view word = view_next_word(&line);

	str_append_byte(out, view_index(word, '/') == word.len ? 1 : 0);
	for (; word.len > 0; word = view_next_word(&line))
		append_word(out, word);
}

void
brokercommands_add_line(struct broker_commands *list, struct view line)
{
	struct str packed = { 0 };

	if (view_starts(line, VIEW(":")))
		pack_shell(&packed, view_from(line, 1));
	else
		pack_words(&packed, line);
	brokercommands_add_packed(list, str_view(&packed));
	str_free(&packed);
}

void
brokercommands_free(struct broker_commands *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		str_free(&list->packed[i]);
	mem_free(list->packed);
	*list = (struct broker_commands) { 0 };
}
