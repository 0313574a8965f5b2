// `vitrine events`: the catalogue of everything this program can trace, made from
// the declarations beside the code that emits them.
#include <algorithm>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "tools/categories.h"
#include "tools/tool.h"
#include "trace/catalogue.h"
#include "trace/json_text.h"

namespace tools {

namespace {

std::string json_string(std::string_view text) {
  std::string out = "\"";
  trace::detail::append_escaped(out, text);
  return out + "\"";
}

std::string fields_json(std::span<const trace::FieldInfo> fields) {
  std::string out = "[";
  for (const trace::FieldInfo& field : fields) {
    out += out.size() == 1 ? "" : ",";
    out += "{\"name\":" + json_string(field.name) +
           ",\"role\":" + json_string(to_string(field.role)) +
           ",\"type\":" + json_string(to_string(field.type)) +
           ",\"help\":" + json_string(field.help) + "}";
  }
  return out + "]";
}

void print_json(const std::vector<const trace::Kind*>& kinds) {
  std::string out = "[";
  for (const trace::Kind* kind : kinds) {
    const trace::Declaration& d = *kind->declaration;
    out += out.size() == 1 ? "\n" : ",\n";
    out += "{\"name\":" + json_string(d.name) +
           ",\"cat\":" + json_string(to_string(d.category)) +
           ",\"shape\":" + json_string(to_string(d.shape)) +
           ",\"help\":" + json_string(d.help) +
           ",\"fields\":" + fields_json(kind->fields) +
           ",\"results\":" + fields_json(kind->results) + "}";
  }
  std::printf("%s\n]\n", out.c_str());
}

// A bar would end the table's cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c == '|' ? "\\|" : std::string(1, c);
  }
  return out;
}

void print_fields_markdown(std::span<const trace::FieldInfo> fields, const char* when) {
  for (const trace::FieldInfo& field : fields) {
    std::printf("| `%s` | %s | %s | %s | %s |\n", cell(field.name).c_str(),
                std::string(to_string(field.type)).c_str(),
                std::string(to_string(field.role)).c_str(), when,
                cell(field.help).c_str());
  }
}

void print_markdown(const std::vector<const trace::Kind*>& kinds) {
  const trace::Category* category = nullptr;
  for (const trace::Kind* kind : kinds) {
    const trace::Declaration& d = *kind->declaration;
    if (category == nullptr || *category != d.category) {
      std::printf("\n## %s\n", std::string(to_string(d.category)).c_str());
      category = &d.category;
    }
    std::printf("\n### `%s`\n\n%s (%s)\n", std::string(d.name).c_str(),
                std::string(d.help).c_str(), std::string(to_string(d.shape)).c_str());
    if (!kind->fields.empty() || !kind->results.empty()) {
      std::printf("\n| field | type | role | known | meaning |\n|---|---|---|---|---|\n");
      print_fields_markdown(kind->fields, "at begin");
      print_fields_markdown(kind->results, "at end");
    }
  }
}

int events_main(int argc, char** argv) {
  CLI::App app{"Lists every event this program can trace.", "vitrine events"};
  bool json = false;
  bool markdown = false;
  std::vector<std::string> categories;
  app.add_flag("--json", json, "As one JSON array, for programs");
  app.add_flag("--markdown", markdown, "As reference pages")->excludes("--json");
  app.add_option("--cat", categories, "Only these categories")
      ->delimiter(',')
      ->check(one_of_categories());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  std::vector<const trace::Kind*> kinds = trace::catalogue();
  std::erase_if(kinds, [&](const trace::Kind* kind) {
    const std::string category(to_string(kind->declaration->category));
    return !categories.empty() &&
           std::ranges::find(categories, category) == categories.end();
  });
  if (json) {
    print_json(kinds);
  } else if (markdown) {
    print_markdown(kinds);
  } else {
    std::fputs(trace::list_events(kinds).c_str(), stdout);
  }
  return 0;
}

constexpr Tool events_tool{"events", "list every event that can be traced", Group::learn,
                           events_main};

}  // namespace

tool_init(events_tool);

}  // namespace tools
