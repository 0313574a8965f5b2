#include "viz/outline.h"

#include <nlohmann/json.hpp>

#include "viz/text.h"

namespace viz {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void Outline::row(std::size_t depth, std::string text,
                  std::vector<std::pair<std::string, std::string>> fields) {
  rows.push_back({depth, std::move(text), std::move(fields)});
}

std::string outline_text(const Outline& outline) {
  std::string out = visible(outline.title, 400) + "\n";
  for (const OutlineRow& row : outline.rows) {
    out += std::string(2 * row.depth + 2, ' ') + visible(row.text, 400);
    for (const auto& [key, value] : row.fields) {
      out += "  " + visible(key) + "=" + visible(value, 200);
    }
    out += "\n";
  }
  return out;
}

std::string outline_json(const Outline& outline, const std::string& picture) {
  std::string out = dump(Json{{"picture", picture}, {"title", outline.title}});
  out.back() = ',';
  out += "\"rows\":[";
  const char* between = "\n";
  for (const OutlineRow& row : outline.rows) {
    Json fields = Json::object();
    for (const auto& [key, value] : row.fields) {
      fields[key] = value;
    }
    out += between +
           dump(Json{{"depth", row.depth}, {"text", row.text}, {"fields", fields}});
    between = ",\n";
  }
  return out + "\n]}\n";
}

}  // namespace viz
