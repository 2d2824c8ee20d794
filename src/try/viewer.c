#include "try/viewer.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "config/ids.h"
#include "lib/complain.h"
#include "lib/fmt.h"
#include "os/identity.h"
#include "os/os.h"

static int
fail(const char *what)
{
	complain("qmail-try: fatal: ", what, ": ", strerror(errno), (char *)NULL);
	return -1;
}

static void
show_uid(struct show *show, bool other)
{
	struct str text = { 0 };

	str_append_text(&text, "uid ");
	fmt_u64(&text, (uint64_t)geteuid());
	if (other)
		str_append_text(
		    &text, ", not qmailr: qmail-remote may read other files than this");
	show_line(show, "as", str_view(&text), NULL);
	str_free(&text);
}

int
viewer_become(struct viewer *viewer, struct show *show)
{
	uid_t uid = 0;
	gid_t gid = 0;
	enum answer user = ids_user("qmailr", &uid), group = ids_group("qmail", &gid);
	bool root = geteuid() == 0;

	*viewer = (struct viewer) { .is_other = false };
	if (user == ANSWER_ERROR || group == ANSWER_ERROR)
		return fail("unable to find qmailr");
	if (user == ANSWER_NO || group == ANSWER_NO) {
		show_uid(show, false);
		if (root)
			show_warning(show, NULL,
			    VIEW("there is no user qmailr here, and root may read what "
				 "a qmail-remote may not"));
		return 0;
	}
	if (root && os_become(uid, gid) < 0)
		return fail("unable to become qmailr");
	os_keep_secrets(); /* the kernel forgets it when ids change */
	if (root || geteuid() == uid) {
		show_text(show, "as", "qmailr", NULL);
		return 0;
	}
	viewer->is_other = true;
	show_uid(show, true);
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
