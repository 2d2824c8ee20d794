/* view - bytes that somebody else owns: a pointer and a length.  May hold any byte, NUL too. */
#ifndef LIB_VIEW_H
#define LIB_VIEW_H

#include <stdbool.h>
#include <stddef.h>

struct view {
	const char *at;
	size_t len;
};

#define VIEW(literal) ((struct view) { "" literal, sizeof(literal) - 1 })

/* The bytes of a NUL-terminated string; NULL is empty. */
struct view view_of(const char *text);

bool view_equal(struct view a, struct view b);
bool view_equal_nocase(struct view a, struct view b); /* ASCII letters only */
/* Less than 0, 0, or more: by bytes, and what is begun before what goes on. */
int view_compare(struct view a, struct view b);
bool view_starts(struct view v, struct view prefix);
bool view_starts_nocase(struct view v, struct view prefix);
bool view_ends(struct view v, struct view suffix);
bool view_ends_nocase(struct view v, struct view suffix);
bool view_contains(struct view v, struct view part);
/* Is one of its octets a control character of ASCII: 0x00 to 0x1f, or 0x7f? */
bool view_has_control(struct view v);
bool view_is_empty(struct view v);

/* Offset of the first (last) byte `c`, or v.len if there is none. */
size_t view_index(struct view v, char c);
size_t view_rindex(struct view v, char c);

/* The first `n` bytes, and what follows them; `n` beyond the end means the end. */
struct view view_first(struct view v, size_t n);
struct view view_from(struct view v, size_t n);

/* Split at the first `c`: *before ends in front of it, *after begins behind it.  False, with
 * both untouched, if there is no `c`.  Either may be the address of the view given. */
bool view_cut(struct view v, char c, struct view *before, struct view *after);

/* Without spaces and tabs at the start, or spaces, tabs and line ends at the end. */
struct view view_trim_left(struct view v);
struct view view_trim_right(struct view v);

/* Without spaces and tabs at both ends. */
struct view view_trim_blanks(struct view v);

/* Take the first word off: what stands before the next space or tab.  Empty at the end. */
struct view view_next_word(struct view *rest);

/* Take the first piece off: what stands before the next `c`, without blanks around it.  False at the
 * end. */
bool view_next_piece(struct view *rest, char c, struct view *piece);

/* Of a host's name: "a.b." is "a.b"; "." stays. */
struct view view_trim_root(struct view name);

#endif
