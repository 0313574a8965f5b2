// Words and colours that the pictures of a run share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "viz/run.h"
#include "viz/theme.h"

namespace viz {

const Box& box_of_category(const Theme& theme, std::string_view cat);

// "830 ns", "12.4 us", "3.21 ms", "1.50 s".
std::string time_words(std::uint64_t ns);

// "0xfee00000": as the trace spells it; false for text that is no number.
bool parse_number(std::string_view text, std::uint64_t& value);
std::string hex_words(std::uint64_t value);
// "4 KiB", "2 GiB", "13 bytes".
std::string size_words(std::uint64_t bytes);

// "213 type_initialize, 12 class_init, 4 others": the steps, counted by name.
std::string counted_by_name(const Run& run, const std::vector<std::size_t>& steps,
                            const char* others, std::size_t kinds = 3);

// "of TRACE" or "of TRACE, as of step 412 (machine.created)".
std::string when_words(const Run& run, std::size_t at, bool chinese);

}  // namespace viz
