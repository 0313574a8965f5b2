// The catalogue: every event kind the program can emit, and the patterns that
// switch kinds on and off.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trace/kind.h"

namespace trace {

std::string_view to_string(Category category);
std::span<const std::string_view> category_names();
std::string_view to_string(Shape shape);
std::string_view to_string(Role role);  // identity, state, volatile
std::string_view to_string(
    Type type);  // boolean, integer, natural, real, text, hex, object

// All kinds, sorted by category, then name.
std::vector<const Kind*> catalogue();

// `*` stands for any run of characters, `?` for any one; the rest for itself.
bool glob_matches(std::string_view pattern, std::string_view text);

// A glob for the kind's name, alone or with its category in front: "qom_*" is the whole
// category qom, and so is "cat:qom".
bool pattern_matches(std::string_view pattern, const Declaration& declaration);
bool pattern_matches(std::string_view pattern, std::string_view category,
                     std::string_view name);

// What a list of patterns, in the order given, makes of a kind. Kinds start on,
// unless the list has a pattern without '-': then only what is named is on.
bool pattern_list_enables(const std::vector<std::string>& patterns,
                          const Declaration& declaration);

// The text of `-trace help`: one kind a line with its sentence, by category.
std::string list_events();
std::string list_events(const std::vector<const Kind*>& kinds);

}  // namespace trace
