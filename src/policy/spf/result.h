/* result - what SPF can say (RFC 7208 2.6), and what it is called. */
#ifndef POLICY_SPF_RESULT_H
#define POLICY_SPF_RESULT_H

enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR,
};

/* As in Received-SPF and Authentication-Results. */
const char *spf_result_text(enum spf_result result);

/* As in $SPFRESULT, with the words of drafts: "unknown" is permerror, "error" temperror (inbound
 * 5.6.5). */
const char *spf_result_variable(enum spf_result result);

#endif
