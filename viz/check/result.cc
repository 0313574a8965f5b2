// The verdict as text, as JSON and as JUnit's XML.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "viz/check/rules.h"
#include "viz/diff/report.h"
#include "viz/text.h"

namespace viz::check {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t longest = 400;

std::size_t failures(const Result& result) {
  return static_cast<std::size_t>(
      std::ranges::count(result.findings, false, &Finding::holds));
}

std::string place_of(const Result& result, const Finding& finding) {
  if (finding.where == diff::none) {
    return {};
  }
  const Tree& tree = *result.tree;
  const std::string chain = diff::chain_of(tree, finding.where);
  return std::string(tree.loc(finding.where)) + ", step " +
         std::to_string(tree[finding.where].seq) + ", phase " +
         diff::phase_of(tree, finding.where) + (chain.empty() ? "" : ", in " + chain);
}

std::string details(const Result& result, const Finding& finding,
                    const std::string& indent) {
  std::string text;
  const auto line = [&](const char* name, const std::string& what) {
    if (!what.empty()) {
      text += indent + name + visible(what, longest) + "\n";
    }
  };
  line("expected  ", finding.expected);
  line("got       ", finding.got);
  line("where     ", place_of(result, finding));
  line("why       ", finding.why);
  line("hint      ", finding.rule->hint);
  return text;
}

}  // namespace

bool Result::holds() const {
  return failures(*this) == 0;
}

std::string result_text(const Result& result, bool colour) {
  std::string text = visible(result.rules->title, longest) + "\n";
  for (const Finding& finding : result.findings) {
    const std::string verdict = finding.holds ? "  ok    " : "  FAIL  ";
    const char* paint = finding.holds ? "\033[32m" : "\033[31m";
    text += colour ? paint + verdict + "\033[0m" : verdict;
    text += visible(finding.rule->id);
    if (!finding.rule->say.empty()) {
      text += ": " + visible(finding.rule->say, longest);
    }
    text += "\n";
    if (!finding.holds) {
      text += details(result, finding, "          ");
    }
  }
  const std::size_t failed = failures(result);
  return text + std::to_string(result.findings.size() - failed) + " of " +
         std::to_string(result.findings.size()) + " rules hold\n";
}

std::string result_json(const Result& result) {
  ordered_json rules = ordered_json::array();
  for (const Finding& finding : result.findings) {
    ordered_json where = nullptr;
    if (finding.where != diff::none) {
      const Tree& tree = *result.tree;
      where = {{"seq", tree[finding.where].seq},
               {"step", tree.label(finding.where)},
               {"loc", std::string(tree.loc(finding.where))},
               {"phase", diff::phase_of(tree, finding.where)}};
    }
    rules.push_back({{"id", finding.rule->id},
                     {"holds", finding.holds},
                     {"say", finding.rule->say},
                     {"expected", finding.expected},
                     {"got", finding.got},
                     {"where", where},
                     {"why", finding.why},
                     {"hint", finding.rule->hint}});
  }
  const ordered_json document{{"schema", 1},
                              {"title", result.rules->title},
                              {"trace", result.tree->file()},
                              {"failed", failures(result)},
                              {"rules", rules}};
  return document.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

std::string result_junit(const Result& result) {
  const auto xml = [](const std::string& text) {
    return html_escape(visible(text, 4000));
  };
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"" +
                     xml(result.rules->title) + "\" tests=\"" +
                     std::to_string(result.findings.size()) + "\" failures=\"" +
                     std::to_string(failures(result)) + "\" errors=\"0\">\n";
  for (const Finding& finding : result.findings) {
    text += "  <testcase classname=\"" + xml(result.rules->title) + "\" name=\"" +
            xml(finding.rule->id) + "\"";
    if (finding.holds) {
      text += "/>\n";
      continue;
    }
    text += ">\n    <failure message=\"" +
            xml("expected " + finding.expected + ", got " + finding.got) + "\">\n" +
            html_escape(details(result, finding, "")) + "</failure>\n  </testcase>\n";
  }
  return text + "</testsuite>\n";
}

}  // namespace viz::check
