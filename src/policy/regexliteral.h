/* regexliteral - what a regular expression asks of a text before it is compiled.  Compiling one costs
 * 100 us and a dozen fresh pages, and most lines of a list have nothing to do with the address at
 * hand: who matches "^news.*@bulk\.example$" has "@bulk.example" in it. */
#ifndef POLICY_REGEXLITERAL_H
#define POLICY_REGEXLITERAL_H

#include <stdbool.h>

#include "lib/view.h"

/* Is it made of nothing but characters, '.', simple brackets, groups, anchors, '*', '+' and '?', so
 * that it is certainly a POSIX extended regular expression, and has it such a text, outside of
 * groups? */
bool regexliteral_has(struct view regex);

/* Of one that has: does `text` lack what must be in it, without regard to ASCII case? */
bool regexliteral_rules_out(struct view regex, struct view text);

#endif
