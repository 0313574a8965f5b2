// A tree of two boots in one picture: each thing with how it fared from A to B, and the
// way down to what differs. What is the same is counted.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "viz/graph.h"
#include "viz/theme.h"

namespace viz::diff {

// Told by fill, border and a sign, so that a grey printout tells too.
enum class Fate : std::uint8_t { same, removed, added, moved, replaced, changed };

struct Thing {
  std::string name;
  std::string remark = {};  // below the name: "kvm-pit", "class → 2 objects"
  Fate fate = Fate::same;
  Thing* parent = nullptr;
  bool shown = false;
  std::size_t same_inside = 0;  // children that are the same and hold nothing shown
};

// Things stay where they are. Decides what is shown, then draws it; parents must not go
// in circles. Throws GraphvizMissing where the program was built without.
Graph draw_things(std::deque<Thing>& things, const char* name, const Theme& theme);

}  // namespace viz::diff
