/* A line of users/assign; what it becomes is a record that account_parse() can split, if its numbers
 * are some. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "users/account.h"
#include "users/assign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view line = { (const char *)data, size };
	struct str key = { 0 }, record = { 0 }, last = { 0 };
	struct account account = { 0 };

	switch (assign_parse(line, &key, &record)) {
	case ASSIGN_WILDCARD:
	case ASSIGN_EXACT:
		if (key.len == 0 || key.at[0] != '!')
			abort();
		assign_note_wildcard(&last, str_view(&key));
		account_parse(str_view(&record), &account);
		break;
	case ASSIGN_END:
	case ASSIGN_MALFORMED:
		if (key.len > 0 || record.len > 0)
			abort();
		break;
	}
	account_parse(line, &account);
	account_free(&account);
	str_free(&key);
	str_free(&record);
	str_free(&last);
	return 0;
}
