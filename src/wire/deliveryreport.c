#include "wire/deliveryreport.h"

void
deliveryreport_init(struct deliveryreport_parser *p, unsigned width)
{
	*p = (struct deliveryreport_parser) { .width = width };
}

void
deliveryreport_free(struct deliveryreport_parser *p)
{
	str_free(&p->text);
}

bool
deliveryreport_next(struct deliveryreport_parser *p, struct view *input)
{
	const size_t max = DELIVERYREPORT_MAX - p->width;
	struct view text;

	if (p->complete) {
		p->complete = false;
		p->seen = 0;
		p->delnum = 0;
		str_clear(&p->text);
	}
	while (input->len > 0 && p->seen < p->width) {
		p->delnum |= (unsigned)(unsigned char)input->at[0] << (8 * p->seen++);
		*input = view_from(*input, 1);
	}
	if (p->seen < p->width)
		return false;
	text = view_first(*input, view_index(*input, '\0'));
	p->complete = text.len < input->len;
	*input = view_from(*input, text.len + (p->complete ? 1 : 0));
	str_append(&p->text, view_first(text, max - p->text.len));
	return p->complete;
}

enum delivery_result
deliveryreport_judge(struct str *text, bool dying)
{
	switch (text->len ? text->at[0] : '\0') {
	case 'K':
		return DELIVERY_SUCCESS;
	case 'D':
		return DELIVERY_FAILURE;
	case 'Z':
		break;
	default:
		return DELIVERY_MANGLED;
	}
	if (!dying)
		return DELIVERY_DEFERRAL;
	str_append_text(text,
	    "I'm not going to try again; this message has been in the queue too long.\n");
	return DELIVERY_FAILURE;
}
