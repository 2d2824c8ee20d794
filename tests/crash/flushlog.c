/* flushlog - disk images that write down what is done to them (queue 7.4).
 *
 *   flushlog DIR LOG IMAGE...
 *
 * Mounts a file system on DIR in which image n, from 0, is the file DIR/n.  Under a loop device that
 * file sees each write and each flush of the file system on it, in their order.  All are appended to
 * LOG, as records with numbers in the machine's byte order:
 *
 *   device (4 octets)  kind (4): 0 write, 1 flush  offset (8)  length (8)  the bytes of a write
 *
 * A record is in LOG before its write or flush is answered.  Ends when DIR is unmounted. */
#define _FILE_OFFSET_BITS 64
#define FUSE_USE_VERSION  31
#include <fuse3/fuse.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/fmt.h"
#include "lib/scan.h"
#include "os/os.h"

enum { IMAGES_MAX = 8, EXIT_USAGE = 2, EXIT_TROUBLE = 111 };
enum record_kind { RECORD_WRITE, RECORD_FLUSH };

struct record {
	uint32_t device, kind;
	uint64_t offset, length;
};

struct images {
	int log;
	unsigned count;
	int fds[IMAGES_MAX];
};

static struct images *
images_here(void)
{
	return fuse_get_context()->private_data;
}

/* Which image "/n" is; -1 when it is none. */
static int
image_of(const char *path)
{
	uint64_t n;

	if (path[0] != '/' || !scan_whole_u64(view_of(path + 1), &n) ||
	    n >= images_here()->count)
		return -1;
	return (int)n;
}

static int
note(enum record_kind kind, uint64_t device, struct view bytes, off_t offset)
{
	struct record record = { (uint32_t)device, kind, (uint64_t)offset, bytes.len };
	int log = images_here()->log;

	if (fd_write_all(log, (struct view) { (const char *)&record, sizeof record }) < 0)
		return -1;
	return fd_write_all(log, bytes);
}

/* ---- the file system --------------------------------------------------------------------- */

static int
do_getattr(const char *path, struct stat *st, struct fuse_file_info *file)
{
	int image = image_of(path);

	(void)file;
	if (path[0] == '/' && path[1] == '\0') {
		*st = (struct stat) { .st_mode = S_IFDIR | 0700, .st_nlink = 2 };
		return 0;
	}
	if (image < 0)
		return -ENOENT;
	return fstat(images_here()->fds[image], st) < 0 ? -errno : 0;
}

/* Nothing of an image is kept by the kernel: what is written comes here, when it is written. */
static int
do_open(const char *path, struct fuse_file_info *file)
{
	int image = image_of(path);

	if (image < 0)
		return -ENOENT;
	file->fh = (uint64_t)image;
	file->direct_io = 1;
	return 0;
}

static int
do_read(const char *path, char *buffer, size_t size, off_t offset,
    struct fuse_file_info *file)
{
	ssize_t got = pread(images_here()->fds[file->fh], buffer, size, offset);

	(void)path;
	return got < 0 ? -errno : (int)got;
}

static int
do_write(const char *path, const char *bytes, size_t size, off_t offset,
    struct fuse_file_info *file)
{
	ssize_t put = pwrite(images_here()->fds[file->fh], bytes, size, offset);

	(void)path;
	if (put < 0)
		return -errno;
	if (note(RECORD_WRITE, file->fh, (struct view) { bytes, (size_t)put }, offset) <
	    0)
		return -EIO;
	return (int)put;
}

static int
do_fsync(const char *path, int data_only, struct fuse_file_info *file)
{
	(void)path;
	(void)data_only;
	return note(RECORD_FLUSH, file->fh, VIEW(""), 0) < 0 ? -EIO : 0;
}

int
main(int argc, char **argv)
{
	static const struct fuse_operations operations = {
		.getattr = do_getattr,
		.open = do_open,
		.read = do_read,
		.write = do_write,
		.fsync = do_fsync,
	};
	struct images images = { 0 };
	char *fuse_argv[] = { argv[0], NULL, NULL, NULL, NULL };
	char foreground[] = "-f", single[] = "-s";
	int i;

	if (argc < 4 || argc > 3 + IMAGES_MAX)
		os_exit_saying(2, "usage: flushlog dir log image...\n", EXIT_USAGE);
	images.log = open(argv[2], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (images.log < 0)
		os_exit_saying(2, "flushlog: cannot open the log\n", EXIT_TROUBLE);
	for (i = 3; i < argc; i++) {
		images.fds[images.count] = open(argv[i], O_RDWR | O_CLOEXEC);
		if (images.fds[images.count++] < 0)
			os_exit_saying(
			    2, "flushlog: cannot open an image\n", EXIT_TROUBLE);
	}
	fuse_argv[1] = foreground;
	fuse_argv[2] = single; /* one thread: so LOG has one order */
	fuse_argv[3] = argv[1];
	return fuse_main(4, fuse_argv, &operations, &images);
}
