#include "try/viewer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "config/ids.h"
#include "lib/complain.h"
#include "lib/fmt.h"
#include "os/identity.h"
#include "os/os.h"

const struct viewer_role viewer_of_remote = { "qmailr", "qmail", "qmail-remote" };
const struct viewer_role viewer_of_smtpd = { "qmaild", "nofiles", "qmail-smtpd" };

static int
fail(const char *what, const struct viewer_role *role)
{
	complain("qmail-try: fatal: unable to ", what, " ", role->user, ": ",
	    strerror(errno), (char *)NULL);
	return -1;
}

static void
show_uid(struct show *show, const struct viewer_role *other)
{
	struct str text = { 0 };

	str_append_text(&text, "uid ");
	fmt_u64(&text, (uint64_t)geteuid());
	if (other) {
		str_append_text(&text, ", not ");
		str_append_text(&text, other->user);
		str_append_text(&text, ": ");
		str_append_text(&text, other->program);
		str_append_text(&text, " may read other files than this");
	}
	show_line(show, "as", str_view(&text), NULL);
	str_free(&text);
}

static void
warn_of_root(struct show *show, const struct viewer_role *role)
{
	struct str text = { 0 };

	str_append_text(&text, "there is no user ");
	str_append_text(&text, role->user);
	str_append_text(&text, " here, and root may read what a ");
	str_append_text(&text, role->program);
	str_append_text(&text, " may not");
	show_warning(show, NULL, str_view(&text));
	str_free(&text);
}

int
viewer_become(struct viewer *viewer, const struct viewer_role *role, struct show *show)
{
	uid_t uid = 0;
	gid_t gid = 0;
	enum answer user = ids_user(role->user, &uid),
		    group = ids_group(role->group, &gid);
	bool root = geteuid() == 0;

	*viewer = (struct viewer) { .role = role };
	if (user == ANSWER_ERROR || group == ANSWER_ERROR)
		return fail("find", role);
	if (user == ANSWER_NO || group == ANSWER_NO) {
		show_uid(show, NULL);
		if (root)
			warn_of_root(show, role);
		return 0;
	}
	if (root && os_become(uid, gid) < 0)
		return fail("become", role);
	os_keep_secrets(); /* the kernel forgets it when ids change */
	if (root || geteuid() == uid) {
		show_text(show, "as", role->user, NULL);
		return 0;
	}
	viewer->is_other = true;
	show_uid(show, role);
	return 0;
}

void
viewer_check(const struct viewer *viewer, struct show *show)
{
	static const char *const paths[] = {
		"control/authclear",
		"control/authmechs",
		"control/authsenders",
		"control/clientcert.pem",
		"control/domaincerts",
		"control/domainips",
		"control/oauthtokens",
		"control/qmtproutes",
		"control/remoteauth",
		"control/remotesecrets",
		"control/routes",
		"control/smtproutes",
		"control/tlsdestinations",
		"control/tlshosts",
		"control/tlspolicy",
	};
	size_t i;

	for (i = 0; i < sizeof paths / sizeof *paths; i++)
		if (access(paths[i], R_OK) < 0 && errno == EACCES)
			show_warning(show, paths[i],
			    viewer->is_other
				? VIEW("this user may not read it; qmailr, perhaps, may")
				: VIEW("qmail-remote may not read it"));
}
