// Reading and printing property values as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "qom/property.h"

namespace qom {

// A number with an optional suffix b, k, M, G, T, P or E (powers of 1024).
// Throws qom::Error in QEMU's words, with its hint.
std::uint64_t parse_size(const std::string& text, std::string_view name);

// `type` is the property's: sizes print differently from other numbers. `human`
// adds quotes to strings and the hexadecimal or scaled form to numbers.
std::string print_value(const Value& value, std::string_view type, bool human);

}  // namespace qom
