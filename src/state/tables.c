#include "state/tables.h"

#include <string.h>

#include "lib/pack.h"

enum { ENDS_MAX = 1 + 8 + STATE_KEY_MAX, SPACES = 256 };

static const struct view format_key = { "format", 6 };

static MDB_val
value_of(struct view v)
{
	/* LMDB writes through no MDB_val that is given to it. */
	return (MDB_val) { v.len, (void *)(uintptr_t)v.at };
}

static struct view
view_of_value(const MDB_val *v)
{
	return (struct view) { v->mv_data, v->mv_size };
}

static int
get_number(struct tables *t, struct view key, uint64_t *out)
{
	MDB_val name = value_of(key), value;
	struct view bytes;
	int rc = mdb_get(t->txn, t->facts, &name, &value);

	if (rc)
		return rc;
	bytes = view_of_value(&value);
	return pack_take(&bytes, 4, out) ? 0 : MDB_CORRUPTED;
}

static int
put_number(struct tables *t, struct view key, uint64_t n)
{
	MDB_val name = value_of(key), value;

	str_clear(&t->room);
	pack_add(&t->room, n, 4);
	value = value_of(str_view(&t->room));
	return mdb_put(t->txn, t->facts, &name, &value, 0);
}

static int
check_format(struct tables *t)
{
	MDB_stat stat;
	uint64_t format;
	int rc = get_number(t, format_key, &format);

	if (rc == 0)
		return format == RECORD_FORMAT ? 0 : MDB_VERSION_MISMATCH;
	if (rc != MDB_NOTFOUND)
		return rc;
	rc = mdb_stat(t->txn, t->records, &stat);
	if (rc)
		return rc;
	return stat.ms_entries > 0 ? MDB_VERSION_MISMATCH
				   : put_number(t, format_key, RECORD_FORMAT);
}

int
tables_open(struct tables *t, MDB_txn *txn)
{
	int rc;

	t->txn = txn;
	if ((rc = mdb_dbi_open(txn, "records", MDB_CREATE, &t->records)) ||
	    (rc = mdb_dbi_open(txn, "ends", MDB_CREATE, &t->ends)) ||
	    (rc = mdb_dbi_open(txn, "facts", MDB_CREATE, &t->facts)))
		return rc;
	return check_format(t);
}

void
tables_free(struct tables *t)
{
	str_free(&t->room);
}

int
tables_get(struct tables *t, struct view key, struct record *out)
{
	MDB_val name = value_of(key), value;
	int rc = mdb_get(t->txn, t->records, &name, &value);

	if (rc)
		return rc;
	return record_parse(view_of_value(&value), out) ? 0 : MDB_CORRUPTED;
}

/* Add to the number of records of a key's space. */
static int
add_to_space(struct tables *t, struct view key, int more)
{
	struct view space = view_first(key, 1);
	uint64_t count = 0;
	int rc = get_number(t, space, &count);

	if (rc && rc != MDB_NOTFOUND)
		return rc;
	if (more < 0 && count == 0)
		return MDB_CORRUPTED;
	return put_number(t, space, more < 0 ? count - 1 : count + 1);
}

static MDB_val
ends_key(struct tables *t, struct view key, uint64_t until)
{
	str_clear(&t->room);
	str_append(&t->room, view_first(key, 1));
	pack_add(&t->room, until, 8);
	str_append(&t->room, view_from(key, 1));
	return value_of(str_view(&t->room));
}

static int
put_end(struct tables *t, struct view key, uint64_t until)
{
	MDB_val name = ends_key(t, key, until), nothing = { 0, NULL };

	return mdb_put(t->txn, t->ends, &name, &nothing, 0);
}

static int
remove_end(struct tables *t, struct view key, uint64_t until)
{
	MDB_val name = ends_key(t, key, until);
	int rc = mdb_del(t->txn, t->ends, &name, NULL);

	return rc == MDB_NOTFOUND ? MDB_CORRUPTED : rc;
}

/* Where it is listed by its end; a counter keeps its end while its window lasts. */
static int
list_end(struct tables *t, struct view key, uint64_t until)
{
	struct record old;
	int rc = tables_get(t, key, &old);

	if (rc == MDB_NOTFOUND)
		return (rc = add_to_space(t, key, 1)) ? rc : put_end(t, key, until);
	if (rc || old.until == until)
		return rc;
	return (rc = remove_end(t, key, old.until)) ? rc : put_end(t, key, until);
}

int
tables_put(struct tables *t, struct view key, const struct record *record)
{
	struct str bytes = { 0 };
	MDB_val name = value_of(key), value;
	int rc;

	/* Packed before anything changes: the record's value may be in the store itself. */
	record_pack(&bytes, record);
	rc = list_end(t, key, record->until);
	value = value_of(str_view(&bytes));
	if (!rc)
		rc = mdb_put(t->txn, t->records, &name, &value, 0);
	str_free(&bytes);
	return rc;
}

int
tables_remove(struct tables *t, struct view key)
{
	MDB_val name = value_of(key);
	struct record old;
	int rc = tables_get(t, key, &old);

	if (rc)
		return rc == MDB_NOTFOUND ? 0 : rc;
	if ((rc = remove_end(t, key, old.until)) || (rc = add_to_space(t, key, -1)))
		return rc;
	return mdb_del(t->txn, t->records, &name, NULL);
}

/* The first entry at or behind `space`: which space, when it ends, and its key as in records
 * (ENDS_MAX octets of room). */
static int
first_end(MDB_cursor *cursor, unsigned *space, uint64_t *until, char *key, size_t *len)
{
	char from = (char)*space;
	MDB_val name = { 1, &from }, nothing;
	int rc = mdb_cursor_get(cursor, &name, &nothing, MDB_SET_RANGE);
	struct view rest = view_of_value(&name);
	uint64_t n;

	if (rc)
		return rc;
	if (rest.len > ENDS_MAX || !pack_take(&rest, 1, &n) ||
	    !pack_take(&rest, 8, until))
		return MDB_CORRUPTED;
	*space = (unsigned)n;
	key[0] = (char)n;
	if (rest.len > 0)
		memcpy(key + 1, rest.at, rest.len);
	*len = 1 + rest.len;
	return 0;
}

/* Remove up to `most` records of a space that end until then, the next ones first.  What is listed
 * but is not there would be listed for ever. */
static int
remove_first(
    struct tables *t, MDB_cursor *cursor, unsigned space, uint64_t then, size_t most)
{
	char bytes[ENDS_MAX];
	uint64_t until;
	size_t len;

	while (most-- > 0) {
		unsigned found = space;
		int rc = first_end(cursor, &found, &until, bytes, &len);
		struct view key = { bytes, len };
		struct record record;

		if (rc || found != space || until > then)
			return rc == MDB_NOTFOUND ? 0 : rc;
		if ((rc = tables_get(t, key, &record)))
			return rc == MDB_NOTFOUND ? MDB_CORRUPTED : rc;
		if ((rc = tables_remove(t, key)))
			return rc;
	}
	return 0;
}

int
tables_sweep(struct tables *t, uint64_t now, size_t most)
{
	char bytes[ENDS_MAX];
	unsigned space = 0;
	MDB_cursor *cursor;
	uint64_t until;
	size_t len;
	int rc = mdb_cursor_open(t->txn, t->ends, &cursor);

	if (rc)
		return rc;
	while (space < SPACES && !(rc = first_end(cursor, &space, &until, bytes, &len))) {
		if (until <= now && (rc = remove_first(t, cursor, space, now, most)))
			break;
		space++;
	}
	mdb_cursor_close(cursor);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/* The space with the most records; SPACES if none has any. */
static int
largest_space(struct tables *t, unsigned *space)
{
	uint64_t most = 0, count;
	unsigned i;

	*space = SPACES;
	for (i = 0; i < SPACES; i++) {
		char name = (char)i;
		int rc = get_number(t, (struct view) { &name, 1 }, &count);

		if (rc && rc != MDB_NOTFOUND)
			return rc;
		if (!rc && count > most) {
			most = count;
			*space = i;
		}
	}
	return 0;
}

int
tables_evict(struct tables *t, size_t most)
{
	MDB_cursor *cursor;
	unsigned space;
	int rc = largest_space(t, &space);

	if (rc || space == SPACES)
		return rc;
	if ((rc = mdb_cursor_open(t->txn, t->ends, &cursor)))
		return rc;
	rc = remove_first(t, cursor, space, UINT64_MAX, most);
	mdb_cursor_close(cursor);
	return rc;
}

int
tables_pages(struct tables *t, size_t *pages)
{
	const MDB_dbi all[TABLES] = { t->records, t->ends, t->facts };
	size_t i, sum = 0;
	MDB_stat stat;
	int rc;

	for (i = 0; i < TABLES; i++) {
		if ((rc = mdb_stat(t->txn, all[i], &stat)))
			return rc;
		sum += stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
	}
	*pages = sum;
	return 0;
}
