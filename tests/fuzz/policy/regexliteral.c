/* Regular expressions that count as plain: the first line of the input is a text, the second an expression.  The
 * library takes it, and what it matches is not ruled out. */
#include <regex.h>
#include <stdint.h>
#include <stdlib.h>

#include "lib/str.h"
#include "policy/regexcost.h"
#include "policy/regexliteral.h"

enum { COST_MAX = 64, TEXT_MAX = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
compare(struct view regex, struct view text)
{
	struct str pattern = { 0 }, subject = { 0 };
	regex_t compiled;

	str_set(&pattern, regex);
	str_set(&subject, text);
	if (regcomp(&compiled, pattern.at, REG_EXTENDED | REG_ICASE | REG_NOSUB))
		abort();
	if (regexec(&compiled, subject.at, 0, NULL, 0) == 0 &&
	    regexliteral_rules_out(regex, text))
		abort();
	regfree(&compiled);
	str_free(&pattern);
	str_free(&subject);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = { (const char *)data, size }, regex = VIEW("");

	view_cut(text, '\n', &text, &regex);
	if (text.len <= TEXT_MAX && regexcost(regex, COST_MAX) <= COST_MAX &&
	    regexliteral_has(regex))
		compare(regex, text);
	return 0;
}
