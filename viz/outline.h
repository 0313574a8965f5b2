// What a picture says, in words: indented lines, each with named values. One form for
// a terminal, one for programs.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace viz {

struct OutlineRow {
  std::size_t depth = 0;
  std::string text;  // what the row is about
  std::vector<std::pair<std::string, std::string>> fields;
};

struct Outline {
  std::string title;
  std::vector<OutlineRow> rows;

  void row(std::size_t depth, std::string text,
           std::vector<std::pair<std::string, std::string>> fields = {});
};

// One line a row; texts made visible (viz/text.h), so that none can drive a terminal.
std::string outline_text(const Outline& outline);

// {"picture": NAME, "title": ..., "rows": [{"depth", "text", "fields": {...}}]}, one row
// a line.
std::string outline_json(const Outline& outline, const std::string& picture);

}  // namespace viz
