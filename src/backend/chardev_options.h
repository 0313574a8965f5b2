// Reading the options a character device was given: (key, value) pairs in order, the
// last one of a key wins.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace backend {

using ChardevOptions = std::vector<std::pair<std::string, std::string>>;

// nullptr if `key` was not given.
const std::string* option_text(const ChardevOptions& options, const std::string& key);
// "on" or "off"; anything else throws qom::Error in QEMU's words.
bool option_bool(const ChardevOptions& options, const std::string& key, bool fallback);

}  // namespace backend
