// Any bytes as a rules file: refused with a message, or checked against a small boot,
// with a result that can be written in every form.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "../viz/diff_traces.h"
#include "viz/check/rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const viz::diff::Tree tree =
      diff_test::tree_of({{0, "phase", "p"}, {1, "init", "a", "1"}, {0, "ready", "b"}});
  const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)),
                              size);
  viz::check::Rules rules;
  try {
    rules = viz::check::rules_from(text, "fuzz");
  } catch (const std::runtime_error&) {
    return 0;
  }
  // Another trace would be read from a file.
  std::erase_if(rules.rules, [](const viz::check::Rule& rule) {
    return std::holds_alternative<viz::check::SameAs>(rule.what);
  });
  const viz::check::Result result{&rules, &tree, viz::check::check(tree, rules)};
  if (nlohmann::json::parse(viz::check::result_json(result)).at("rules").size() !=
          rules.rules.size() ||
      viz::check::result_text(result, true).empty() ||
      viz::check::result_junit(result).empty()) {
    std::abort();
  }
  return 0;
}
