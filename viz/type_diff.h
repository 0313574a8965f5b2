// Two type hierarchies side by side: what only one of them has, what sits elsewhere.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "viz/graph.h"
#include "viz/model.h"
#include "viz/picture.h"

namespace viz {

struct TypeDifference {
  // only_a, only_b: the other has no such type. moved: another parent. abstract,
  // interfaces: the same place, another nature.
  enum class Kind { only_a, only_b, moved, abstract, interfaces };
  Kind kind = Kind::only_a;
  std::string name;
  std::string a, b;  // what each has: a parent, "abstract", a list of interfaces
};

const char* difference_name(TypeDifference::Kind kind);

struct TypeComparison {
  std::vector<TypeDifference> differences;  // by kind, then name
  std::size_t same = 0;                     // types equal in both
  std::size_t count(TypeDifference::Kind kind) const;
};

// Interfaces are compared where both tell them (a plain list of types may not).
TypeComparison compare_types(const TypeModel& a, const TypeModel& b);

std::string comparison_text(const TypeModel& a, const TypeModel& b,
                            const TypeComparison& comparison, std::size_t most_names);
std::string comparison_json(const TypeModel& a, const TypeModel& b,
                            const TypeComparison& comparison);

// Both hierarchies as one tree. `options.select` applies to it.
Graph draw_comparison(const TypeModel& a, const TypeModel& b,
                      const TypeComparison& comparison, PictureOptions options);

}  // namespace viz
