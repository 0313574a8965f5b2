// The composition tree as a plain value: which object is part of which, by what name,
// which points at which. Filled from a run, or by a tool from a QEMU binary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "viz/run.h"

namespace viz {

struct TreeObject {
  std::string id;  // "edu#1", or a path where there are no ids
  std::string type;
  std::string name;  // the property of the parent: "device[3]"
  std::string path;  // from the root
  std::size_t parent = no_step;
  std::vector<std::size_t> children;  // in order of being added
  bool bus = false;
  bool realized = false;
  std::uint64_t step = 0;  // that made it; 0 = unknown
};

struct TreeLink {
  std::size_t from = no_step, to = no_step;
  std::string property;
};

struct ObjectTree {
  std::vector<TreeObject> objects;
  std::vector<TreeLink> links;  // without those of a bus to what is plugged into it
  std::map<std::size_t, std::size_t> bus_of;  // device: the bus it is plugged into
  std::vector<std::size_t> roots;
  std::string source;
  std::size_t outside = 0;  // objects in no tree

  std::size_t find(std::string_view id) const;  // no_step if there is none

  std::map<std::string, std::size_t, std::less<>> by_id;
};

// As of step `last` (its index; no_step: at the end).
ObjectTree objects_at(const Run& run, std::size_t last = no_step);

}  // namespace viz
