#include "policy/sppfile.h"

static const char letters[SPP_SECTIONS] = {
	[SPP_CONNECTION] = 'c',
	[SPP_HELO] = 'h',
	[SPP_MAIL] = 'm',
	[SPP_RCPT] = 'r',
	[SPP_PASS] = 'p',
	[SPP_DATA] = 'd',
	[SPP_AUTH] = 'a',
};

const struct control_entry *
sppfile_next(
    const struct control_list *lines, enum spp_section section, struct sppfile_walk *walk)
{
	while (walk->at < lines->count) {
		const struct control_entry *entry = &lines->entries[walk->at++];

		if (entry->text.at[0] == '[')
			walk->inside =
			    entry->text.len > 1 && entry->text.at[1] == letters[section];
		else if (walk->inside)
			return entry;
	}
	return NULL;
}
