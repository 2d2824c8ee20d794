/* What qmail-check alone takes apart, with any bytes in it: a run script, and the form of a control file.  Each
 * word of a script is one that it knows again. */
#include <stdint.h>
#include <stdlib.h>

#include "check/fileform.h"
#include "check/nearname.h"
#include "check/runscript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take_script(struct view text)
{
	struct runscript script;
	size_t i, where = 0;

	runscript_parse(&script, text);
	for (i = 0; i < script.count; i++) {
		if (script.lines[i] == 0)
			abort();
		runscript_is_assignment(script.words[i]);
		if (runscript_find(&script, script.words[i]) > script.count)
			abort();
		runscript_option(&script, i, "-m", &where);
	}
	runscript_free(&script);
}

static void
take_file(struct view bytes, const char *name)
{
	struct findings findings = { .fd = -1, .json = bytes.len % 2 };

	fileform_check(&findings, "control/x", bytes, controlfiles_find(name));
	findings_free(&findings);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view all = { (const char *)data, size };

	take_script(all);
	take_file(all, "rcpthosts");
	take_file(all, "databytes");
	take_file(all, "me");
	nearname_find(view_first(all, NEARNAME_MAX + 1));
	return 0;
}
