// -writeconfig: every entry of every group as a section.
//
//   [device "net0"]
//     driver = "e1000"
//
// It is written when the option is met, so it holds what came before it on the line.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "options/command_line.h"
#include "options/groups.h"

namespace options {

std::string config_text() {
  std::string text = "# qemu config file\n\n";
  for (const QemuOptsList* list : qemu_opts_lists()) {
    for (const auto& opts : list->head) {
      text += std::string("[") + list->name;
      text += opts->id ? " \"" + *opts->id + "\"]\n" : "]\n";
      for (const QemuOpt& opt : opts->head) {
        text += "  " + opt.name + " = \"" + opt.str + "\"\n";
      }
      text += "\n";
    }
  }
  return text;
}

void write_config_file(const std::string& path) {
  const std::string text = config_text();
  if (path == "-") {
    std::fputs(text.c_str(), stdout);
    return;
  }
  errno = 0;
  std::ofstream out(path, std::ios::binary);
  if (!out || !(out << text) || !out.flush()) {
    throw qom::Error("open " + path + ": " + std::strerror(errno));
  }
}

}  // namespace options
