/* Fails the n-th call on files under a directory, once or from then on: loaded before libc (LD_PRELOAD). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define FILES 4096
static char marked[FILES];
static char match[512];
static long count, nth, failed;
static int sticky, failure;

void fault_arm(const char *directory, long n, int error, int stays)
{
    strncpy(match, directory, sizeof match - 1);
    count = 0, nth = n, failure = error, sticky = stays;
    if (n) failed = 0;
}

long fault_count(void) { return count; }

/* How many calls failed since one was last to fail. */
long fault_failed(void) { return failed; }

static int ours(const char *path) { return match[0] && path && strstr(path, match); }

static int fails(int counted)
{
    if (!counted) return 0;
    count++;
    if (nth && (count == nth || (sticky && count > nth))) { failed++, errno = failure; return 1; }
    return 0;
}

static int known(int fd) { return match[0] && fd >= 0 && fd < FILES && marked[fd]; }

#define NEXT(name) __typeof__(&name) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define OPEN(name)                                                                     \
    int name(const char *path, int flags, ...)                                         \
    {                                                                                  \
        va_list rest;                                                                  \
        va_start(rest, flags);                                                         \
        int mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, int) : 0;            \
        va_end(rest);                                                                  \
        if (fails(ours(path))) return -1;                                              \
        NEXT(name);                                                                    \
        int fd = next(path, flags, mode);                                              \
        if (fd >= 0 && fd < FILES) marked[fd] = ours(path);                            \
        return fd;                                                                     \
    }
#define ON_FILE(type, name, parameters, arguments) \
    type name parameters                           \
    {                                              \
        if (fails(known(fd))) return -1;           \
        NEXT(name);                                \
        return next arguments;                     \
    }

OPEN(open)
OPEN(open64)
ON_FILE(ssize_t, write, (int fd, const void *from, size_t size), (fd, from, size))
ON_FILE(ssize_t, read, (int fd, void *to, size_t size), (fd, to, size))
ON_FILE(ssize_t, pwrite, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at))
ON_FILE(ssize_t, pwrite64, (int fd, const void *from, size_t size, off64_t at), (fd, from, size, at))
ON_FILE(ssize_t, pread, (int fd, void *to, size_t size, off_t at), (fd, to, size, at))
ON_FILE(ssize_t, pread64, (int fd, void *to, size_t size, off64_t at), (fd, to, size, at))
ON_FILE(int, fsync, (int fd), (fd))
ON_FILE(int, fdatasync, (int fd), (fd))
ON_FILE(int, ftruncate, (int fd, off_t size), (fd, size))
ON_FILE(int, ftruncate64, (int fd, off64_t size), (fd, size))

int close(int fd)
{
    if (fd >= 0 && fd < FILES) marked[fd] = 0;
    NEXT(close);
    return next(fd);
}

#define ON_PATH(name, parameters, arguments)         \
    int name parameters                              \
    {                                                \
        if (fails(ours(path))) return -1;            \
        NEXT(name);                                  \
        return next arguments;                       \
    }

ON_PATH(unlink, (const char *path), (path))
ON_PATH(rename, (const char *path, const char *to), (path, to))
ON_PATH(link, (const char *path, const char *to), (path, to))
ON_PATH(stat, (const char *path, struct stat *found), (path, found))
ON_PATH(lstat, (const char *path, struct stat *found), (path, found))
ON_PATH(stat64, (const char *path, struct stat64 *found), (path, found))
ON_PATH(lstat64, (const char *path, struct stat64 *found), (path, found))
ON_PATH(access, (const char *path, int how), (path, how))
ON_FILE(int, fstat, (int fd, struct stat *found), (fd, found))
ON_FILE(int, fstat64, (int fd, struct stat64 *found), (fd, found))
