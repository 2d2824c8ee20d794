#define ZLIB_CONST
#include <limits.h>
#include <zlib.h>

#include "lib/mem.h"
#include "tlsrpt/report.h"

enum {
	GZIP = 16, /* in zlib's words: the wrapper of RFC 1952 */
	MEMORY = 8,
};

static bool
compress_all(z_stream *z, struct str *out)
{
	size_t size = deflateBound(z, z->avail_in);
	unsigned char *room = mem_alloc(size);
	bool whole;

	z->next_out = room;
	z->avail_out = (uInt)size;
	whole = deflate(z, Z_FINISH) == Z_STREAM_END;
	if (whole)
		str_append(out, (struct view) { (char *)room, size - z->avail_out });
	mem_free(room);
	return whole;
}

bool
report_gzip(struct view json, struct str *out)
{
	z_stream z = { .next_in = (const Bytef *)json.at, .avail_in = (uInt)json.len };
	bool whole;

	if (json.len > INT_MAX ||
	    deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + GZIP, MEMORY,
		Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	whole = compress_all(&z, out);
	deflateEnd(&z);
	return whole;
}
