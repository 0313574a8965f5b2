// A thousand machines, one after the other, in one program: descriptors, mappings and
// heap are where they were.
#include <dirent.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <fstream>
#include <string>

#include "board.h"

namespace {

using namespace machine_test;

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  while (folder != nullptr && ::readdir(folder) != nullptr) {
    ++count;
  }
  if (folder != nullptr) {
    ::closedir(folder);
  }
  return count;
}

std::size_t mappings() {
  std::ifstream maps("/proc/self/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) {
    ++count;
  }
  return count;
}

// Bytes of the heap that are in use; 0 if the C library does not say, or a sanitizer has
// a heap of its own.
std::size_t heap() {
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
  return ::mallinfo2().uordblks;
#else
  return 0;
#endif
}

TEST(Cycles, a_thousand_machines_leave_nothing_behind) {
  constexpr int warm_up = 100, all = 1000;
  std::size_t descriptors = 0, maps = 0, bytes = 0;
  for (int i = 0; i < all; ++i) {
    if (i == warm_up) {
      descriptors = open_descriptors();
      maps = mappings();
      bytes = heap();
    }
    const Board board(i % 2 == 0 ? "pc-i440fx-4.0" : "isapc");
    board.machine();
  }

  EXPECT_EQ(open_descriptors(), descriptors);
  // The kernel joins neighbours or not as it likes; one left by each machine would be
  // 900.
  constexpr std::size_t mappings_by_chance = 45;
  EXPECT_LE(mappings(), maps + mappings_by_chance);
  // Board itself keeps the name of each one's image: a string, its place in a list.
  constexpr std::size_t bytes_a_machine = 96;
  EXPECT_LE(heap(), bytes + (all - warm_up) * bytes_a_machine);
}

}  // namespace
