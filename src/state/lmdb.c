#include "state/lmdb.h"

#include <errno.h>

#include "lib/fd.h"
#include "lib/mem.h"
#include "state/place.h"
#include "state/tables.h"

enum {
	FILE_MODE = 0660, /* for the group of the directory */
	MAP_LEAST = 1 << 20,
	MAP_ROUND = 64 * 1024,
	HANDFUL =
	    8, /* records that are forgotten at least at a commit, if there are so many */
	RELIEF = 64,  /* and when the map is full */
	ATTEMPTS = 3, /* to begin */
};

struct lmdb {
	const struct log *log;
	uint64_t octets;
	MDB_env *env; /* NULL: not open */
	struct stat identity;
	struct tables tables;
	MDB_txn *txn;
	uint64_t now;
	size_t puts; /* in this transaction */
	size_t
	    pages_max; /* that may hold something: the rest is for transactions to work in */
	bool changed, relieve;
	int told; /* the error of the last line, not to repeat it */
};

static void
tell(struct lmdb *l, const char *text, int rc)
{
	struct log_line line;

	if (rc && rc == l->told)
		return;
	l->told = rc;
	log_begin(&line, l->log, LOG_SERVE);
	log_add_text(&line, KEY_HELPER, "state");
	log_add_text(&line, KEY_REASON, text);
	log_add_text(&line, KEY_FILE, PLACE_DIRECTORY);
	if (rc)
		log_add_text(&line, KEY_ERROR, mdb_strerror(rc));
	log_end(&line);
}

static void
shut(struct lmdb *l)
{
	if (l->txn)
		mdb_txn_abort(l->txn);
	if (l->env)
		mdb_env_close(l->env);
	l->txn = NULL;
	l->env = NULL;
}

static bool
is_damage(int rc)
{
	switch (rc) {
	case MDB_PAGE_NOTFOUND:
	case MDB_CORRUPTED:
	case MDB_VERSION_MISMATCH:
	case MDB_INVALID:
	case MDB_CURSOR_FULL:
	case MDB_PAGE_FULL:
	case MDB_INCOMPATIBLE:
	case MDB_BAD_VALSIZE:
	case ENOTRECOVERABLE: /* the lock: its owner died, and the next one could not mend it */
		return true;
	default:
		return false;
	}
}

/* An environment of this size.  0, or what LMDB said. */
static int
open_sized(struct lmdb *l, size_t size)
{
	int rc = mdb_env_create(&l->env);

	if (rc) {
		l->env = NULL;
		return rc;
	}
	if (!(rc = mdb_env_set_mapsize(l->env, size)) &&
	    !(rc = mdb_env_set_maxdbs(l->env, TABLES)))
		rc = mdb_env_open(l->env, PLACE_DIRECTORY, MDB_NOMETASYNC, FILE_MODE);
	if (rc)
		shut(l);
	return rc;
}

/* A file that is larger than it may be by now, or has no free page left, needs room to be emptied
 * in. */
static size_t
wanted_size(const struct lmdb *l)
{
	size_t file = place_size(),
	       size = l->octets < SIZE_MAX / 2 ? (size_t)l->octets : SIZE_MAX / 2;

	if (size < MAP_LEAST)
		size = MAP_LEAST;
	if (file > size || (l->relieve && file + MAP_LEAST > size))
		size = file + MAP_LEAST;
	return size - size % MAP_ROUND;
}

static void
set_bound(struct lmdb *l, size_t size)
{
	size_t bound = l->octets < size ? (size_t)l->octets : size;
	MDB_stat stat;

	mdb_env_stat(l->env, &stat);
	if (bound < MAP_LEAST)
		bound = MAP_LEAST;
	l->pages_max = bound / stat.ms_psize / 4 * 3;
}

static int
open_env(struct lmdb *l)
{
	size_t size = wanted_size(l);
	int rc;

	while ((rc = open_sized(l, size)) == ENOMEM && size / 2 >= MAP_LEAST)
		size = size / 2 - size / 2 % MAP_ROUND;
	if (rc)
		return rc;
	l->identity = place_identity();
	set_bound(l, size);
	return 0;
}

/* Set aside what was found damaged, unless another process has done it meanwhile. */
static int
begin_anew(struct lmdb *l, const struct stat *damaged)
{
	int lock = place_lock(true), rc = 0;

	if (lock < 0)
		return errno;
	if (place_is_marked() || place_is_same(damaged)) {
		if (place_set_aside() < 0)
			rc = errno;
		else
			tell(l, "store set aside as damaged.mdb, and begun anew", 0);
	}
	if (!rc)
		rc = open_env(l);
	fd_close(&lock);
	return rc;
}

static int
open_store(struct lmdb *l)
{
	struct stat identity;
	int lock = place_lock(false), rc;

	if (lock < 0)
		return errno;
	identity = place_identity();
	if (place_is_marked()) {
		fd_close(&lock);
		return begin_anew(l, &identity);
	}
	rc = open_env(l);
	fd_close(&lock);
	if (is_damage(rc)) {
		tell(l, "store damaged", rc);
		rc = begin_anew(l, &identity);
	}
	return rc;
}

/* A transaction with its tables; another process may have made the map larger. */
static int
begin_txn(struct lmdb *l)
{
	int rc = mdb_txn_begin(l->env, NULL, 0, &l->txn);

	if (rc == MDB_MAP_RESIZED && !(rc = mdb_env_set_mapsize(l->env, 0)))
		rc = mdb_txn_begin(l->env, NULL, 0, &l->txn);
	if (rc) {
		l->txn = NULL;
		return rc;
	}
	l->puts = 0;
	l->changed = false;
	return tables_open(&l->tables, l->txn);
}

static int
end_txn(struct lmdb *l)
{
	int rc = mdb_txn_commit(l->txn);

	l->txn = NULL;
	return rc;
}

/* The last transaction found the map full: make room in one that does nothing else. */
static int
make_room(struct lmdb *l)
{
	int rc;

	l->relieve = false;
	if ((rc = tables_sweep(&l->tables, l->now, RELIEF)) ||
	    (rc = tables_evict(&l->tables, RELIEF)) || (rc = end_txn(l)))
		return rc;
	return begin_txn(l);
}

static int
try_begin(struct lmdb *l)
{
	int rc;

	if (l->env && !place_is_same(&l->identity))
		shut(l);
	if (!l->env && (rc = open_store(l)))
		return rc;
	rc = begin_txn(l);
	return !rc && l->relieve ? make_room(l) : rc;
}

/* What an error means.  What is damaged is marked, and the next begin() sets it aside. */
static enum store_outcome
outcome_of(struct lmdb *l, int rc)
{
	if (!rc)
		return STORE_OK;
	if (rc == MDB_NOTFOUND)
		return STORE_NONE;
	if (rc == MDB_MAP_FULL || rc == MDB_TXN_FULL) {
		l->relieve = true;
		return STORE_FULL;
	}
	if (is_damage(rc)) {
		tell(l, "store damaged", rc);
		if (place_is_same(&l->identity))
			place_mark();
		shut(l);
		return STORE_AGAIN;
	}
	tell(l, "store cannot be used", rc);
	shut(l);
	return STORE_LOST;
}

static enum store_outcome
lmdb_begin(void *self, uint64_t now)
{
	struct lmdb *l = self;
	enum store_outcome outcome = STORE_AGAIN;
	int i;

	l->now = now;
	for (i = 0; i < ATTEMPTS && outcome == STORE_AGAIN; i++) {
		outcome = outcome_of(l, try_begin(l));
		if (outcome != STORE_FULL)
			continue;
		shut(l); /* and open it with a larger map */
		outcome = STORE_AGAIN;
	}
	return outcome;
}

static enum store_outcome
lmdb_get(void *self, struct view key, struct record *out)
{
	struct lmdb *l = self;

	return outcome_of(l, tables_get(&l->tables, key, out));
}

static enum store_outcome
lmdb_put(void *self, struct view key, const struct record *record)
{
	struct lmdb *l = self;

	l->changed = true;
	l->puts++;
	return outcome_of(l, tables_put(&l->tables, key, record));
}

static enum store_outcome
lmdb_remove(void *self, struct view key)
{
	struct lmdb *l = self;

	l->changed = true;
	return outcome_of(l, tables_remove(&l->tables, key));
}

/* Forget twice as much as came, so that what is over goes sooner than new records come. */
static int
tidy(struct lmdb *l)
{
	size_t most = HANDFUL + 2 * l->puts, pages;
	int rc;

	if (!l->changed)
		return 0;
	if ((rc = tables_sweep(&l->tables, l->now, most)) ||
	    (rc = tables_pages(&l->tables, &pages)))
		return rc;
	return pages > l->pages_max ? tables_evict(&l->tables, most) : 0;
}

static void
lmdb_undo(void *self)
{
	struct lmdb *l = self;

	if (l->txn)
		mdb_txn_abort(l->txn);
	l->txn = NULL;
}

static enum store_outcome
lmdb_commit(void *self)
{
	struct lmdb *l = self;
	enum store_outcome outcome;
	int rc = tidy(l);

	if (!rc)
		rc = end_txn(l);
	outcome = outcome_of(l, rc);
	lmdb_undo(l);
	if (outcome == STORE_OK)
		l->told = 0;
	return outcome;
}

static void
lmdb_close(void *self)
{
	struct lmdb *l = self;

	shut(l);
	tables_free(&l->tables);
	mem_free(l);
}

void
lmdb_init(struct store *store, uint64_t octets, const struct log *log)
{
	struct lmdb *l = mem_alloc_zeroed(1, sizeof *l);

	l->octets = octets;
	l->log = log;
	*store = (struct store) { .begin = lmdb_begin,
		.get = lmdb_get,
		.put = lmdb_put,
		.remove = lmdb_remove,
		.commit = lmdb_commit,
		.undo = lmdb_undo,
		.close = lmdb_close,
		.self = l };
}
