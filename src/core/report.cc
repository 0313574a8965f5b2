// Messages for people. See report.h.
#include "core/report.h"

#include <cstdio>
#include <utility>
#include <vector>

#include "trace/event.h"

namespace core {
namespace {

struct Report {
  static constexpr trace::Declaration declaration{"vreport", trace::Category::host,
                                                  trace::Shape::instant,
                                                  "A message was printed for people."};
  std::string_view kind;
  std::string_view text;

  static constexpr auto fields() {
    return trace::fields(trace::identity("kind", &Report::kind, "warning, error or info"),
                         trace::identity("text", &Report::text, "the message"));
  }
};

std::string& stored_program_name() {
  static std::string name = "vitrine";
  return name;
}

// Locations are a stack a thread: options are processed within options.
std::vector<std::string>& locations() {
  thread_local std::vector<std::string> stack;
  return stack;
}

void print(std::string_view kind, std::string_view text) {
  trace::instant(Report{.kind = kind, .text = text});
  std::string line = program_name() + ": " + location_prefix();
  if (kind == "warning")
    line.append(kind).append(": ");
  line.append(text).push_back('\n');
  std::fputs(line.c_str(), stderr);
}

}  // namespace

void set_program_name(std::string_view argv0) {
  const auto slash = argv0.rfind('/');
  stored_program_name() = slash == argv0.npos ? argv0 : argv0.substr(slash + 1);
}

const std::string& program_name() {
  return stored_program_name();
}

void warn_report(std::string_view text) {
  print("warning", text);
}

void error_report(std::string_view text) {
  print("error", text);
}

void info_report(std::string_view text) {
  print("info", text);
}

LocationScope::LocationScope(std::string text) {
  locations().push_back(std::move(text));
}

LocationScope::~LocationScope() {
  locations().pop_back();
}

std::string location_prefix() {
  return locations().empty() ? std::string() : locations().back();
}

}  // namespace core
