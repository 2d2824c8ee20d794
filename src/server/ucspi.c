#include "server/ucspi.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "lib/ascii.h"
#include "lib/fd.h"
#include "lib/scan.h"

enum { INFO_MAX = 65536, NAME_MAX_OCTETS = 64 };

static bool
mode_is_one_of(const char *modes)
{
	const char *value = env_value("UCSPITLS");

	return value && *value && !value[1] &&
	    view_index(view_of(modes), *value) < view_of(modes).len;
}

bool
ucspi_is_offered(void)
{
	return env_value("UCSPITLS") && !mode_is_one_of("-");
}

bool
ucspi_is_required(void)
{
	return mode_is_one_of("!@");
}

bool
ucspi_relays_certificates(void)
{
	return mode_is_one_of("?@");
}

/* The descriptor that a variable names, if it is open; or -1. */
static int
descriptor(const char *name)
{
	uint64_t number;

	if (!scan_whole_u64(view_of(env_value(name)), &number) || number > INT_MAX ||
	    fcntl((int)number, F_GETFD) < 0)
		return -1;
	return (int)number;
}

bool
ucspi_has_descriptors(void)
{
	return descriptor("SSLCTLFD") >= 0 && descriptor("SSLREADFD") >= 0 &&
	    descriptor("SSLWRITEFD") >= 0;
}

/* --- what the server says ----------------------------------------------------------------------------- */

/* NAME=value NUL ... NUL; none at all is NUL NUL.  0, or -1. */
static int
read_info(int fd, struct deadline deadline, struct str *info)
{
	char octets[4096];

	while (info->len < 2 || info->at[info->len - 1] != '\0' ||
	    info->at[info->len - 2] != '\0') {
		ssize_t got;

		if (info->len > INFO_MAX || fd_wait_readable(fd, deadline) < 0)
			return -1;
		got = fd_read(fd, octets, sizeof octets);
		if (got <= 0)
			return -1;
		str_append(info, (struct view) { octets, (size_t)got });
	}
	return 0;
}

/* Printable, and short: it goes into a header line and the log. */
static void
set_fact(struct str *fact, struct view value)
{
	size_t i;

	str_clear(fact);
	for (i = 0; i < value.len && fact->len < NAME_MAX_OCTETS; i++)
		if (ascii_is_graphic(value.at[i]) && value.at[i] != '(' &&
		    value.at[i] != ')')
			str_append_byte(fact, value.at[i]);
}

static void
take_entry(struct view name, struct view value, struct env_list *env,
    struct tls_facts *facts, bool *has_client_certificate)
{
	struct str variable = { 0 };

	if (!view_starts(name, VIEW("SSL")))
		return;
	if (view_equal(name, VIEW("SSL_PROTOCOL")))
		set_fact(&facts->protocol, value);
	if (view_equal(name, VIEW("SSL_CIPHER")))
		set_fact(&facts->cipher, value);
	if (view_equal(name, VIEW("SSL_CLIENT_S_DN")) && value.len > 0)
		*has_client_certificate = true;
	str_append(&variable, name);
	env_list_set(env, str_text(&variable), value);
	str_free(&variable);
}

static void
take_info(struct view info, struct env_list *env, struct tls_facts *facts,
    bool *has_client_certificate)
{
	struct view entry, name, value;

	while (view_cut(info, '\0', &entry, &info))
		if (view_cut(entry, '=', &name, &value))
			take_entry(name, value, env, facts, has_client_certificate);
}

/* --- the switch --------------------------------------------------------------------------------------- */

static int
switch_descriptors(int in, int out)
{
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		return -1;
	if (in > STDERR_FILENO)
		close(in);
	if (out > STDERR_FILENO && out != in)
		close(out);
	return 0;
}

int
ucspi_start(struct env_list *env, struct deadline deadline, struct tls_facts *facts,
    bool *has_client_certificate)
{
	int control = descriptor("SSLCTLFD"), in = descriptor("SSLREADFD"),
	    out = descriptor("SSLWRITEFD");
	struct str info = { 0 };
	int result = -1;

	/* A descriptor that a child of ours kept would keep the server waiting. */
	fd_set_cloexec(control);
	if (fd_write_all(control, VIEW("Y")) < 0 ||
	    read_info(control, deadline, &info) < 0)
		goto done;
	take_info(str_view(&info), env, facts, has_client_certificate);
	env_list_unset(env, "UCSPITLS");
	result = switch_descriptors(in, out);
done:
	str_free(&info);
	return result;
}

void
ucspi_facts_from_environment(struct tls_facts *facts)
{
	set_fact(&facts->protocol, view_of(env_value("SSL_PROTOCOL")));
	set_fact(&facts->cipher, view_of(env_value("SSL_CIPHER")));
}
