#include "policy/spf/result.h"

static const struct {
	const char *text, *variable;
} words[] = {
	[SPF_NONE] = { "none", "none" },
	[SPF_NEUTRAL] = { "neutral", "neutral" },
	[SPF_PASS] = { "pass", "pass" },
	[SPF_FAIL] = { "fail", "fail" },
	[SPF_SOFTFAIL] = { "softfail", "softfail" },
	[SPF_TEMPERROR] = { "temperror", "error" },
	[SPF_PERMERROR] = { "permerror", "unknown" },
};

const char *
spf_result_text(enum spf_result result)
{
	return words[result].text;
}

const char *
spf_result_variable(enum spf_result result)
{
	return words[result].variable;
}
