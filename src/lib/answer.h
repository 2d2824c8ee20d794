/* answer - what a lookup can say.  ANSWER_ERROR means "could not find out": the caller turns it
 * into a deferral (4xx, exit 111), never into a yes or a no. */
#ifndef LIB_ANSWER_H
#define LIB_ANSWER_H

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_ERROR };

#endif
