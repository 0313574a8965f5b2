#include "viz/check/selector.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "viz/check/keys.h"
#include "viz/text.h"

namespace viz::check {

namespace {

using nlohmann::json;

std::string pattern_text(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

Selector from_words(const std::string& line) {
  Selector selector;
  std::istringstream words(line);
  std::string word;
  if (!(words >> selector.name) || selector.name.find('=') != std::string::npos) {
    throw std::runtime_error("a selector begins with an event's name: \"" + line + "\"");
  }
  while (words >> word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw std::runtime_error("`" + word + "` in the selector \"" + line +
                               "\" is not field=pattern");
    }
    selector.where.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return selector;
}

}  // namespace

bool pattern_matches(const std::string& pattern, std::string_view text) {
  const bool wild = pattern.find_first_of("*?") != std::string::npos;
  return wild ? glob_match(pattern, text) : pattern == text;
}

Selector selector_from(const json& object) {
  if (object.is_string()) {
    return from_words(object.get<std::string>());
  }
  require_keys(object, "a selector", {"name", "cat", "thread", "where", "inside"});
  Selector selector;
  selector.name = text_at(object, "name", "*");
  selector.category = text_at(object, "cat", "*");
  selector.thread = text_at(object, "thread", "*");
  if (const auto where = object.find("where"); where != object.end()) {
    if (!where->is_object()) {
      throw std::runtime_error("`where` of a selector is {field: pattern}");
    }
    for (const auto& [field, pattern] : where->items()) {
      if (pattern.is_structured() || pattern.is_null()) {
        throw std::runtime_error("`where` of a selector: the pattern of `" + field +
                                 "` is a text, a number or true/false");
      }
      selector.where.emplace_back(field, pattern_text(pattern));
    }
  }
  if (const auto inside = object.find("inside"); inside != object.end()) {
    selector.inside = std::make_shared<Selector>(selector_from(*inside));
  }
  return selector;
}

bool Selector::matches(const Tree& tree, Index node) const {
  const diff::KindOf& kind = tree.kind(node);
  if (tree[node].seq == 0 || !pattern_matches(name, kind.name) ||
      !pattern_matches(category, kind.cat)) {
    return false;
  }
  if (thread != "*" &&
      !pattern_matches(thread, tree.value(tree.thread_of(node), "name"))) {
    return false;
  }
  const bool fields = std::ranges::all_of(where, [&](const auto& wanted) {
    const std::size_t count = tree.values(node).size();
    for (std::size_t i = 0; i < count; ++i) {
      if (kind.fields[i].name == wanted.first) {
        return pattern_matches(wanted.second, tree.value(node, wanted.first));
      }
    }
    return false;
  });
  if (!fields || inside == nullptr) {
    return fields;
  }
  for (Index at = tree[node].parent; at != diff::none; at = tree[at].parent) {
    if (inside->matches(tree, at)) {
      return true;
    }
  }
  return false;
}

std::vector<Index> Selector::all(const Tree& tree) const {
  std::vector<Index> found;
  for (Index i = 1; i < tree.size(); ++i) {
    if (matches(tree, i)) {
      found.push_back(i);
    }
  }
  // Threads stand one behind the other in the tree; time is what they have in common.
  std::ranges::sort(found, {}, [&](Index i) { return tree[i].seq; });
  return found;
}

std::string Selector::text() const {
  std::string text = name;
  if (category != "*") {
    text += " of category " + category;
  }
  for (const auto& [field, pattern] : where) {
    text += " " + field + "=" + pattern;
  }
  if (thread != "*") {
    text += " in thread " + thread;
  }
  return inside == nullptr ? text : text + " inside " + inside->text();
}

}  // namespace viz::check
