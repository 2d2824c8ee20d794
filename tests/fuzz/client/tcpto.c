/* queue/lock/tcpto and tcpto6 with any octets in them: who is looked up, and noted, is found as long as it is known,
 * and the files keep their lengths. */
#include "fuzz/fuzz.h"

#include "client/tcpto.h"

static void
check(struct ip ip, const char *path, off_t length, int64_t now)
{
	struct tcpto_rules rules = tcpto_usual_rules(7);
	struct stat st;

	tcpto_look_up(&ip, &rules, now);
	tcpto_timed_out(&ip, &rules, now);
	claim(tcpto_look_up(&ip, &rules, now).known);
	tcpto_connected(&ip);
	claim(!tcpto_look_up(&ip, &rules, now).blocked);
	claim(stat(path, &st) == 0 && st.st_size == length);
}

static void
fill(const char *path, struct view bytes, size_t length)
{
	struct str file = { 0 };

	str_append(&file, view_first(bytes, length));
	while (file.len < length)
		str_append_byte(&file, '\0');
	fuzz_write_file(path, str_view(&file));
	str_free(&file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct view bytes = { (const char *)data, size };
	const int64_t now = 1795880400;

	if (!ready) {
		fuzz_enter_directory();
		claim(mkdir("queue", 0755) == 0 && mkdir("queue/lock", 0755) == 0);
	}
	ready = true;
	fill(TCPTO_FILE, bytes, TCPTO_RECORDS * TCPTO_RECORD);
	fill(TCPTO_FILE6, bytes, TCPTO_RECORDS * TCPTO_RECORD6);
	check((struct ip) { 4, { 192, 0, 2, 1 } }, TCPTO_FILE,
	    TCPTO_RECORDS * TCPTO_RECORD, now);
	check((struct ip) { 6, { 0x20, 1, 0xd, 0xb8 } }, TCPTO_FILE6,
	    TCPTO_RECORDS * TCPTO_RECORD6, now);
	return 0;
}
