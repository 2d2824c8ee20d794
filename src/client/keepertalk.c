#include "client/keepertalk.h"

#include <sys/stat.h>

#include "wire/kinds.h"

enum { SEND_WAIT = 300 }; /* seconds for qmail-rspawn to take a frame */

static bool
tell(int fd, struct str *packet)
{
	int sent = frame_send(fd, packet, NULL, 0, deadline_in(SEND_WAIT));

	str_free(packet);
	return sent == 0;
}

bool
keepertalk_refusal(int fd)
{
	struct str packet = { 0 };

	frame_start(&packet, WIRE_KEPT_PLAN, FRAME_NO, 0, 0);
	return tell(fd, &packet);
}

bool
keepertalk_plan(int fd, const struct task *task, const struct identity *route,
    bool connected, uint32_t connections)
{
	const struct route *r = &task->route;
	struct str packet = { 0 }, destination = { 0 };
	struct kept_plan plan = {
		.connected = connected,
		.relayed = r->relay.len > 0,
		.route = { (const char *)route->octets, sizeof route->octets },
		.connections = connections,
	};

	str_append_lower(&destination, plan.relayed ? str_view(&r->relay) : task->host);
	plan.destination = str_view(&destination);
	kept_pack_plan(&packet, &plan);
	str_free(&destination);
	return tell(fd, &packet);
}

bool
keepertalk_may_connect(int fd, struct deadline end)
{
	struct str packet = { 0 };
	struct frame frame;
	bool go = frame_receive(fd, &packet, &frame, end) > 0;

	if (go) {
		go = frame.kind == WIRE_KEPT_GO && frame.version == FRAME_VERSION;
		frame_close_fds(&frame);
	}
	str_free(&packet);
	return go;
}

bool
keepertalk_dot(int fd)
{
	struct str packet = { 0 };

	frame_start(&packet, WIRE_KEPT_DOT, FRAME_OK, 0, 0);
	return tell(fd, &packet);
}

bool
keepertalk_reports(int fd, const struct report *report, size_t done, size_t count)
{
	struct str packet = { 0 }, output = { 0 };
	bool alive = true;
	uint32_t i;

	for (i = 0; alive && i < count; i++) {
		str_clear(&output);
		if (i < done) {
			report_append_one(report, i, &output);
			kept_pack_report(&packet, i, str_view(&output));
		} else {
			kept_pack_return(&packet, i);
		}
		alive = tell(fd, &packet);
	}
	str_free(&output);
	return alive;
}

bool
keepertalk_self(int fd)
{
	struct str packet = { 0 };
	struct stat st;
	struct kept_file self = { 0 };
	bool known = stat("/proc/self/exe", &st) == 0;

	if (known)
		self = (struct kept_file) { st.st_dev, st.st_ino };
	kept_pack_self(&packet, known ? &self : NULL);
	return tell(fd, &packet);
}

bool
keepertalk_end(int fd, const struct kept_end *end)
{
	struct str packet = { 0 };

	kept_pack_end(&packet, end);
	return tell(fd, &packet);
}
