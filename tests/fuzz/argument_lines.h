// An argument vector as the bytes of a fuzz input: one argument a line, so that a corpus
// file is read and written with any editor. Lines that begin with '#' are comments.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

inline std::vector<std::string> split_lines(std::string_view text) {
  constexpr std::size_t most = 200;
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size() && lines.size() < most;) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    if (!line.starts_with("#")) {
      lines.emplace_back(line.substr(0, line.find('\0')));  // as in argv
    }
    begin = end + 1;
  }
  return lines;
}

inline std::string join_lines(const std::vector<std::string>& args) {
  std::string text;
  for (const std::string& arg : args) {
    text += arg + "\n";
  }
  return text;
}
