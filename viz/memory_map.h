// The memory map of a run: regions, where they lie in each other, and what an address
// space shows of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "viz/run.h"

namespace viz {

struct Region {
  std::string id, name;
  std::string kind;  // container, io, ram, rom, alias
  std::uint64_t size = 0;
  std::string target;  // of an alias
  std::uint64_t offset = 0;
  bool enabled = true, read_only = false;
  std::string container;  // empty: lies nowhere
  std::uint64_t address = 0;
  int priority = 0;
  std::uint64_t order = 0;  // of being put there; the later one wins at equal priority
  std::vector<std::string> inside;  // as they answer: highest priority first
};

// [begin, last] of an address space, answered by `region`.
struct Shown {
  std::uint64_t begin = 0, last = 0;
  const Region* region = nullptr;  // ram, rom or io
  const Region* via = nullptr;     // the alias that shows it here; nullptr: itself
  int priority = 0;                // of the outermost region on the way that has one
  bool read_only = false;
};

struct Space {
  std::string name;
  std::vector<Shown> answers;  // sorted, without overlap
  std::vector<Shown> covered;  // parts that something of higher priority hides
};

struct MemoryMap {
  std::map<std::string, Region, std::less<>> regions;
  std::vector<std::pair<std::string, std::string>> spaces;  // name, id of the root
  std::size_t switched_off = 0;  // regions in a container, disabled

  Space space(std::size_t number) const;
};

// As of step `last` (its index; no_step: at the end).
MemoryMap memory_at(const Run& run, std::size_t last = no_step);

}  // namespace viz
