#include "ares/batch.h"

#include <sys/select.h> /* ares.h wants it */
#include <sys/time.h>

#include <ares.h>
#include <string.h>

#include "ares/name.h"
#include "ares/packet.h"
#include "lib/mem.h"
#include "os/os.h"
#include "wire/kinds.h"

enum {
	TRIES =
	    4, /* rounds over all servers; each waits twice as long as the one before */
	TIMEOUT_LEAST_MS = 200,
	TIMEOUT_MOST_MS = 2000, /* of the first round */
	TIME_DEFAULT_MS = 30000,
	MARGIN_MOST_MS =
	    250, /* before the caller's deadline, so that he gets what there is */
};

struct slot {
	struct batch *batch;
	enum dns_type type;
	struct dns_answer answer;
	bool open;
};

struct batch {
	ares_channel channel; /* NULL: none was needed, or made */
	struct deadline deadline;
	struct arena mem;
	uint32_t id;
	bool plain; /* the second time: without EDNS0 */
	struct servers servers;
	size_t count, open;
	struct slot slots[DNS_QUESTIONS_MAX];
};

/* The statuses with which c-ares ends a question that has no packet to look at. */
static enum dns_reason
reason_of(int status)
{
	switch (status) {
	case ARES_ESERVFAIL:
	case ARES_EREFUSED:
	case ARES_ENOTIMP:
	case ARES_ECONNREFUSED: /* what this release says for any of them */
		return DNS_REASON_SERVFAIL;
	case ARES_EFORMERR:
		return DNS_REASON_FORMERR;
	case ARES_EBADRESP:
		return DNS_REASON_BROKEN;
	default:
		return DNS_REASON_TIMEOUT;
	}
}

static void
answered(void *arg, int status, int timeouts, unsigned char *octets, int len)
{
	struct slot *slot = arg;
	struct batch *b = slot->batch;
	struct view asked = slot->answer.asked;

	(void)timeouts;
	slot->open = false;
	b->open--;
	if (status == ARES_ENOMEM)
		mem_exhausted();
	if (status != ARES_SUCCESS || !octets || len < 0) {
		slot->answer = dnsquery_failed(asked, reason_of(status));
		return;
	}
	slot->answer = packet_answer((struct view) { (const char *)octets, (size_t)len },
	    asked, slot->type, &b->mem);
	slot->answer.authentic = slot->answer.authentic && b->servers.trusted;
}

static int
first_timeout_ms(struct deadline deadline, size_t servers)
{
	int all = deadline_left_ms(deadline) / (int)servers / ((1 << TRIES) - 1);

	if (all < TIMEOUT_LEAST_MS)
		return TIMEOUT_LEAST_MS;
	return all > TIMEOUT_MOST_MS ? TIMEOUT_MOST_MS : all;
}

/* Everything is said here, so that c-ares reads no file and no environment. */
static bool
open_channel(struct batch *b)
{
	char no_files[] = "b"; /* the DNS, and not /etc/hosts */
	struct in_addr local = { 0 };
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
		    (b->plain ? 0 : ARES_FLAG_EDNS),
		.timeout = first_timeout_ms(b->deadline, b->servers.count),
		.tries = TRIES,
		.ndots = 1,
		.servers = &local, /* replaced by set_servers() */
		.nservers = 1,
		.lookups = no_files,
		.ednspsz = PACKET_UDP_MAX,
	};

	return ares_init_options(&b->channel, &options,
		   ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
		       ARES_OPT_SERVERS | ARES_OPT_DOMAINS | ARES_OPT_LOOKUPS |
		       ARES_OPT_SORTLIST | ARES_OPT_NOROTATE | ARES_OPT_EDNSPSZ) ==
	    ARES_SUCCESS;
}

static bool
set_servers(struct batch *b)
{
	struct ares_addr_port_node nodes[SERVERS_MAX] = { 0 };
	size_t i;

	for (i = 0; i < b->servers.count; i++) {
		const struct server *server = &b->servers.list[i];
		struct ares_addr_port_node *node = &nodes[i];

		node->next = i + 1 < b->servers.count ? &nodes[i + 1] : NULL;
		node->family = server->ip.version == 4 ? AF_INET : AF_INET6;
		memcpy(&node->addr, server->ip.bytes, server->ip.version == 4 ? 4 : 16);
		node->udp_port = node->tcp_port = server->port;
	}
	return ares_set_servers_ports(b->channel, nodes) == ARES_SUCCESS;
}

static void
ask(struct slot *slot)
{
	struct batch *b = slot->batch;
	struct str packet = { 0 };
	uint16_t id;

	os_random(&id, sizeof id);
	if (packet_question(slot->answer.asked.at, slot->type, id, !b->plain, &packet)) {
		slot->open = true;
		b->open++;
		ares_send(b->channel, (const unsigned char *)packet.at, (int)packet.len,
		    answered, slot);
	} else {
		slot->answer.result = DNS_BADNAME;
	}
	str_free(&packet);
}

static bool
failed_for(const struct slot *slot, enum dns_reason reason)
{
	return slot->answer.result == DNS_FAILED && slot->answer.reason == reason;
}

/* Ask what failed for this reason so far, if anything, over a new channel. */
static void
ask_all(struct batch *b, enum dns_reason reason)
{
	size_t i = 0;

	while (i < b->count && !failed_for(&b->slots[i], reason))
		i++;
	if (i == b->count)
		return;
	if (b->channel)
		ares_destroy(b->channel);
	b->channel = NULL;
	if (!open_channel(b) || !set_servers(b))
		return;
	for (; i < b->count; i++)
		if (failed_for(&b->slots[i], reason))
			ask(&b->slots[i]);
}

/* A resolver that knows no EDNS0 says FORMERR (RFC 6891 7).  c-ares asks again by itself, but only
 * for the first question of a channel; so we do it for the rest. */
static void
ask_plainly(struct batch *b)
{
	b->plain = true;
	if (!deadline_passed(b->deadline))
		ask_all(b, DNS_REASON_FORMERR);
}

/* Names first: a question about what is no name is answered at once. */
static void
prepare(struct batch *b, const struct dns_question *questions)
{
	struct str name = { 0 };
	size_t i;

	for (i = 0; i < b->count; i++) {
		struct slot *slot = &b->slots[i];

		slot->batch = b;
		slot->type = questions[i].type;
		slot->answer = dnsquery_failed(VIEW(""), DNS_REASON_CONFIG);
		if (name_to_ascii(questions[i].name, &name))
			slot->answer.asked = arena_copy(&b->mem, str_view(&name));
		else
			slot->answer.result = DNS_BADNAME;
		slot->answer.canonical = slot->answer.asked;
	}
	str_free(&name);
}

/* The caller waits as long as he says: answer a little before that. */
static struct deadline
deadline_of(const struct frame *request)
{
	int64_t ms = request->ms_left == UINT32_MAX ? TIME_DEFAULT_MS : request->ms_left;
	int64_t margin = ms / 8 < MARGIN_MOST_MS ? ms / 8 : MARGIN_MOST_MS;

	return deadline_in_ms(ms - margin);
}

struct batch *
batch_start(const struct servers *servers, const struct frame *request)
{
	struct dns_question questions[DNS_QUESTIONS_MAX];
	size_t count = dnsquery_questions(request, questions, DNS_QUESTIONS_MAX);
	struct batch *b;

	if (count == 0)
		return NULL;
	b = mem_alloc_zeroed(1, sizeof *b);
	b->id = request->id;
	b->count = count;
	b->deadline = deadline_of(request);
	b->servers = servers ? *servers : b->servers;
	prepare(b, questions);
	if (servers)
		ask_all(b, DNS_REASON_CONFIG);
	return b;
}

void
batch_free(struct batch *b)
{
	if (!b)
		return;
	if (b->channel)
		ares_destroy(b->channel); /* ends what is open by calling answered() */
	arena_free(&b->mem);
	mem_free(b);
}

bool
batch_is_done(const struct batch *b)
{
	return b->open == 0;
}

size_t
batch_wait(struct batch *b, struct pollfd wait[BATCH_POLL_MAX])
{
	ares_socket_t sockets[BATCH_POLL_MAX];
	size_t i, count = 0;
	unsigned bits;

	if (!b->channel || batch_is_done(b))
		return 0;
	bits = (unsigned)ares_getsock(b->channel, sockets, BATCH_POLL_MAX);
	for (i = 0; i < BATCH_POLL_MAX; i++) {
		/* Not ARES_GETSOCK_WRITABLE(): for the last socket it shifts a 1 into the sign. */
		bool reads = (bits >> i & 1) != 0;
		bool writes = (bits >> (i + ARES_GETSOCK_MAXNUM) & 1) != 0;

		if (reads || writes)
			wait[count++] = (struct pollfd) { sockets[i],
				(short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)),
				0 };
	}
	return count;
}

struct deadline
batch_next(struct batch *b)
{
	struct timeval next;

	if (!b->channel || !ares_timeout(b->channel, NULL, &next))
		return b->deadline;
	/* One more, so that the timeout is over when we look. */
	return deadline_sooner(b->deadline,
	    deadline_in_ms(next.tv_sec * INT64_C(1000) + next.tv_usec / 1000 + 1));
}

void
batch_process(struct batch *b, const struct pollfd *came, size_t count)
{
	size_t i;

	if (!b->channel)
		return;
	for (i = 0; i < count; i++) {
		bool reads = (came[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
		bool writes = (came[i].revents & (POLLOUT | POLLERR | POLLHUP)) != 0;

		if (reads || writes)
			ares_process_fd(b->channel, reads ? came[i].fd : ARES_SOCKET_BAD,
			    writes ? came[i].fd : ARES_SOCKET_BAD);
	}
	ares_process_fd(b->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* timeouts */
	if (deadline_passed(b->deadline))
		ares_cancel(b->channel);
	if (b->open == 0 && !b->plain)
		ask_plainly(b);
}

void
batch_answer(const struct batch *b, struct str *packet)
{
	size_t i;

	frame_start(packet, WIRE_DNS_ASK, FRAME_OK, b->id, 0);
	for (i = 0; i < b->count; i++)
		dnsquery_add_answer(
		    packet, b->slots[i].type, &b->slots[i].answer, b->count - 1 - i);
}
