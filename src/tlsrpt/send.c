#include "tlsrpt/send.h"

#include <sys/wait.h>

#include "dns/txt.h"
#include "http/place.h"
#include "lib/fd.h"
#include "lib/spawn.h"

enum {
	LOOKUP_MS = 30000,
	INJECT_MS = 120000,
	POST_MS = 60000,
	ANSWER_MAX = 65536,
	CLASS_OK = 2,
};

enum answer
send_find(struct resolver *r, struct view domain, struct arena *mem,
    struct rua out[RUAS_MAX], size_t *count)
{
	struct str name = { 0 };
	struct view *texts, copy;
	size_t found;
	enum answer answer;

	str_append_text(&name, "_smtp._tls.");
	str_append(&name, domain);
	copy = arena_copy(mem, str_view(&name));
	str_free(&name);
	answer = txt_lookup(r, copy, deadline_in_ms(LOOKUP_MS), mem, &texts, &found);
	if (answer != ANSWER_YES)
		return answer;
	*count = ruas_find(texts, found, out);
	return *count > 0 ? ANSWER_YES : ANSWER_NO;
}

/* --- mail --------------------------------------------------------------------------------------- */

static pid_t
start_inject(struct view recipient, int in)
{
	char program[] = "bin/qmail-inject", all[] = "-a", from[] = "-f", null[] = "";
	char *argv[] = { program, all, from, null, NULL, NULL };
	struct str address = { 0 };
	struct spawn child = { .path = program, .argv = argv };
	pid_t pid;

	str_append(&address, recipient);
	argv[4] = address.at;
	spawn_give(&child, 0, in);
	spawn_give(&child, 1, SPAWN_NULL);
	pid = spawn_start(&child);
	str_free(&address);
	return pid;
}

const char *
send_mail(struct view message, struct view recipient)
{
	int ends[2], status = -1;
	bool written;
	pid_t pid;

	if (fd_pipe(ends) < 0)
		return "no pipe to qmail-inject";
	pid = start_inject(recipient, ends[0]);
	fd_close(&ends[0]);
	written = pid > 0 && fd_write_all(ends[1], message) == 0;
	fd_close(&ends[1]);
	if (pid < 0)
		return "qmail-inject cannot be started";
	if (spawn_wait(pid, deadline_in_ms(INJECT_MS), &status) < 0)
		return "qmail-inject does not end";
	return written && status == 0 ? NULL : "qmail-inject failed";
}

/* --- post --------------------------------------------------------------------------------------- */

const char *
send_post(struct resolver *r, const struct rua *rua, const struct str *gzip,
    const char *cafile, const char *proxy)
{
	struct str url = { 0 }, addresses = { 0 };
	struct http_request request = {
		.header = "Content-Type: application/tlsrpt+gzip",
		.form = gzip,
		.cafile = cafile,
		.proxy = proxy,
		.octets_max = ANSWER_MAX,
		.timeout_ms = POST_MS,
	};
	struct http_answer answer = { 0 };
	const char *wrong = "the host of the URI is not found";

	str_append(&url, rua->target);
	request.url = str_text(&url);
	if (proxy || place_find(r, rua_host(rua), &addresses)) {
		request.addresses = proxy ? NULL : str_text(&addresses);
		if (http_exchange(&request, &answer) != HTTP_ANSWERED)
			wrong = "the host of the URI did not answer";
		else
			wrong = answer.code / 100 == CLASS_OK
			    ? NULL
			    : "the host of the URI refused";
	}
	http_answer_free(&answer);
	str_free(&url);
	str_free(&addresses);
	return wrong;
}
