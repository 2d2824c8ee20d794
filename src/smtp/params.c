#include "smtp/params.h"

#include "lib/scan.h"

static void
take(struct mail_params *p, struct view param)
{
	uint64_t size;

	if (view_equal_nocase(param, VIEW("REQUIRETLS")))
		p->require_tls = true;
	else if (view_equal_nocase(param, VIEW("BODY=BINARYMIME")))
		p->binary_mime = true;
	else if (view_starts_nocase(param, VIEW("SIZE=")) &&
	    scan_whole_u64(view_from(param, 5), &size) && size > p->size)
		p->size = size;
}

struct mail_params
mail_params_parse(struct view rest)
{
	struct mail_params p = { 0 };

	while (rest.len > 0) {
		size_t end = view_index(rest, ' ');

		take(&p, view_first(rest, end));
		rest = view_from(rest, end + 1);
	}
	return p;
}
