/* control/limits, moreipme, notipme, helperusers and dialect with any bytes in them: each reader says something, and
 * what is no address is nobody's. */
#include "fuzz/fuzz.h"

#include "config/dialect.h"
#include "config/helperusers.h"
#include "config/ipme.h"
#include "config/limits.h"

static const char *const files[] = { "control/limits", "control/moreipme",
	"control/notipme", "control/helperusers", "control/dialect", "control/strict" };

static void
read_all(void)
{
	struct limits limits = limits_default();
	struct problem problem = { 0 };
	struct helperusers users;
	enum dialect dialect = DIALECT_NOTQMAIL;
	struct ip other = { 4, { 203, 0, 113, 9 } };
	struct ipme ipme = { 0 };
	bool strict = false;

	if (limits_read(&limits, &problem) == ANSWER_ERROR)
		claim(problem.what != NULL &&
		    limits.command_line == limits_default().command_line);
	if (ipme_read(&ipme, &problem) == ANSWER_YES) {
		ipme_has(&ipme, &other);
		ipme_free(&ipme);
	}
	helperusers_read(&users);
	claim(users.count <= HELPERUSERS_MAX);
	dialect_read(&dialect, &problem);
	strict_read(&strict, &problem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct view input = { (const char *)data, size };
	size_t i, chosen;

	if (!ready)
		fuzz_enter_directory();
	ready = true;
	chosen = fuzz_choice(&input) % (sizeof files / sizeof *files);
	for (i = 0; i < sizeof files / sizeof *files; i++)
		fuzz_write_file(files[i], i == chosen ? input : VIEW(""));
	read_all();
	return 0;
}
