#include "viz/diff/stamp.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace viz::diff {

Stamped without_stamp(std::string_view line) {
  std::string_view text = line;
  if (text.starts_with('<') && text.find('>') != text.npos) {
    text.remove_prefix(text.find('>') + 1);
  }
  if (!text.starts_with('[')) {
    return {line};
  }
  const std::size_t end = text.find(']');
  std::string_view stamp = text.substr(1, end == text.npos ? 0 : end - 1);
  stamp.remove_prefix(std::min(stamp.find_first_not_of(' '), stamp.size()));
  std::uint64_t seconds = 0, micros = 0;
  const char* last = stamp.data() + stamp.size();
  const auto whole = std::from_chars(stamp.data(), last, seconds);
  constexpr std::uint64_t most_seconds = 1'000'000'000;
  if (whole.ec != std::errc() || whole.ptr == last || *whole.ptr != '.' ||
      last - whole.ptr != 7 || seconds > most_seconds ||
      std::from_chars(whole.ptr + 1, last, micros).ptr != last) {
    return {line};
  }
  text.remove_prefix(end + 1);
  if (text.starts_with('[') && text.find(']') != text.npos) {
    text.remove_prefix(text.find(']') + 1);  // who printed it
  }
  text.remove_prefix(text.starts_with(' ') ? 1 : 0);
  return {text, (seconds * 1'000'000 + micros) * 1000, true};
}

std::string_view without_times(std::string_view line) {
  const std::string_view text = without_stamp(line).text;
  const bool returned = text.starts_with("initcall ") && text.ends_with(" usecs");
  return returned ? text.substr(0, text.rfind(" after ")) : text;
}

}  // namespace viz::diff
