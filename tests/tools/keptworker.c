/* keptworker - a kept qmail-remote that says what a script tells, for tests of qmail-rspawn: one that hangs,
 * dies, or breaks the rules of wire/kept.h.
 *
 * The script is the first file worker.N, N from 1, in the home, which is worker.N.taken then.  A line is one
 * of
 *
 *   hear              wait for a frame
 *   plan, connected   a plan, to connect or over the session
 *   refuse            a plan with status "no"
 *   dot
 *   report I LETTER   of recipient I: "LETTERkept\n"
 *   back I            recipient I goes back
 *   end, open         the end; the session is closed, or stays open
 *   crowded           the end; closed, as there are too many connections
 *   few               the end; open, two recipients at a time
 *   junk              what is no frame
 *   kind N            a frame of kind N
 *   hang              say nothing more, whatever comes
 *   die               by signal 9
 *
 * Then it ends.  Run as any other qmail-remote it reports "Kalone\n". */
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/program.h"
#include "lib/scan.h"
#include "os/os.h"
#include "wire/kept.h"
#include "wire/kinds.h"

enum { SOCKET = 0, REPORT = 1, EXIT_SCRIPT = 9, SCRIPTS = 100, SCRIPT_MAX = 65536 };

__attribute__((used)) static const char mark[] = KEPT_MARK;

static _Noreturn void
fail(const char *why)
{
	os_exit_saying(2, why, EXIT_SCRIPT);
}

static _Noreturn void
out_of_memory(void)
{
	fail("keptworker: out of memory\n");
}

static void
name_of(struct str *path, uint64_t number, const char *end)
{
	str_clear(path);
	str_append_text(path, "worker.");
	fmt_u64(path, number);
	str_append_text(path, end);
}

static void
take_script(struct str *script)
{
	struct str path = { 0 }, taken = { 0 };
	uint64_t i;

	for (i = 1; i <= SCRIPTS; i++) {
		name_of(&path, i, "");
		name_of(&taken, i, ".taken");
		if (rename(str_text(&path), str_text(&taken)) == 0)
			break;
	}
	if (i > SCRIPTS || fd_read_file(str_text(&taken), script, SCRIPT_MAX) < 0)
		fail("keptworker: no script\n");
	str_free(&path);
	str_free(&taken);
}

static void
hear(void)
{
	struct str packet = { 0 };
	struct frame frame;

	if (frame_receive(SOCKET, &packet, &frame, deadline_never()) <= 0)
		_exit(0); /* qmail-rspawn has let go */
	frame_close_fds(&frame);
	str_free(&packet);
}

static void
plan(struct str *packet, bool connected)
{
	static const char route[KEPT_ROUTE] = "route";
	struct kept_plan p = { connected, true, { route, sizeof route }, VIEW("relay"),
		0 };

	kept_pack_plan(packet, &p);
}

static void
report(struct str *packet, struct view words)
{
	uint32_t index = 0;
	size_t digits = scan_u32(words, &index);
	struct str output = { 0 };

	str_append(&output, view_from(words, digits + 1));
	str_append(&output, VIEW("kept\n\0"));
	kept_pack_report(packet, index, str_view(&output));
	str_free(&output);
}

static void
end(struct str *packet, bool open, bool crowded, uint32_t rcpt_max)
{
	struct kept_end e = {
		.open = open, .crowded = crowded, .rcpt_max = rcpt_max, .messages = 1
	};

	kept_pack_end(packet, &e);
}

/* False: nothing to be sent. */
static bool
put_frame(struct view verb, struct view words, struct str *packet)
{
	uint32_t number = 0;

	scan_u32(words, &number);
	if (view_equal(verb, VIEW("plan")))
		plan(packet, false);
	else if (view_equal(verb, VIEW("connected")))
		plan(packet, true);
	else if (view_equal(verb, VIEW("refuse")))
		frame_start(packet, WIRE_KEPT_PLAN, FRAME_NO, 0, 0);
	else if (view_equal(verb, VIEW("dot")))
		frame_start(packet, WIRE_KEPT_DOT, FRAME_OK, 0, 0);
	else if (view_equal(verb, VIEW("report")))
		report(packet, words);
	else if (view_equal(verb, VIEW("back")))
		kept_pack_return(packet, number);
	else if (view_equal(verb, VIEW("kind")))
		frame_start(packet, (uint8_t)number, FRAME_OK, 0, 0);
	else if (view_equal(verb, VIEW("end")) || view_equal(verb, VIEW("open")))
		end(packet, verb.at[0] == 'o', false, 0);
	else if (view_equal(verb, VIEW("crowded")))
		end(packet, false, true, 0);
	else if (view_equal(verb, VIEW("few")))
		end(packet, true, false, 2);
	else
		return false;
	return true;
}

static void
obey(struct view verb, struct view words)
{
	struct str packet = { 0 };

	if (view_equal(verb, VIEW("hear")))
		hear();
	else if (view_equal(verb, VIEW("junk")))
		send(SOCKET, "junk", 4, 0);
	else if (view_equal(verb, VIEW("die")))
		kill(getpid(), SIGKILL);
	else if (put_frame(verb, words, &packet))
		frame_send(SOCKET, &packet, NULL, 0, deadline_never());
	else if (view_equal(verb, VIEW("hang")))
		for (;;)
			pause();
	else
		fail("keptworker: no such word\n");
	str_free(&packet);
}

int
main(int argc, char **argv)
{
	struct str script = { 0 };
	struct view line, rest, verb, words;

	program_start(out_of_memory);
	if (argc != 2 || !view_equal(view_of(argv[1]), VIEW("-k"))) {
		fd_write_all(REPORT, VIEW("Kalone\n\0"));
		return 0;
	}
	if (program_enter_home() < 0)
		fail("keptworker: no home\n");
	take_script(&script);
	rest = str_view(&script);
	while (view_cut(rest, '\n', &line, &rest)) {
		words = VIEW("");
		if (!view_cut(line, ' ', &verb, &words))
			verb = line;
		obey(verb, words);
	}
	str_free(&script);
	return 0;
}
