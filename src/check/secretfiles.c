/* Certificates, keys and credentials: who may read them, and until when they are good. */
#include "check/check.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "config/controlfiles.h"
#include "lib/eachpath.h"
#include "lib/fd.h"
#include "try/certificate.h"
#include "try/expiry.h"
#include "try/oddity.h"
#include "try/secrets.h"
#include "wire/tls.h"

enum { FILE_MAX = 1 << 20, DAY = 86400, READY_SECONDS = 20 };

/* --- certificates --------------------------------------------------------------------------------- */

static void
check_end(struct check *c, const char *path, struct view pem)
{
	int64_t end, now = (int64_t)time(NULL);
	struct str text = { 0 };

	if (!certificate_end(pem, &end)) {
		finding_add(&c->out, FINDING_ERROR, path, 0,
		    "key and certificate in one file", "no certificate is in it",
		    (char *)NULL);
		return;
	}
	if (end - now < (int64_t)EXPIRY_DAYS * DAY) {
		expiry_append(&text, end, now);
		finding_add(&c->out, end <= now ? FINDING_ERROR : FINDING_WARNING, path,
		    0, "renew it",
		    end <= now ? "the certificate has ended: "
			       : "the certificate is about to end: ",
		    str_text(&text), (char *)NULL);
	}
	str_free(&text);
}

/* Whoever verifies it, a phone or a sender with MTA-STS or DANE, goes away. */
static void
check_names_of(struct check *c, const char *path, struct view pem, struct view host)
{
	struct str text = { 0 };

	str_append(&text, host);
	if (host.len > 0 && certificate_names(pem, host) == ANSWER_NO)
		finding_add(&c->out, FINDING_NOTE, path, 0,
		    "fine where clients ask for the name that is in it",
		    "the certificate does not name ", str_text(&text), (char *)NULL);
	str_free(&text);
}

/* Does its key fit?  qmail-tls says, in the words that qmail-smtpd would log. */
static void
check_key(struct check *c, const char *path, const char *effect)
{
	struct tls_server server = { .helper = { .fd = -1 } };
	struct str reason = { 0 };

	if (access("bin/qmail-tls", X_OK) < 0 || access(path, R_OK) < 0)
		return;
	helper_init(&server.helper);
	if (tls_server_ready(&server, path, deadline_in(READY_SECONDS), &reason) < 0)
		finding_add(&c->out, FINDING_ERROR, path, 0, effect,
		    "qmail-tls cannot use it: ", str_text(&reason), (char *)NULL);
	helper_close(&server.helper);
	str_free(&reason);
}

static const char OF_SERVER[] = "STARTTLS is answered with 454 as long as it is so";
static const char OF_CLIENT[] =
    "servers that ask for it see none, and what a policy wants it for has to wait";

/* `host` is empty for a client's. */
static void
check_pem(struct check *c, const char *path, struct view host, const char *effect)
{
	struct str bytes = { 0 };

	str_reserve(&bytes, FILE_MAX);
	if (fd_read_file(path, &bytes, FILE_MAX) < 0) {
		if (errno != ENOENT)
			finding_add(&c->out,
			    errno == EACCES ? FINDING_NOTE : FINDING_ERROR, path, 0,
			    errno == EACCES ? "run this as root" : NULL,
			    errno == EACCES ? "not checked: this user may not read it"
					    : strerror(errno),
			    (char *)NULL);
	} else {
		check_end(c, path, str_view(&bytes));
		check_names_of(c, path, str_view(&bytes), host);
		check_key(c, path, effect);
	}
	str_wipe(&bytes);
}

/* The helper is set-gid qmailt: the key must be that group's, root's or the daemon's own. */
static void
check_group(struct check *c, const char *path)
{
	gid_t group = c->groups[GROUP_QMAILT];
	struct stat st;

	if (c->is_rootless || group == (gid_t)-1 || stat(path, &st) < 0)
		return;
	if (check_may_read(path, (uid_t)-2, group) == ANSWER_YES ||
	    check_may_read(path, c->users[USER_QMAILD], c->groups[GROUP_NOFILES]) ==
		ANSWER_YES)
		return;
	finding_add(&c->out, FINDING_ERROR, path, 0, "chgrp qmailt, chmod 0640",
	    "qmail-tls may not read it: no STARTTLS", (char *)NULL);
}

static void
check_certificates(struct check *c)
{
	DIR *dir;
	struct dirent *entry;
	struct str path = { 0 };
	struct str me = { 0 };
	struct stat st;

	control_line("control/me", &me, NULL);
	check_pem(c, "control/servercert.pem", str_view(&me), OF_SERVER);
	check_group(c, "control/servercert.pem");
	check_pem(c, "control/clientcert.pem", VIEW(""), OF_CLIENT);
	str_free(&me);
	dir = opendir("control/servercerts");
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		str_clear(&path);
		str_append_text(&path, "control/servercerts/");
		str_append_text(&path, entry->d_name);
		if (stat(str_text(&path), &st) < 0 || !S_ISDIR(st.st_mode))
			continue;
		str_append_text(&path, "/servercert.pem");
		check_pem(c, str_text(&path), view_of(entry->d_name), OF_SERVER);
		check_group(c, str_text(&path));
	}
	if (dir)
		closedir(dir);
	str_free(&path);
}

/* --- who may read them ---------------------------------------------------------------------------- */

static void
check_privacy(
    struct check *c, const char *path, enum finding_level level, const char *what)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && secrets_all_may_read(path))
		finding_add(&c->out, level, path, 0, "chmod o-r", what, (char *)NULL);
}

static void
check_secret(void *context, const char *path)
{
	check_privacy(context, path, FINDING_ERROR,
	    "a secret that everybody on this machine may read");
}

/* The tables that may hold passwords, if they do. */
static bool
has_credentials(const struct oddity_table *table)
{
	struct control_list list = { 0 };
	bool found = false;
	size_t i;

	if (control_list(table->path, &list, NULL) != ANSWER_YES)
		return false;
	for (i = 0; i < list.count && !found; i++) {
		struct oddity oddity = { .odd = NULL };

		table->look(list.entries[i].text, &oddity);
		found = oddity.is_secret;
	}
	str_wipe(&list.bytes);
	control_list_free(&list);
	return found;
}

/* "smtproutes~" and its like, beside a file that holds secrets. */
static void
check_copies(struct check *c)
{
	DIR *dir = opendir("control");
	struct dirent *entry;
	struct str path = { 0 };
	size_t i;

	while (dir && (entry = readdir(dir))) {
		for (i = 0; i < controlfiles_count(); i++) {
			const struct controlfile *row = controlfiles_at(i);
			size_t len = strlen(row->name);

			if (row->secret == CONTROLFILE_OPEN ||
			    strncmp(entry->d_name, row->name, len) != 0 ||
			    !strchr("~.", entry->d_name[len]) || !entry->d_name[len] ||
			    controlfiles_find(entry->d_name))
				continue;
			str_clear(&path);
			str_append_text(&path, "control/");
			str_append_text(&path, entry->d_name);
			check_privacy(c, str_text(&path), FINDING_WARNING,
			    "everybody may read this copy of a file that holds secrets");
		}
	}
	if (dir)
		closedir(dir);
	str_free(&path);
}

void
check_secrets(struct check *c)
{
	static const char key[] = "a private key that everybody on this machine may read";
	size_t i;

	check_certificates(c);
	check_privacy(c, "control/servercert.pem", FINDING_ERROR, key);
	check_privacy(c, "control/clientcert.pem", FINDING_ERROR, key);
	eachpath("control/servercerts", "servercert.pem", check_secret, c);
	eachpath("control/oauthtokens", NULL, check_secret, c);
	eachpath("control/routes", "password", check_secret, c);
	eachpath("control/oauth", "clientsecret", check_secret, c);
	eachpath("control/oauth", "refreshtoken", check_secret, c);
	check_privacy(c, "users/auth", FINDING_ERROR,
	    "hashes of passwords that everybody on this machine may read");
	check_privacy(c, "users/auth.cdb", FINDING_ERROR,
	    "hashes of passwords that everybody on this machine may read");
	for (i = 0; i < ODDITY_TABLES; i++)
		if (has_credentials(&oddity_tables[i]))
			check_privacy(c, oddity_tables[i].path, FINDING_WARNING,
			    "credentials that everybody on this machine may read");
	check_copies(c);
}
