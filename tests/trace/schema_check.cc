#include "schema_check.h"

#include <map>
#include <regex>

namespace trace_test {

namespace {

using nlohmann::json;

class Checker {
 public:
  explicit Checker(const json& root) : root_(root) {}

  std::string check(const json& schema, const json& value, const std::string& at) {
    for (const auto& [keyword, what] : schema.items()) {
      const std::string error = apply(keyword, what, schema, value, at);
      if (!error.empty()) {
        return error;
      }
    }
    return {};
  }

 private:
  static bool is_type(const std::string& type, const json& value) {
    return (type == "object" && value.is_object()) ||
           (type == "array" && value.is_array()) ||
           (type == "string" && value.is_string()) ||
           (type == "number" && value.is_number()) ||
           (type == "integer" && value.is_number_integer()) ||
           (type == "boolean" && value.is_boolean());
  }

  const std::regex& pattern(const std::string& text) {
    return patterns_.try_emplace(text, text).first->second;
  }

  std::string apply(const std::string& keyword, const json& what, const json& schema,
                    const json& value, const std::string& at) {
    const auto wrong = [&](bool ok) {
      return ok ? std::string() : at + ": fails " + keyword + " " + what.dump();
    };
    if (keyword == "$schema" || keyword == "$id" || keyword == "$defs" ||
        keyword == "title" || keyword == "description" || keyword == "prefixItems") {
      return {};
    }
    if (keyword == "$ref") {
      const auto pointer = what.get<std::string>().substr(1);
      return check(root_.at(json::json_pointer(pointer)), value, at);
    }
    if (keyword == "type") {
      bool ok = what.is_string() && is_type(what, value);
      for (std::size_t i = 0; what.is_array() && i < what.size(); ++i) {
        ok = ok || is_type(what[i], value);
      }
      return wrong(ok);
    }
    if (keyword == "const") {
      return wrong(value == what);
    }
    if (keyword == "enum") {
      return wrong(std::find(what.begin(), what.end(), value) != what.end());
    }
    if (keyword == "minimum") {
      return wrong(value >= what);
    }
    if (keyword == "maximum") {
      return wrong(value <= what);
    }
    if (keyword == "pattern") {
      return wrong(std::regex_search(value.get_ref<const std::string&>(), pattern(what)));
    }
    if (keyword == "minItems" || keyword == "minProperties") {
      return wrong(value.size() >= what.get<std::size_t>());
    }
    if (keyword == "required") {
      for (const json& name : what) {
        if (!value.contains(name.get<std::string>())) {
          return at + ": has no " + name.get<std::string>();
        }
      }
      return {};
    }
    if (keyword == "properties") {
      return properties(what, value, at);
    }
    if (keyword == "additionalProperties") {
      return additional(what, schema, value, at);
    }
    if (keyword == "items") {
      return items(what, schema, value, at);
    }
    if (keyword == "oneOf") {
      return one_of(what, value, at);
    }
    return "the schema has the keyword " + keyword + ", which this checker does not know";
  }

  std::string properties(const json& what, const json& value, const std::string& at) {
    for (const auto& [name, schema] : what.items()) {
      if (value.contains(name)) {
        std::string error = check(schema, value.at(name), at + "/" + name);
        if (!error.empty()) {
          return error;
        }
      }
    }
    return {};
  }

  std::string additional(const json& what, const json& schema, const json& value,
                         const std::string& at) {
    for (const auto& [name, member] : value.items()) {
      if (schema.contains("properties") && schema["properties"].contains(name)) {
        continue;
      }
      if (what == false) {
        return at + ": has " + name;
      }
      std::string error = check(what, member, at + "/" + name);
      if (!error.empty()) {
        return error;
      }
    }
    return {};
  }

  std::string items(const json& what, const json& schema, const json& value,
                    const std::string& at) {
    if (!value.is_array()) {
      return {};  // says nothing about other values: that is what `type` is for
    }
    const json first = schema.value("prefixItems", json::array());
    for (std::size_t i = 0; i < value.size(); ++i) {
      const json& each = i < first.size() ? first[i] : what;
      std::string error = check(each, value[i], at + "/" + std::to_string(i));
      if (!error.empty()) {
        return error;
      }
    }
    return {};
  }

  // Says what is wrong with the alternative that fits best by its phase and name.
  std::string one_of(const json& what, const json& value, const std::string& at) {
    int matching = 0;
    std::string errors;
    for (const json& each : what) {
      const std::string error = check(each, value, at);
      matching += error.empty() ? 1 : 0;
      errors += "\n  " + error;
    }
    return matching == 1
               ? std::string()
               : at + ": fits " + std::to_string(matching) + " forms of event:" + errors;
  }

  const json& root_;
  std::map<std::string, std::regex> patterns_;
};

}  // namespace

std::string schema_error(const nlohmann::json& schema, const nlohmann::json& value) {
  return Checker(schema).check(schema, value, "");
}

}  // namespace trace_test
