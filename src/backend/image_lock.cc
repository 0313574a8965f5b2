// Image locks as QEMU takes them, so that its processes and ours see each other. A read
// lock on byte 100 + n of the file says "I do what permission n is for", one on byte
// 200 + n "nobody else may". Nobody holds write locks: whether there is a lock of
// another is asked with the question if a write lock would be possible. The locks belong
// to the open file description (F_OFD_*): no other descriptor closed in this process
// gives them up.
#include "backend/image_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace backend {

namespace {

constexpr off_t taken_base = 100, unshared_base = 200;
constexpr unsigned permission_count = 5;
constexpr const char* permission_names[permission_count] = {
    "consistent read", "write", "write unchanged", "resize", "change children"};

struct ::flock lock_at(off_t byte, short type) {
  struct ::flock lock {};

  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  return lock;
}

bool set_lock(int fd, off_t byte, short type) {
  struct ::flock lock = lock_at(byte, type);
  return ::fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

// A file system without locks has no others either.
bool others_hold(int fd, off_t byte) {
  struct ::flock lock = lock_at(byte, F_WRLCK);
  return ::fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

bool has(std::uint8_t permissions, unsigned n) {
  return permissions >> n & 1;
}

void take(int fd, BlockPermissions from, BlockPermissions to) {
  for (unsigned n = 0; n < permission_count; ++n) {
    if (has(to.taken, n) && !has(from.taken, n)) {
      set_lock(fd, taken_base + n, F_RDLCK);
    }
    if (!has(to.shared, n) && has(from.shared, n)) {
      set_lock(fd, unshared_base + n, F_RDLCK);
    }
  }
}

void give_up(int fd, BlockPermissions from, BlockPermissions to) {
  for (unsigned n = 0; n < permission_count; ++n) {
    if (has(from.taken, n) && !has(to.taken, n)) {
      set_lock(fd, taken_base + n, F_UNLCK);
    }
    if (!has(from.shared, n) && has(to.shared, n)) {
      set_lock(fd, unshared_base + n, F_UNLCK);
    }
  }
}

[[noreturn]] void refuse(const char* what, unsigned n, const std::string& filename) {
  Error error(std::string("Failed to get ") + what + "\"" + permission_names[n] +
              "\" lock");
  error.hint = "Is another process using the image [" + filename + "]?";
  throw error;
}

void check_others(int fd, const std::string& filename, BlockPermissions wanted) {
  for (unsigned n = 0; n < permission_count; ++n) {
    if (has(wanted.taken, n) && others_hold(fd, unshared_base + n)) {
      refuse("", n, filename);
    }
    if (!has(wanted.shared, n) && others_hold(fd, taken_base + n)) {
      refuse("shared ", n, filename);
    }
  }
}

}  // namespace

// Told first, asked then: of two programs that start at once at least one sees the other.
void image_lock(int fd, const std::string& filename, BlockPermissions held,
                BlockPermissions wanted) {
  take(fd, held, wanted);
  try {
    check_others(fd, filename, wanted);
  } catch (...) {
    give_up(fd, wanted, held);
    throw;
  }
  give_up(fd, held, wanted);
}

}  // namespace backend
