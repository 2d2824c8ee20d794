#include "policy/table.h"

#include "lib/env.h"

/* The value of the variable without which a dialect does not look at badhelo; empty where there is
 * no such condition, NULL where it is not met (inbound 0.7). */
static const char *
mode_of_badhelo(enum dialect dialect)
{
	const char *mode = "";

	if (dialect == DIALECT_SQMAIL)
		return env_value("HELOCHECK");
	if (dialect == DIALECT_INDIMAIL)
		mode = env_value("BADHELOCHECK");
	return mode ? mode : env_value("BADHELO");
}

/* The rules are asked if LOCALMFCHECK is "!". */
static const char *
mode_of_mailfromrules(enum dialect dialect)
{
	const char *mode = env_value("LOCALMFCHECK");

	(void)dialect;
	return mode && mode[0] == '!' && mode[1] == '\0' ? mode : NULL;
}

const struct check_row table_rows[CHECK_COUNT] = {
	[CHECK_TCPPARANOID] = { "tcpparanoid", AT_MAIL, NULL, "TCPPARANOID",
	    .only = IN(DIALECT_INDIMAIL), .flags = ADDED | IS_SWITCH,
	    .ask = check_tcpparanoid },
	[CHECK_REJECTNULLSENDERS] = { "rejectnullsenders", AT_MAIL,
	    "control/rejectnullsenders", "REJECTNULLSENDERS", .flags = ADDED | IS_NUMBER,
	    .ask = check_rejectnullsenders },
	[CHECK_MASQUERADE] = { "masquerade", AT_MAIL, NULL, "MASQUERADE", .flags = ADDED,
	    .ask = check_masquerade },
	[CHECK_ANTISPOOFING] = { "antispoofing", AT_MAIL, NULL, "ANTISPOOFING",
	    .flags = NOT_FOR_RELAY | ADDED | IS_SWITCH, .ask = check_antispoofing },
	[CHECK_AUTHDOMAINS] = { "authdomains", AT_MAIL, "control/authdomains",
	    .flags = NOT_FOR_RELAY | ADDED | HAS_TWIN, .ask = check_authdomains },
	[CHECK_REJECTRELAYTEST] = { "rejectrelaytest", AT_HELO, "control/rejectrelaytest",
	    "RELAYREJ", .flags = ADDED | IS_NUMBER, .ask = check_rejectrelaytest },
	[CHECK_BADHELO] = { "badhelo", AT_HELO, "control/badhelo",
	    .off_variable = "NOBADHELO", .reply_variable = "REPLY_HELO",
	    .mode = mode_of_badhelo, .always = IN(DIALECT_SQMAIL) | IN(DIALECT_INDIMAIL),
	    .flags = ADDED | IS_LIST, .ask = check_badhelo },
	[CHECK_BADHELONORELAY] = { "badhelonorelay", AT_HELO, "control/badhelonorelay",
	    .off_variable = "NOBADHELO", .flags = NOT_FOR_RELAY | ADDED | IS_REGEX,
	    .ask = check_badhelonorelay },
	[CHECK_ENFORCE_FQDN_HELO] = { "enforce_fqdn_helo", AT_HELO, NULL,
	    "ENFORCE_FQDN_HELO",
	    .flags = NOT_FOR_RELAY | ADDED | IS_SWITCH | SPARES_POSTMASTER,
	    .ask = check_enforce_fqdn_helo },
	[CHECK_LOCALMFCHECK] = { "localmfcheck", AT_SENDER, NULL, "LOCALMFCHECK",
	    .reply_variable = "REPLY_SENDERINVALID",
	    .flags = FOR_RELAY | ADDED | IS_SWITCH | ABOUT_SENDER,
	    .ask = check_localmfcheck },
	[CHECK_MAILFROMRULES] = { "mailfromrules", AT_SENDER, "control/mailfromrules.cdb",
	    .reply_variable = "REPLY_SENDERINVALID", .mode = mode_of_mailfromrules,
	    .always = IN_EVERY, .flags = FOR_RELAY | ADDED | IS_CDB | ABOUT_SENDER,
	    .ask = check_mailfromrules },
	[CHECK_BADMAILFROM] = { "badmailfrom", AT_SENDER, "control/badmailfrom",
	    .off_variable = "DISABLE_BADMAILFROM", .reply_variable = "REPLY_BADMAILFROM",
	    .flags = IS_LIST | ABOUT_SENDER | SPARES_SENDERS, .ask = check_badmailfrom },
	[CHECK_BADMAILFROM_UNKNOWN] = { "badmailfrom_unknown", AT_SENDER,
	    "control/badmailfrom-unknown",
	    .flags = NOT_FOR_RELAY | ADDED | HAS_TWIN | ABOUT_SENDER | SPARES_SENDERS,
	    .ask = check_badmailfrom_unknown },
	[CHECK_BADMAILFROMNORELAY] = { "badmailfromnorelay", AT_SENDER,
	    "control/badmailfromnorelay", .off_variable = "DISABLE_BADMAILFROM",
	    .flags = NOT_FOR_RELAY | ADDED | IS_REGEX | ABOUT_SENDER | SPARES_SENDERS,
	    .ask = check_badmailfromnorelay },
	[CHECK_BRTLIMIT] = { "brtlimit", AT_RECIPIENT, "control/brtlimit", "BRTLIMIT",
	    .flags = ADDED | IS_NUMBER, .ask = check_brtlimit },
	[CHECK_BADRCPTTO] = { "badrcptto", AT_RECIPIENT, "control/badrcptto",
	    .reply_variable = "REPLY_BADRCPTTO",
	    .flags = ADDED | IS_LIST | COUNTED | SPARES_RECIPIENTS,
	    .ask = check_badrcptto },
	[CHECK_BADMAILTO] = { "badmailto", AT_RECIPIENT, "control/badmailto",
	    .flags = ADDED | IS_REGEX | COUNTED | SPARES_RECIPIENTS,
	    .ask = check_badmailto },
	[CHECK_BADRCPTTONORELAY] = { "badrcpttonorelay", AT_RECIPIENT,
	    "control/badrcpttonorelay",
	    .flags = NOT_FOR_RELAY | ADDED | IS_REGEX | COUNTED | SPARES_RECIPIENTS,
	    .ask = check_badrcpttonorelay },
	[CHECK_RCPTHOSTS] = { "rcpthosts", AT_HOSTS, "control/rcpthosts",
	    .more = "control/morercpthosts.cdb", .flags = NOT_FOR_RELAY | ABOUT_RELAYING,
	    .ask = check_rcpthosts },
	[CHECK_VALIDRCPTTO] = { "validrcptto", AT_MAILBOX, "control/validrcptto",
	    "VALIDRCPTTO", .more = "control/morevalidrcptto.cdb",
	    .more_variable = "MOREVALIDRCPTTO_CDB",
	    .flags = NOT_FOR_RELAY | ADDED | EXISTENCE | SPARES_RECIPIENTS,
	    .ask = check_validrcptto },
	[CHECK_VALIDRCPTTO_CDB] = { "validrcptto_cdb", AT_MAILBOX,
	    "control/validrcptto.cdb", "VALIDRCPTTO_CDB",
	    .limit_variable = "VALIDRCPTTO_LIMIT", .limit = 10,
	    .flags = NOT_FOR_RELAY | ADDED | EXISTENCE | SPARES_RECIPIENTS | IS_CDB,
	    .ask = check_validrcptto_cdb },
	[CHECK_RECIPIENTS] = { "recipients", AT_MAILBOX, "control/recipients",
	    .others = { "RECIPIENTS450", "REPLY_MAILBOX" },
	    .flags = NOT_FOR_RELAY | ADDED | EXISTENCE | SPARES_RECIPIENTS | BY_LINE,
	    .ask = check_recipients },
	[CHECK_REALRCPTTO_CDB] = { "realrcptto_cdb", AT_SEARCH, "control/realrcptto.cdb",
	    .flags = NOT_FOR_RELAY | ADDED | EXISTENCE | SPARES_RECIPIENTS | IS_CDB,
	    .ask = check_realrcptto_cdb },
	[CHECK_REALRCPTTO] = { "realrcptto", AT_SEARCH, "control/realrcptto",
	    "REALRCPTTO",
	    .flags = NOT_FOR_RELAY | ADDED | EXISTENCE | SPARES_RECIPIENTS | IS_NUMBER,
	    .ask = check_realrcptto },
	[CHECK_RCPTCHECK] = { "rcptcheck", AT_SEARCH, NULL, "RCPTCHECK",
	    .others = { "RCPTCHECKRELAYCLIENT" }, .flags = ADDED,
	    .ask = check_rcptcheck },
	[CHECK_MAXRCPT] = { "maxrcpt", AT_COUNT, "control/maxrcpt", "MAXRCPT",
	    .off_variable = "DISABLE_MAXRCPT", .flags = ADDED | IS_NUMBER,
	    .ask = check_maxrcpt },
	[CHECK_MAXRCPTS] = { "maxrcpts", AT_COUNT, "control/maxrcpts", "MAXRCPTS",
	    .flags = ADDED | IS_NUMBER, .ask = check_maxrcpts },
	[CHECK_MAXRECIPIENTS] = { "maxrecipients", AT_COUNT, "control/maxrecipients",
	    "MAXRECIPIENTS", .flags = ADDED | IS_NUMBER, .ask = check_maxrecipients },
	[CHECK_MAXRCPTCOUNT] = { "maxrcptcount", AT_COUNT, NULL, "MAXRCPTCOUNT",
	    .only = IN(DIALECT_LDAP), .flags = ADDED | IS_NUMBER,
	    .ask = check_maxrcptcount },
	[CHECK_NULLENVSENDER] = { "nullenvsender", AT_COUNT, "control/nullenvsender",
	    "NULLENVSENDER", .always = IN(DIALECT_INDIMAIL) | IN(DIALECT_LDAP),
	    .preset = 1, .flags = ADDED | IS_NUMBER, .ask = check_nullenvsender },
};
