/* eachpath - the paths of what is in a directory. */
#ifndef LIB_EACHPATH_H
#define LIB_EACHPATH_H

/* Call `each` with "directory/NAME", or "directory/NAME/below" unless `below` is NULL, for every name
 * that does not begin with a dot, in no order; whether the latter exists is not looked at.  A
 * directory that cannot be read has none. */
void eachpath(const char *directory, const char *below,
    void (*each)(void *context, const char *path), void *context);

#endif
