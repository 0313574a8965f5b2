// Fd: a file descriptor that is closed exactly once.
#pragma once

#include <utility>

#include <unistd.h>

namespace kvm {

// Owns one descriptor; -1 owns none. Move-only. Any thread, one at a time.
class Fd {
 public:
  Fd() = default;

  explicit Fd(int fd) : fd_(fd) {}

  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  ~Fd() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }

  int number() const { return fd_; }

  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

}  // namespace kvm
