// -readconfig: options from a file.
//
//   [device "net0"]
//     driver = "e1000"
//
// A section makes an entry of that option group; the lines below it set its keys.
#include <cerrno>
#include <cstring>
#include <fstream>

#include "options/command_line.h"

namespace options {

static std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) {
    return {};
  }
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

// What stands between the first and the last quote; nullopt without two of them.
static std::optional<std::string> unquoted(const std::string& text) {
  const std::size_t begin = text.find('"');
  const std::size_t end = text.rfind('"');
  if (begin == std::string::npos || begin == end) {
    return std::nullopt;
  }
  return text.substr(begin + 1, end - begin - 1);
}

static QemuOpts* open_section(const std::string& line) {
  const std::size_t end = line.find_first_of(" ]\t", 1);
  const std::string group = line.substr(1, std::min(end, line.size()) - 1);
  return qemu_opts_create(qemu_find_opts(group), unquoted(line));
}

static void set_key(QemuOpts* section, const std::string& line) {
  const std::size_t equals = line.find('=');
  const std::optional<std::string> value =
      equals == std::string::npos ? std::nullopt : unquoted(line.substr(equals));
  if (!value) {
    throw qom::Error("parse error");
  }
  if (section == nullptr) {
    throw qom::Error("no group defined");
  }
  qemu_opt_set(section, trimmed(line.substr(0, equals)), *value);
}

void read_config_file(const std::string& path) {
  std::ifstream in(path);
  if (!in) {
    throw qom::Error("read config " + path + ": " + std::strerror(errno));
  }
  QemuOpts* section = nullptr;
  std::string text;
  for (int number = 1; std::getline(in, text); ++number) {
    const std::string line = trimmed(text);
    if (line.empty() || line[0] == '#') {
      continue;
    }
    const std::string location = path + ":" + std::to_string(number);
    try {
      if (line[0] == '[') {
        section = open_section(line);
        section->location = location;
      } else {
        set_key(section, line);
      }
    } catch (const qom::Error& error) {
      throw at_location(location, error);
    }
  }
}

}  // namespace options
