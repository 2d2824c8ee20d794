/* Commands and reports on the spawners' pipes: any octets, in pieces; no field passes its maximum,
 * and a refused command names its reason. */
#include <stdint.h>
#include <stdlib.h>

#include "wire/deliveryreport.h"
#include "wire/spawncommand.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take_commands(struct view input, unsigned width)
{
	struct spawncommand_parser p;

	spawncommand_init(&p, width);
	while (spawncommand_next(&p, &input)) {
		const char *fault = spawncommand_fault(&p.command);

		if (p.command.messid.len > SPAWNCOMMAND_MESSID_MAX + 1 ||
		    p.command.sender.len > SPAWNCOMMAND_ADDRESS_MAX + 1 ||
		    p.command.recipient.len > SPAWNCOMMAND_ADDRESS_MAX + 1)
			abort();
		if (fault && *fault != 'D')
			abort();
		if (!fault &&
		    (p.command.messid.len == 0 || p.command.messid.at[0] == '/'))
			abort();
	}
	if (input.len != 0)
		abort();
	spawncommand_free(&p);
}

static void
take_reports(struct view input, unsigned width)
{
	struct deliveryreport_parser p;

	deliveryreport_init(&p, width);
	while (deliveryreport_next(&p, &input)) {
		if (p.text.len > DELIVERYREPORT_MAX)
			abort();
		deliveryreport_judge(&p.text, true);
	}
	if (input.len != 0)
		abort();
	deliveryreport_free(&p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view input = { (const char *)data, size };
	unsigned width;

	for (width = 1; width <= 2; width++) {
		take_commands(input, width);
		take_reports(input, width);
	}
	return 0;
}
