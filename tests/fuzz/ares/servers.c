/* A resolv.conf, and each of its lines as one of control/resolvers. */
#include <stdint.h>
#include <stdlib.h>

#include "ares/servers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = { (const char *)data, size }, line;
	struct servers servers;
	struct server server;
	bool trusted;

	servers_parse_resolv_conf(text, &servers);
	if (servers.count == 0 || servers.count > SERVERS_MAX)
		abort();
	while (text.len > 0) {
		line = text;
		if (!view_cut(text, '\n', &line, &text))
			text = VIEW("");
		if (servers_parse_line(line, &server, &trusted) &&
		    (server.port == 0 || server.ip.version == 0))
			abort();
	}
	return 0;
}
