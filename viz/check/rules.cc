#include "viz/check/rules.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>

#include "viz/check/keys.h"

namespace viz::check {

namespace {

using nlohmann::json;

constexpr std::size_t largest_file = 4 * 1024 * 1024;
constexpr std::size_t most_rules = 10'000;

const json& member(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) {
    throw std::runtime_error(std::string("`") + key + "` is missing");
  }
  return *found;
}

Selector selector_at(const json& object, const char* key) {
  return selector_from(member(object, key));
}

std::uint64_t natural(const json& object, const char* key) {
  const auto& value = member(object, key);
  if (!value.is_number_unsigned()) {
    throw std::runtime_error(std::string("`") + key + "` is a number from 0 on");
  }
  return value.get<std::uint64_t>();
}

std::vector<std::string> names_at(const json& object, const char* key) {
  std::vector<std::string> names;
  if (!object.contains(key)) {
    return names;
  }
  for (const auto& name : object.at(key)) {
    if (!name.is_string()) {
      throw std::runtime_error(std::string("`") + key + "` is a list of texts");
    }
    names.push_back(name.get<std::string>());
  }
  return names;
}

Count count(const json& object) {
  require_keys(object, "`count`", {"event", "exactly", "at_least", "at_most"});
  Count count{selector_at(object, "event"), {}, {}};
  if (object.contains("exactly")) {
    count.at_least = count.at_most = natural(object, "exactly");
  }
  if (object.contains("at_least")) {
    count.at_least = natural(object, "at_least");
  }
  if (object.contains("at_most")) {
    count.at_most = natural(object, "at_most");
  }
  if (!count.at_least.has_value() && !count.at_most.has_value()) {
    throw std::runtime_error("`count` needs `exactly`, `at_least` or `at_most`");
  }
  return count;
}

Before before(const json& object) {
  require_keys(object, "`before`", {"first", "then"});
  return {selector_at(object, "first"), selector_at(object, "then")};
}

Within within(const json& object) {
  require_keys(object, "`within`", {"event", "of", "us", "steps"});
  Within within{selector_at(object, "event"), selector_at(object, "of"), {}, {}};
  if (object.contains("us")) {
    if (!object.at("us").is_number() || object.at("us").get<double>() < 0) {
      throw std::runtime_error("`us` is a number of microseconds");
    }
    within.us = object.at("us").get<double>();
  }
  if (object.contains("steps")) {
    within.steps = natural(object, "steps");
  }
  if (within.us.has_value() == within.steps.has_value()) {
    throw std::runtime_error("`within` needs one of `us` and `steps`");
  }
  return within;
}

NeverUntil never_until(const json& object) {
  require_keys(object, "`never_until`", {"event", "until"});
  return {selector_at(object, "event"), selector_at(object, "until")};
}

Cause cause(const json& object) {
  require_keys(object, "`cause`", {"event", "by"});
  Cause cause{selector_at(object, "event"), {}};
  const auto& by = member(object, "by");
  if (by.is_array()) {
    for (const auto& selector : by) {
      cause.by.push_back(selector_from(selector));
    }
  } else {
    cause.by.push_back(selector_from(by));
  }
  if (cause.by.empty()) {
    throw std::runtime_error("`by` of a `cause` names at least one step");
  }
  return cause;
}

StateAt state_at(const json& object) {
  require_keys(object, "`state_at`", {"at", "event", "field", "is"});
  StateAt state{selector_at(object, "at"),
                selector_at(object, "event"),
                text_at(object, "field", ""),
                {}};
  const auto& is = member(object, "is");
  if (state.field.empty() || is.is_structured() || is.is_null()) {
    throw std::runtime_error("`state_at` needs `field` and what it `is`");
  }
  state.is = is.is_string() ? is.get<std::string>() : is.dump();
  return state;
}

SameAs same_as(const json& object) {
  require_keys(object, "`same_as`", {"trace", "cat", "leave_out", "unordered"});
  SameAs same{text_at(object, "trace", ""), names_at(object, "cat"),
              names_at(object, "leave_out"), names_at(object, "unordered")};
  if (same.trace.empty()) {
    throw std::runtime_error("`same_as` needs `trace`");
  }
  return same;
}

Rule rule_from(const json& object) {
  require_keys(object, "a rule",
               {"id", "say", "hint", "count", "before", "within", "never_until", "cause",
                "state_at", "same_as"});
  Rule rule{text_at(object, "id", ""),
            text_at(object, "say", ""),
            text_at(object, "hint", ""),
            {}};
  int found = 0;
  const auto read = [&](const char* key, const auto& from) {
    if (object.contains(key)) {
      rule.what = from(object.at(key));
      ++found;
    }
  };
  read("count", count);
  read("before", before);
  read("within", within);
  read("never_until", never_until);
  read("cause", cause);
  read("state_at", state_at);
  read("same_as", same_as);
  if (found != 1) {
    throw std::runtime_error(
        "needs exactly one of count, before, within, never_until, cause, state_at, "
        "same_as");
  }
  if (rule.id.empty()) {
    throw std::runtime_error("`id` is missing");
  }
  return rule;
}

// JSON nests no deeper than a rule needs: a parser must not meet a hostile depth.
bool too_deep(std::string_view text) {
  constexpr int deepest = 64;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted) {
      i += text[i] == '\\' ? 1 : 0;
      quoted = i >= text.size() || text[i] != '"';
    } else if (text[i] == '"') {
      quoted = true;
    } else if (text[i] == '[' || text[i] == '{') {
      if (++depth > deepest) {
        return true;
      }
    } else if (text[i] == ']' || text[i] == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Rules rules_from(std::string_view text, const std::string& name) {
  if (text.size() > largest_file || too_deep(text)) {
    throw std::runtime_error(name + ": too large or nested too deep for a rules file");
  }
  json document;
  try {
    document = json::parse(text);
  } catch (const json::parse_error& error) {
    throw std::runtime_error(name + ": not JSON: " + error.what());
  }
  Rules rules;
  std::size_t number = 0;
  std::string id;
  try {
    require_keys(document, "the file", {"schema", "title", "rules"});
    if (natural(document, "schema") != 1) {
      throw std::runtime_error("`schema` is 1");
    }
    rules.title = text_at(document, "title", name);
    const auto& list = member(document, "rules");
    if (!list.is_array() || list.empty() || list.size() > most_rules) {
      throw std::runtime_error("`rules` is a list of 1 to 10000 rules");
    }
    std::set<std::string> ids;
    for (const auto& one : list) {
      ++number;
      id = one.is_object() && one.contains("id") && one["id"].is_string()
               ? " (" + one["id"].get<std::string>() + ")"
               : "";
      rules.rules.push_back(rule_from(one));
      if (!ids.insert(rules.rules.back().id).second) {
        throw std::runtime_error("another rule has this id");
      }
    }
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(
        name + ": " + (number != 0 ? "rule " + std::to_string(number) + id + ": " : "") +
        error.what());
  }
  return rules;
}

Rules load_rules(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(largest_file + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (!in.eof() && !in) {
    throw std::runtime_error("cannot read the rules " + file +
                             ": check its name and its rights");
  }
  if (text.empty()) {
    throw std::runtime_error("cannot read the rules " + file +
                             ": no such file, or empty");
  }
  Rules rules = rules_from(text, file);
  rules.folder = std::filesystem::path(file).parent_path().string();
  return rules;
}

}  // namespace viz::check
