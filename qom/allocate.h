// Zeroed bytes for classes and objects; free() gives them back.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

namespace qom {

// Throws std::bad_alloc.
inline void* allocate_zeroed(std::size_t size, std::size_t align) {
  void* bytes = nullptr;
  if (align <= alignof(std::max_align_t)) {
    bytes = std::calloc(1, size);
  } else {
    const std::size_t rounded = (size + align - 1) / align * align;
    bytes = std::aligned_alloc(align, rounded);
    if (bytes != nullptr) {
      std::memset(bytes, 0, rounded);
    }
  }
  if (bytes == nullptr) {
    throw std::bad_alloc();
  }
  return bytes;
}

}  // namespace qom
