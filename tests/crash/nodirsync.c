/* nodirsync - what is linked into a program of ours to make a variant that does not bring names to the
 * disk: fsync of a directory does nothing and says that all is well.  The tests of crash safety must
 * find out what such a program loses; that shows that they can fail.
 *
 * The linker puts it between the program and libc (-Wl,--wrap=fsync); the program's own code is as it
 * is. */
#include <sys/stat.h>
#include <unistd.h>

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int
__wrap_fsync(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return 0;
	return __real_fsync(fd);
}
