// The plugin loader: open, check the stamp, run the pending functions, check what
// they registered; or undo all of it.
#include "qom/plugin.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>

#include "qom/fatal.h"
#include "qom/module_list.h"
#include "qom/object.h"
#include "qom/stamp.h"
#include "qom/type.h"

namespace qom {

namespace {

struct ModuleLoadFile {
  static constexpr trace::Declaration declaration{
      "module_load_file", trace::Category::module, trace::Shape::span,
      "A plugin is opened and its init functions run."};
  std::string_view name;
  std::string_view path;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("name", &ModuleLoadFile::name, "the file's name"),
        trace::volatile_field("path", &ModuleLoadFile::path, "where it is"));
  }

  struct Result {
    std::uint64_t functions;
    std::uint64_t types;

    static constexpr auto fields() {
      return trace::fields(trace::state("functions", &Result::functions, "that ran"),
                           trace::state("types", &Result::types, "that were registered"));
    }
  };
};

constexpr std::string_view host_suffix = ".so";

struct LibraryCloser {
  void operator()(void* handle) const {
    if (handle != nullptr) {
      dlclose(handle);
    }
  }
};

using Library = std::unique_ptr<void, LibraryCloser>;

std::set<std::string>& tried_names() {
  static std::set<std::string> names;
  return names;
}

Library open_library(const std::string& path) {
  // dlopen looks a name without a slash up elsewhere; we mean this very file.
  const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
  if (!path.ends_with(host_suffix)) {
    throw Error("Failed to open module: " + path + ": the name does not end in .so");
  }
  Library library(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!library) {
    const char* reason = dlerror();
    pending_module_inits().clear();
    throw Error(std::string("Failed to open module: ") +
                (reason ? reason : path.c_str()));
  }
  return library;
}

void check_stamp(const Library& library, const std::string& path) {
  const void* symbol = dlsym(library.get(), "vitrine_plugin_stamp");
  if (symbol == nullptr) {
    pending_module_inits().clear();
    throw Error("Failed to initialize module: " + path);
  }
  if (!(*static_cast<const PluginStamp*>(symbol) == PluginStamp{})) {
    pending_module_inits().clear();
    Error error("Failed to initialize module: " + path);
    error.hint = "Note: only modules from the same build can be loaded.";
    throw error;
  }
}

// While it lives, a registration mistake is an Error; unless kept, the types and
// functions added since are taken back.
class Attempt {
 public:
  Attempt() : types_(type_table_get().in_order.size()) {
    type_table_get().loading_plugin = true;
    for (int type = 0; type < MODULE_INIT_MAX; ++type) {
      entries_[type] = find_type(static_cast<module_init_type>(type)).size();
    }
  }

  ~Attempt() {
    type_table_get().loading_plugin = false;
    pending_module_inits().clear();
    if (kept_) {
      return;
    }
    type_table_truncate(types_);
    for (int type = 0; type < MODULE_INIT_MAX; ++type) {
      find_type(static_cast<module_init_type>(type)).resize(entries_[type]);
    }
  }

  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  std::size_t new_types() const { return type_table_get().in_order.size() - types_; }

  void check_new_types() const {
    for (std::size_t i = types_; i < type_table_get().in_order.size(); ++i) {
      type_check(type_table_get().in_order[i]);
    }
  }

  void keep() { kept_ = true; }

 private:
  std::size_t types_;
  std::size_t entries_[MODULE_INIT_MAX] = {};
  bool kept_ = false;
};

std::size_t run_pending() {
  std::size_t count = 0;
  // By index: an init function may register a further one.
  for (; count < pending_module_inits().size(); ++count) {
    const ModuleEntry entry = pending_module_inits()[count];
    run_module_entry(entry);
    register_module_init(entry.init, entry.type, entry.name);
  }
  return count;
}

}  // namespace

void module_load_file(const std::string& path) {
  if (!pending_module_inits().empty()) {
    fatal("module_load_file: init functions of another plugin are still pending");
  }
  trace::Span span{ModuleLoadFile{
      .name = std::string_view(path).substr(path.rfind('/') + 1), .path = path}};
  Library library = open_library(path);
  check_stamp(library, path);
  Attempt attempt;
  try {
    const std::size_t functions = run_pending();
    attempt.check_new_types();
    attempt.keep();
    span.result(
        ModuleLoadFile::Result{.functions = functions, .types = attempt.new_types()});
  } catch (const Error& error) {
    static_cast<void>(library.release());  // its strings may be in use already
    throw Error("Failed to initialize module: " + path + ": " + error.what());
  }
  static_cast<void>(library.release());
}

bool module_load_one(std::string_view prefix, std::string_view name) {
  const std::string file = std::string(prefix) + std::string(name);
  if (!tried_names().insert(file).second) {
    return false;
  }
  const std::string path = module_file(prefix, name);
  if (path.empty()) {
    return false;
  }
  module_load_file(path);
  return true;
}

void module_forget_names_for_test() {
  tried_names().clear();
}

}  // namespace qom
