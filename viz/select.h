// What of a model a picture shows: decided here, before anything is drawn, so that
// the picture, the terminal tree and the tests agree about every single type.
//
// Each type of the model is exactly one of
//   drawn    its name stands in the picture,
//   folded   counted in a "+ 107 more" or in a stub ("438 types, --root device"),
//   hidden   left out by what was asked for (--root, --match, --only-used, ...),
// and the three add up to the model.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "viz/model.h"

namespace viz {

struct SelectOptions {
  std::string root = {};          // only this type and what is below it
  std::string ancestors_of = {};  // one type with its ancestors, siblings and children
  std::string match = {};         // only names matching the pattern, and their ancestors
  bool only_used = false;         // only types that became objects, and their ancestors
  bool all = false;               // no automatic cuts and no folding
  int depth = -1;                 // levels below the root; -1 = as many as fit
  // A leaf table names about this many types and counts the rest; 0 = no tables,
  // every type a node of its own.
  std::size_t fold = 24;
  std::size_t rows = 52;  // the height of a page, in rows of text
  // Edges to interfaces are part of the picture if there are at most so many: more of
  // them would cover the tree.
  std::size_t interface_edges = 12;
};

// A type named in its parent's table: a leaf, or a small branch left closed.
struct Cell {
  const Type* type = nullptr;
  std::size_t cut = 0;  // kept types below it, not drawn
};

// One drawn type with what hangs on it.
struct Branch {
  const Type* type = nullptr;
  std::vector<Branch> inner;  // children drawn as nodes, in order
  std::vector<Cell> cells;    // children drawn as cells of one table
  std::size_t more = 0;       // further types, counted at the table's end
  std::size_t cut = 0;        // kept types below, not drawn: this is a stub
  std::size_t elsewhere = 0;  // children the selection left out (focus only)
  bool hit = true;            // asked for itself, not only on the way to one
  bool focus = false;         // the type of --ancestors-of
};

struct Implements {
  const Type* interface_type = nullptr;
  const Type* by = nullptr;
};

struct Selection {
  std::vector<Branch> roots;
  std::vector<Implements> implements;        // by types that are nodes
  std::vector<const Type*> interface_nodes;  // drawn beside the tree, not in it
  std::size_t drawn = 0;
  std::size_t folded = 0;
  std::size_t hidden = 0;
  std::size_t total = 0;
};

// Throws std::runtime_error for a type that does not exist (with the nearest names)
// and for a selection that holds nothing.
Selection select_types(const TypeModel& model, const SelectOptions& options);

}  // namespace viz
