// Which events a rule is about. Written as an object
//
//   {"name": "object_new", "where": {"type": "*-machine"}, "inside": "phase name=board"}
//
// or, without "inside", as a line of words: "object_new type=*-machine". Patterns know
// `*` and `?`; without either the text must be equal.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "viz/diff/tree.h"

namespace viz::check {

using diff::Index;
using diff::Tree;

struct Selector {
  std::string name = "*", category = "*", thread = "*";
  std::vector<std::pair<std::string, std::string>> where;  // field: pattern
  std::shared_ptr<Selector> inside;                        // some step around it

  bool matches(const Tree& tree, Index node) const;
  // All that match, in the order of the trace.
  std::vector<Index> all(const Tree& tree) const;
  // For people: "object_new type=*-machine inside phase name=board".
  std::string text() const;
};

// Throws std::runtime_error saying what of it is wrong.
Selector selector_from(const nlohmann::json& json);

bool pattern_matches(const std::string& pattern, std::string_view text);

}  // namespace viz::check
