#include "wire/spawncommand.h"

#include "lib/ascii.h"

void
spawncommand_init(struct spawncommand_parser *p, unsigned width)
{
	*p = (struct spawncommand_parser) { .width = width };
}

void
spawncommand_free(struct spawncommand_parser *p)
{
	str_free(&p->command.messid);
	str_free(&p->command.sender);
	str_free(&p->command.recipient);
}

static void
start_over(struct spawncommand_parser *p)
{
	p->field = SPAWNCOMMAND_DELNUM;
	p->delnum_octets = 0;
	p->command.delnum = 0;
	str_clear(&p->command.messid);
	str_clear(&p->command.sender);
	str_clear(&p->command.recipient);
}

static void
take_delnum(struct spawncommand_parser *p, struct view *input)
{
	p->command.delnum |= (unsigned)(unsigned char)input->at[0]
	    << (8 * p->delnum_octets);
	*input = view_from(*input, 1);
	if (++p->delnum_octets == p->width)
		p->field = SPAWNCOMMAND_MESSID;
}

/* Append what belongs to the field, but no more than one octet past `max`: enough to see that it is
 * too long.  True when its NUL was there. */
static bool
take_field(struct str *field, size_t max, struct view *input)
{
	struct view bytes = view_first(*input, view_index(*input, '\0'));
	bool complete = bytes.len < input->len;

	str_append(field, view_first(bytes, max + 1 - field->len));
	*input = view_from(*input, bytes.len + (complete ? 1 : 0));
	return complete;
}

bool
spawncommand_next(struct spawncommand_parser *p, struct view *input)
{
	struct spawncommand *c = &p->command;

	if (p->field == SPAWNCOMMAND_DELNUM && p->delnum_octets == p->width)
		start_over(p);
	while (input->len > 0)
		switch (p->field) {
		case SPAWNCOMMAND_DELNUM:
			if (p->delnum_octets == 0)
				start_over(p);
			take_delnum(p, input);
			break;
		case SPAWNCOMMAND_MESSID:
			if (take_field(&c->messid, SPAWNCOMMAND_MESSID_MAX, input))
				p->field = SPAWNCOMMAND_SENDER;
			break;
		case SPAWNCOMMAND_SENDER:
			if (take_field(&c->sender, SPAWNCOMMAND_ADDRESS_MAX, input))
				p->field = SPAWNCOMMAND_RECIPIENT;
			break;
		case SPAWNCOMMAND_RECIPIENT:
			if (take_field(&c->recipient, SPAWNCOMMAND_ADDRESS_MAX, input)) {
				p->field = SPAWNCOMMAND_DELNUM;
				p->delnum_octets = 0;
				return true;
			}
			break;
		}
	return false;
}

static bool
has_nonnumerics(struct view messid)
{
	size_t i;

	for (i = 0; i < messid.len; i++)
		if (!ascii_is_digit(messid.at[i]) && (messid.at[i] != '/' || i == 0))
			return true;
	return false;
}

const char *
spawncommand_fault(const struct spawncommand *c)
{
	struct view recipient = str_view(&c->recipient);

	if (has_nonnumerics(str_view(&c->messid)))
		return "DInternal error: messid has nonnumerics. (#5.3.5)\n";
	if (c->messid.len > SPAWNCOMMAND_MESSID_MAX)
		return "DInternal error: messid too long. (#5.3.5)\n";
	if (c->messid.len == 0)
		return "DInternal error: messid too short. (#5.3.5)\n";
	if (recipient.len > SPAWNCOMMAND_ADDRESS_MAX ||
	    c->sender.len > SPAWNCOMMAND_ADDRESS_MAX)
		return "DSorry, that address is too long. (#5.1.3)\n";
	if (view_index(recipient, '@') == recipient.len)
		return "DSorry, address must include host name. (#5.1.3)\n";
	return NULL;
}
