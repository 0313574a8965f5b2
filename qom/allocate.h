// Bytes for classes and objects; free() gives them back.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

namespace qom {

// Throws std::bad_alloc.
inline void* allocate(std::size_t size, std::size_t align) {
  const std::size_t rounded = (size + align - 1) / align * align;
  void* bytes = align <= alignof(std::max_align_t) ? std::malloc(size)
                                                   : std::aligned_alloc(align, rounded);
  if (bytes == nullptr) {
    throw std::bad_alloc();
  }
  return bytes;
}

inline void* allocate_zeroed(std::size_t size, std::size_t align) {
  return std::memset(allocate(size, align), 0, size);
}

}  // namespace qom
