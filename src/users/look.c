#include "users/look.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "users/failure.h"

static enum dotqmail
state_of_failure(int error)
{
	if (error == EACCES || error == EPERM)
		return DOTQMAIL_FORBIDDEN;
	return failure_is_temporary(error) ? DOTQMAIL_FAILED : DOTQMAIL_ABSENT;
}

enum dotqmail
look_at_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return state_of_failure(errno);
	return S_ISREG(st.st_mode) ? DOTQMAIL_PRESENT : DOTQMAIL_ABSENT;
}

enum dotqmail
look_at_directory(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return state_of_failure(errno) == DOTQMAIL_FORBIDDEN ? DOTQMAIL_FORBIDDEN
								     : DOTQMAIL_FAILED;
	if (!S_ISDIR(st.st_mode))
		return DOTQMAIL_FAILED;
	return access(path, X_OK) == 0 ? DOTQMAIL_PRESENT : DOTQMAIL_FORBIDDEN;
}
