// Mapping: bytes got from mmap(), given back exactly once.
#pragma once

#include <cerrno>
#include <cstddef>
#include <span>
#include <system_error>
#include <utility>

#include <sys/mman.h>

#include "kvm/fd.h"

namespace kvm {

// Owns a mapping of whole pages. Move-only.
class Mapping {
 public:
  Mapping() = default;

  // The first `size` bytes behind `fd`, shared with the kernel (a vCPU's run page).
  static Mapping shared(const Fd& fd, std::size_t size) {
    return Mapping(size, MAP_SHARED, fd.number());
  }

  // Fresh zeroed memory, taken from the host only as it is touched (guest RAM).
  static Mapping anonymous(std::size_t size) {
    return Mapping(size, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
  }

  Mapping(Mapping&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  ~Mapping() {
    if (!bytes_.empty()) {
      munmap(bytes_.data(), bytes_.size());
    }
  }

  std::span<std::byte> bytes() const { return bytes_; }

 private:
  Mapping(std::size_t size, int flags, int fd) {
    void* start = mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (start == MAP_FAILED) {
      throw std::system_error(errno, std::generic_category(),
                              "mmap of " + std::to_string(size) + " bytes");
    }
    bytes_ = {static_cast<std::byte*>(start), size};
  }

  std::span<std::byte> bytes_;
};

}  // namespace kvm
