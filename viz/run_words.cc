#include "viz/run_words.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>

#include "viz/text.h"

namespace viz {

const Box& box_of_category(const Theme& theme, std::string_view cat) {
  if (cat == "qom" || cat == "module") {
    return theme.violet;
  }
  if (cat == "machine" || cat == "option") {
    return theme.blue;
  }
  if (cat == "accel" || cat == "kvm" || cat == "vcpu") {
    return theme.green;
  }
  if (cat == "device" || cat == "memory" || cat == "irq") {
    return theme.amber;
  }
  return cat == "guest" ? theme.red : theme.grey;
}

std::string time_words(std::uint64_t ns) {
  char text[40];
  const auto value = static_cast<double>(ns);
  if (ns < 1000) {
    std::snprintf(text, sizeof text, "%u ns", static_cast<unsigned>(ns));
  } else if (ns < 1'000'000) {
    std::snprintf(text, sizeof text, "%.3g us", value / 1e3);
  } else if (ns < 1'000'000'000) {
    std::snprintf(text, sizeof text, "%.3g ms", value / 1e6);
  } else {
    std::snprintf(text, sizeof text, "%.2f s", value / 1e9);
  }
  return text;
}

bool parse_number(std::string_view text, std::uint64_t& value) {
  const bool hex = text.starts_with("0x");
  text.remove_prefix(hex ? 2 : 0);
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value, hex ? 16 : 10);
  return result.ec == std::errc() && result.ptr == end && !text.empty();
}

std::string hex_words(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string size_words(std::uint64_t bytes) {
  if (bytes >= UINT64_MAX - 1) {
    return "2^64";
  }
  constexpr const char* units[] = {"byte", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && bytes % 1024 == 0 && unit + 1 < std::size(units)) {
    bytes /= 1024;
    ++unit;
  }
  return std::to_string(bytes) + " " + units[unit] + (unit == 0 && bytes != 1 ? "s" : "");
}

std::string counted_by_name(const Run& run, const std::vector<std::size_t>& steps,
                            const char* others, std::size_t kinds) {
  std::map<std::string_view, std::size_t> counts;
  for (const std::size_t step : steps) {
    ++counts[run.steps()[step].name];
  }
  std::vector<std::pair<std::string_view, std::size_t>> list(counts.begin(),
                                                             counts.end());
  std::stable_sort(list.begin(), list.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string out;
  std::size_t rest = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i >= kinds) {
      rest += list[i].second;
    } else {
      out += (i ? ", " : "") + std::to_string(list[i].second) + " " +
             visible(list[i].first, 40);
    }
  }
  return rest == 0 ? out : out + ", " + std::to_string(rest) + " " + others;
}

std::string when_words(const Run& run, std::size_t at, bool chinese) {
  std::string out = visible(run.source);
  if (at != no_step) {
    const Step& step = run.steps()[at];
    out += chinese
               ? ",到第 " + std::to_string(step.seq) + " 步 (" + run.brief(step, 40) + ")"
               : ", as of step " + std::to_string(step.seq) + " (" + run.brief(step, 40) +
                     ")";
  }
  return out;
}

}  // namespace viz
