#include "check/lineforms.h"

#include <unistd.h>

#include "ares/servers.h"
#include "auth/sasl_server.h"
#include "config/ids.h"
#include "lib/arena.h"
#include "lib/ip.h"
#include "lib/ipnet.h"
#include "lib/ipplace.h"
#include "pace/pacerules.h"
#include "pace/slowdown.h"
#include "policy/dnsbl.h"
#include "policy/empf.h"
#include "policy/greyrules.h"
#include "policy/spf/record.h"

/* NULL, or what is wrong, a literal. */
typedef const char *look_function(struct view line);

static const char *
look_at_dnsbl(struct view line)
{
	struct dnsbl_zone zone;

	return dnsbl_parse(line, &zone) ? NULL
					: "no zone is in it, and it is passed over";
}

static const char *
look_at_rhsbl(struct view line)
{
	struct dnsbl_zone zone;

	return dnsbl_parse_rhsbl(line, &zone) ? NULL
					      : "no zone is in it, and it is passed over";
}

static const char *
look_at_greylistallow(struct view line)
{
	return greyrules_is_line(line)
	    ? NULL
	    : "no address, network, sender or @host, and it is passed over";
}

static const char *
look_at_resolver(struct view line)
{
	struct server server;
	bool trusted;

	return servers_parse_line(line, &server, &trusted)
	    ? NULL
	    : "no address of a resolver, and it is passed over";
}

static const char *
look_at_network(struct view line)
{
	struct ipnet net;

	return ipnet_parse(line, &net) ? NULL
				       : "no address or network, and it is passed over";
}

static const char *
look_at_ip(struct view line)
{
	struct ip ip;

	return ip_parse(view_trim_right(line), &ip) || ip_parse_literal(line, &ip)
	    ? NULL
	    : "no address: mail has to wait";
}

static const char *
look_at_place(struct view line)
{
	struct ip ip;
	uint16_t port;

	return ip_parse_place(line, 0, &ip, &port)
	    ? NULL
	    : "no address, with or without a port: names are not looked up, and it is "
	      "passed over";
}

static const char *
look_at_slowdown(struct view line)
{
	struct slowdown_rule rule;

	return slowdown_parse(line, &rule) ? NULL : "no rule: remote mail has to wait";
}

static const char *
look_at_pacing(struct view line)
{
	struct pacerule rule = { .pause = 0 };
	struct view key, value;

	return view_cut(line, ':', &key, &value) && pacerule_parse(value, &rule)
	    ? NULL
	    : "no rule: remote mail has to wait";
}

static const char *
look_at_mechanisms(struct view line)
{
	enum sasl_mechanism ignored;
	struct view relay, words, word;

	if (!view_cut(line, ':', &relay, &words))
		return "without a ':' it is passed over";
	while ((word = view_next_word(&words)).len > 0)
		if (!sasl_mechanism_of(word, &ignored))
			return "a mechanism in it is none that we know, and is passed "
			       "over";
	return NULL;
}

static const char *
look_at_user(struct view line)
{
	struct str name = { 0 };
	enum answer found;
	uid_t uid;

	str_set(&name, line);
	found = ids_user(str_text(&name), &uid);
	str_free(&name);
	return found == ANSWER_NO ? "there is no such user: nobody may use the helpers"
				  : NULL;
}

static const char *
look_at_email(struct view line)
{
	return view_index(line, '@') < line.len
	    ? NULL
	    : "not an e-mail address, so of no effect";
}

static const char *
look_at_spf(struct view line)
{
	struct spf_record record;
	struct arena mem = { 0 };
	struct view wrong = VIEW("");
	bool good = spf_record_parse(line, &mem, &record, &wrong);

	arena_free(&mem);
	return good ? NULL : "a term of it is no SPF term, and all of it is left out";
}

/* The first domain that a line is about is asked about: a line that is malformed tells. */
static const char *
look_at_policy(struct view line)
{
	struct control_list alone = { 0 };
	struct str sender = { 0 };
	struct address address;
	struct empf_ruling why = { .line = 0 };
	enum empf_verdict verdict;

	str_append_text(&sender, "a@");
	str_append(&sender, view_first(line, view_index(line, ':')));
	address = address_of(str_view(&sender));
	control_list_parse(line, &alone);
	verdict = empf_decide(
	    &alone, &(struct empf_question) { &address, &address, true, true }, &why);
	control_list_free(&alone);
	str_free(&sender);
	return verdict == EMPF_BROKEN
	    ? "malformed: mail of a domain that it or a later line is about is put off"
	    : NULL;
}

/* "[section]", "program", ":command". */
static const char *
look_at_plugin(struct view line)
{
	struct str path = { 0 };
	bool there;

	if (line.at[0] == '[' || line.at[0] == ':')
		return NULL;
	str_set(&path, line);
	there = access(str_text(&path), F_OK) == 0;
	str_free(&path);
	return there ? NULL : "there is no such program: mail that needs it is put off";
}

/* The program of a line of words, if that is a path. */
static const char *
look_at_program(struct view line)
{
	struct view name = view_next_word(&line);
	struct str path = { 0 };
	bool there;

	if (name.at[0] == ':' || view_index(name, '/') == name.len)
		return NULL;
	str_set(&path, name);
	there = access(str_text(&path), F_OK) == 0;
	str_free(&path);
	return there ? NULL : "there is no such program";
}

/* "domain:cdb", "cdb", "domain|program": is it there? */
static const char *
look_at_recipients(struct view line)
{
	struct view domain, target = line;
	struct str path = { 0 };
	bool there, program = view_index(line, '|') < line.len;

	if (line.at[0] == '!')
		return NULL;
	if (!view_cut(line, '|', &domain, &target))
		view_cut(line, ':', &domain, &target);
	if (program)
		target = view_next_word(&target);
	str_set(&path, target);
	there = access(str_text(&path), F_OK) == 0;
	str_free(&path);
	return there ? NULL
		     : "the file that it names is not there: qmail-smtpd answers 421";
}

static const char SEE_CONTROL[] = "see qmail-control(5)";

static const struct {
	const char *path;
	look_function *look;
	enum finding_level level;
	const char *hint;
} forms[] = {
	{ "control/brokerprograms", look_at_program, FINDING_WARNING, SEE_CONTROL },
	{ "control/dnsbllist", look_at_dnsbl, FINDING_WARNING, SEE_CONTROL },
	{ "control/greylistallow", look_at_greylistallow, FINDING_WARNING, SEE_CONTROL },
	{ "control/helperusers", look_at_user, FINDING_ERROR, SEE_CONTROL },
	{ "control/moreipme", look_at_network, FINDING_WARNING, SEE_CONTROL },
	{ "control/notipme", look_at_network, FINDING_WARNING, SEE_CONTROL },
	{ "control/outgoingip", look_at_ip, FINDING_ERROR, SEE_CONTROL },
	{ "control/outgoingip6", look_at_ip, FINDING_ERROR, SEE_CONTROL },
	{ "control/pacing", look_at_pacing, FINDING_ERROR, "see qmail-pacing(5)" },
	{ "control/policy", look_at_policy, FINDING_ERROR, SEE_CONTROL },
	{ "control/qmqpservers", look_at_place, FINDING_ERROR, "see qmail-qmqpc(8)" },
	{ "control/recipients", look_at_recipients, FINDING_ERROR, SEE_CONTROL },
	{ "control/resolvers", look_at_resolver, FINDING_WARNING, SEE_CONTROL },
	{ "control/rhsbl_zones", look_at_rhsbl, FINDING_WARNING, SEE_CONTROL },
	{ "control/slowdown", look_at_slowdown, FINDING_ERROR, SEE_CONTROL },
	{ "control/smtpplugins", look_at_plugin, FINDING_ERROR, SEE_CONTROL },
	{ "control/spfguess", look_at_spf, FINDING_WARNING, SEE_CONTROL },
	{ "control/spflocalrules", look_at_spf, FINDING_WARNING, SEE_CONTROL },
	{ "control/spfrules", look_at_spf, FINDING_WARNING, SEE_CONTROL },
	{ "control/tlsclients", look_at_email, FINDING_WARNING, SEE_CONTROL },
	{ "control/authmechs", look_at_mechanisms, FINDING_WARNING, SEE_CONTROL },
};

void
lineforms_check(struct check *c)
{
	size_t i, k;

	for (i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct control_list list = { 0 };

		check_list_of(c, forms[i].path, &list);
		for (k = 0; k < list.count; k++) {
			const char *wrong = forms[i].look(list.entries[k].text);

			if (wrong)
				finding_add(&c->out, forms[i].level, forms[i].path,
				    list.entries[k].line, forms[i].hint, wrong,
				    (char *)NULL);
		}
		control_list_free(&list);
	}
}
