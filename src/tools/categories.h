// What --cat of several verbs accepts.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "trace/catalogue.h"

namespace tools {

// Refuses a word that is no category and names those there are.
inline CLI::IsMember one_of_categories() {
  const auto names = trace::category_names();
  return CLI::IsMember(std::vector<std::string>(names.begin(), names.end()));
}

}  // namespace tools
