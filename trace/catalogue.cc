#include "trace/catalogue.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "trace/recorder.h"

namespace trace {

static constexpr std::array<std::string_view, 12> categories{
    "module", "qom",    "option", "machine", "accel", "kvm",
    "device", "memory", "irq",    "vcpu",    "guest", "host"};

std::string_view to_string(Category category) {
  return categories.at(static_cast<std::size_t>(category));
}

std::span<const std::string_view> category_names() {
  return categories;
}

std::string_view to_string(Shape shape) {
  constexpr std::array<std::string_view, 3> names{"span", "instant", "counter"};
  return names.at(static_cast<std::size_t>(shape));
}

std::string_view to_string(Role role) {
  constexpr std::array<std::string_view, 3> names{"identity", "state", "volatile"};
  return names.at(static_cast<std::size_t>(role));
}

std::string_view to_string(Type type) {
  constexpr std::array<std::string_view, 7> names{"boolean", "integer", "natural", "real",
                                                  "text",    "hex",     "object"};
  return names.at(static_cast<std::size_t>(type));
}

std::vector<const Kind*> catalogue() {
  std::vector<const Kind*> kinds;
  detail::for_each_kind(
      [](const Kind& kind, void* context) {
        static_cast<std::vector<const Kind*>*>(context)->push_back(&kind);
      },
      &kinds);
  std::ranges::sort(kinds, {}, [](const Kind* kind) {
    return std::tuple(kind->declaration->category, kind->declaration->name);
  });
  return kinds;
}

// Greedy matching with one remembered star: linear in practice, never exponential.
bool glob_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool pattern_matches(std::string_view pattern, std::string_view category,
                     std::string_view name) {
  if (pattern.starts_with("cat:")) {
    return glob_matches(pattern.substr(4), category);
  }
  if (glob_matches(pattern, name)) {
    return true;
  }
  return pattern.starts_with(category) &&
         pattern.substr(category.size()).starts_with('_') &&
         glob_matches(pattern.substr(category.size() + 1), name);
}

bool pattern_matches(std::string_view pattern, const Declaration& declaration) {
  return pattern_matches(pattern, to_string(declaration.category), declaration.name);
}

bool pattern_list_enables(const std::vector<std::string>& patterns,
                          const Declaration& declaration) {
  bool on = std::ranges::none_of(
      patterns, [](const std::string& pattern) { return !pattern.starts_with('-'); });
  for (const std::string_view pattern : patterns) {
    const bool removes = pattern.starts_with('-');
    if (pattern_matches(removes ? pattern.substr(1) : pattern, declaration)) {
      on = !removes;
    }
  }
  return on;
}

std::string list_events() {
  return list_events(catalogue());
}

std::string list_events(const std::vector<const Kind*>& kinds) {
  std::string text;
  for (const Kind* kind : kinds) {
    const Declaration& d = *kind->declaration;
    std::string line(to_string(d.category));
    line.append(line.size() < 8 ? 8 - line.size() : 1, ' ');
    line += d.name;
    line.append(line.size() < 38 ? 38 - line.size() : 1, ' ');
    text += line;
    text += d.help;
    text += '\n';
  }
  return text;
}

}  // namespace trace
