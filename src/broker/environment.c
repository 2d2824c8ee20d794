#include "broker/environment.h"

#include <string.h>

#include "config/variables.h"
#include "wire/brokerframe.h"
#include "wire/kinds.h"

/* What servers and AUTH say of a client; what the field's checks, filters and scanners are told by
 * tcprules; what we tell children.  A '*' is the rest of a name. */
static const char *const allowed[] = {
	/* the client: tcpserver, sslserver */
	"TCP*", "PROTO", "SSL_CIPHER*", "SSL_CLIENT_*", "SSL_PROTOCOL", "SSL_SERVER_*",
	"SSL_SESSION_*", "SSL_VERSION*", "SSLCTLFD", "SSLREADFD", "SSLWRITEFD",
	"UCSPITLS",
	/* the session */
	"QMAILSID", "ERROR_FD", "RELAYCLIENT", "DATABYTES", "RBLSMTPD", "SMTP*",
	"AUTHUSER", "AUTHPROTOCOL", "AUTHINFO", "HELO", "HELOHOST", "MAILFROM", "RCPTTO",
	"SENDER", "RECIPIENT", "USE_FD4", "RCPTFOUND", "RCPTHOSTS", "SPF*", "RBL*",
	/* what is wanted of us: inbound contract, section 5 */
	"ALLOW_*", "AUTH_SET_*", "AUTH_UNSET_*", "BADHELO*", "BADLOADERTYPE",
	"BADMIMETYPE", "BODYCHECK", "BROKER", "BRTLIMIT", "CHKUSER_*", "CHUNKING",
	"CLAM*", "DENY_TLS", "DISABLE*", "DNSBL*", "DROP_PRE_GREET", "ENABLE_SPP",
	"ENHANCEDCODES", "FORCE*", "GREETDELAY", "GREYLIST*", "HELOCHECK", "HTMLONLY",
	"KLEZFILTER", "LOCALMFCHECK", "LOGDIALECT", "LOGREGEX", "MAX*", "MFCHECK",
	"MFDNSCHECK", "MOREVALIDRCPTTO_CDB", "NOBADHELO", "PATTERNS*", "PERCENTHACK",
	"POSTMASTEREXEMPT", "QREGEX", "RATE*", "RCPTCHECK*", "REALRCPTTO",
	"RECIPIENTS450", "REJECT*", "REPLY_*", "REQUIRE*", "RFCORDER", "RHSBL*", "SCAN*",
	"SECURE_AUTH", "SESSION*", "SPAM*", "SUBMISSION", "TARPIT*", "TLSCIPHERS",
	"TLSREQUIRED", "VALIDRCPTTO*", "VIRUS*", "WHITELISTED",
	/* filters behind us */
	"QMAILQUEUE", "QS_*", "SIMSCAN_*"
};

/* Besides what config/variables.h forbids: what interpreters and libraries load code by, or whom they
 * trust. */
static const char *const forbidden[] = { "NODE_*", "JAVA*", "_JAVA*", "LUA*", "PHP*",
	"TCL*", "GUILE*", "GEM_*", "OPENSSL*", "SSL_CERT*", "CURL*", "KRB5*", "GSS*",
	"SASL*", "LDAP*", "PG*", "MYSQL*", "ODBC*", "XDG_*", "GIT_*", "P11_*", "NSS*",
	"PS4", "PAGER", "EDITOR", "VISUAL", "TZDIR", "LANG*", "LC_*", "TERMINFO*",
	"AUTH_CDB", "ZDOTDIR", "FPATH", "INPUTRC", "AWK*", "LESS*", "CLASSPATH", "JDK_*",
	"DOTNET_*", "CORECLR_*", "MONO_*", "OCAML*", "CAML*", "ERL_*", "GIO_*", "GI_*",
	"GNUPG*", "SSH_*", "DOCKER_*", "DBUS_*", "SSLKEYLOGFILE", "REQUESTS_CA_BUNDLE",
	"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "RESOLV_HOST_CONF", "TMP", "TEMP" };

static const char *const left_out[] = { "PWD", "OLDPWD", "SHLVL", "_", "INVOCATION_ID",
	"JOURNAL_STREAM", "SYSTEMD_EXEC_PID", "MEMORY_PRESSURE_WATCH",
	"MEMORY_PRESSURE_WRITE" };

static bool
matches(struct view pattern, struct view name)
{
	if (view_ends(pattern, VIEW("*")))
		return pattern.len > 1 &&
		    view_starts(name, view_first(pattern, pattern.len - 1));
	return view_equal(pattern, name);
}

static bool
is_among(const char *const *patterns, size_t count, struct view name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (matches(view_of(patterns[i]), name))
			return true;
	return false;
}

bool
environment_may_set(const struct environment_rules *rules, struct view name)
{
	size_t i;

	if (is_among(allowed, sizeof allowed / sizeof *allowed, name))
		return true;
	for (i = 0; rules->more && i < rules->more->count; i++)
		if (matches(rules->more->entries[i].text, name))
			return true;
	return rules->any_harmless && variables_allow(name) &&
	    !is_among(forbidden, sizeof forbidden / sizeof *forbidden, name);
}

bool
environment_is_left_out(struct view name)
{
	return is_among(left_out, sizeof left_out / sizeof *left_out, name);
}

/* A filter may look for the next one there. */
static bool
is_command(const struct broker_commands *commands, struct view path)
{
	struct broker_commands one = { 0 };
	char *argv[2] = { NULL, NULL };
	struct str text = { 0 };
	bool known = false;

	str_set(&text, path);
	argv[0] = text.at;
	if (path.len > 0)
		brokercommands_add(&one, argv, false);
	if (one.count == 1)
		known = brokercommands_have(commands, str_view(&one.packed[0]));
	brokercommands_free(&one);
	str_free(&text);
	return known;
}

const char *
environment_refuses(
    const struct environment_rules *rules, uint16_t tag, struct view octets)
{
	struct view name = octets, value = VIEW("");

	if (tag == TAG_BROKER_SET && !brokerframe_variable(octets, &name, &value))
		return "not a variable";
	if (!environment_may_set(rules, name))
		return "a variable that is not in control/brokervariables";
	if (tag == TAG_BROKER_SET && view_equal(name, VIEW("QMAILQUEUE")) &&
	    !is_command(rules->commands, value))
		return "a QMAILQUEUE that is not in control/brokerprograms";
	return NULL;
}

/* --- the environment of a child ------------------------------------------------------------------------- */

static size_t
find(char **list, size_t count, struct view name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strncmp(list[i], name.at, name.len) == 0 && list[i][name.len] == '=')
			break;
	return i;
}

static bool
change(struct arena *mem, char **list, size_t *count, uint16_t tag, struct view octets)
{
	struct view name = view_first(octets, view_index(octets, '='));
	size_t at = find(list, *count, name);

	if (tag == TAG_BROKER_UNSET) {
		if (at < *count)
			list[at] = list[--*count];
		return true;
	}
	if (at == BROKER_VARIABLES_MAX)
		return false;
	list[at] = arena_alloc(mem, octets.len + 1);
	memcpy(list[at], octets.at, octets.len);
	list[at][octets.len] = '\0';
	*count += at == *count;
	return true;
}

char **
environment_of_child(struct arena *mem, const struct env_list *base, struct view fields)
{
	char **list = arena_alloc(mem, (BROKER_VARIABLES_MAX + 1) * sizeof *list);
	size_t count = base->count;
	struct view octets;
	uint16_t tag;

	if (count > BROKER_VARIABLES_MAX)
		return NULL;
	if (count > 0)
		memcpy(list, base->entries, count * sizeof *list);
	while (frame_next(&fields, &tag, &octets))
		if ((tag == TAG_BROKER_SET || tag == TAG_BROKER_UNSET) &&
		    !change(mem, list, &count, tag, octets))
			return NULL;
	list[count] = NULL;
	return list;
}
