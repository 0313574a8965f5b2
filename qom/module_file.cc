// Where the file of a loadable module is looked for. Apart from loading it, which a
// statically linked program cannot do.
#include <cstdlib>
#include <filesystem>

#include "qom/plugin.h"

#ifndef VITRINE_MODULE_DIR
#define VITRINE_MODULE_DIR ""
#endif

namespace qom {

namespace {

std::string executable_directory() {
  std::error_code error;
  const auto executable = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string(".") : executable.parent_path().string();
}

}  // namespace

std::vector<std::string> module_directories() {
  std::vector<std::string> directories;
  if (const char* from_environment = std::getenv("VITRINE_MODULE_DIR")) {
    directories.emplace_back(from_environment);
  }
  if (constexpr char configured[] = VITRINE_MODULE_DIR; sizeof configured > 1) {
    directories.emplace_back(configured);
  }
  const std::string executable = executable_directory();
  directories.push_back(executable + "/..");
  directories.push_back(executable);
  return directories;
}

std::string module_file(std::string_view prefix, std::string_view name) {
  if (name.empty() || name.find('/') != std::string_view::npos) {
    return {};  // a name, not a way out of the directories
  }
  const std::string file = std::string(prefix) + std::string(name) + ".so";
  for (const std::string& directory : module_directories()) {
    const std::filesystem::path path = std::filesystem::path(directory) / file;
    std::error_code error;
    if (std::filesystem::exists(path, error)) {
      return path.string();
    }
  }
  return {};
}

}  // namespace qom
