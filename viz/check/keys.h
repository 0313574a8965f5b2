// Reading JSON that people write: a key nobody knows is a mistake, not a wish.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace viz::check {

inline void require_keys(const nlohmann::json& object, const std::string& what,
                         std::initializer_list<std::string_view> known) {
  if (!object.is_object()) {
    throw std::runtime_error(what + " is an object");
  }
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(known, key) == known.end()) {
      std::string names;
      for (const std::string_view name : known) {
        (names += names.empty() ? "" : ", ") += name;
      }
      throw std::runtime_error(what + " has no `" + key + "`; it has " + names);
    }
  }
}

inline std::string text_at(const nlohmann::json& object, const char* key,
                           const std::string& otherwise) {
  const auto found = object.find(key);
  if (found == object.end()) {
    return otherwise;
  }
  if (!found->is_string()) {
    throw std::runtime_error(std::string("`") + key + "` is a text");
  }
  return found->get<std::string>();
}

}  // namespace viz::check
