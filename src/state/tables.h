/* tables - what is in an LMDB store: three tables, changed together in one transaction.
 *
 *   records  space (1), key                  a record's bytes
 *   ends     space (1), until (8), key       nothing: the records of a space by their end
 *   facts    "format"                        RECORD_FORMAT (4)
 *            space (1)                       how many records it has (4)
 *
 * Every function returns 0 or what LMDB did: a code of its own (negative) or an errno. */
#ifndef STATE_TABLES_H
#define STATE_TABLES_H

#include <lmdb.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/str.h"
#include "lib/view.h"
#include "state/record.h"

enum { TABLES = 3 };

struct tables {
	MDB_txn *txn;
	MDB_dbi records, ends, facts;
	struct str room; /* for keys and records being put together: tables_free() */
};

/* The tables of this transaction's store, made if it has none.  MDB_VERSION_MISMATCH if they are of
 * another format. */
int tables_open(struct tables *t, MDB_txn *txn);
void tables_free(struct tables *t);

/* MDB_NOTFOUND if there is none.  What is there but no record is MDB_CORRUPTED. */
int tables_get(struct tables *t, struct view key, struct record *out);
int tables_put(struct tables *t, struct view key, const struct record *record);
int tables_remove(struct tables *t, struct view key);

/* Forget up to `most` records of each space whose time is over. */
int tables_sweep(struct tables *t, uint64_t now, size_t most);

/* Forget up to `most` that are not over: of the space that has most records, those next to their
 * end.  So a flood of one kind does not wash away the others. */
int tables_evict(struct tables *t, size_t most);

/* How many pages hold something. */
int tables_pages(struct tables *t, size_t *pages);

#endif
