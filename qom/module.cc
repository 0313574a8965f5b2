// Modules: lists of functions that asked before main() to be called in a phase.
//
// A source file says type_init(fn); the macro makes a constructor, the constructor
// appends (fn, type) here, and main() later runs one list per phase. The order of
// a list is the order of linking: nothing may depend on it.
#include "qom/module.h"

#include <array>
#include <vector>

#include "qom/fatal.h"
#include "qom/module_list.h"
#include "trace/event.h"

namespace qom {

namespace {

struct RegisterModuleInit {
  static constexpr trace::Declaration declaration{
      "register_module_init", trace::Category::module, trace::Shape::instant,
      "A source file asks for its function to be called in a phase of the start."};
  std::string_view type;
  std::string_view function;

  static constexpr auto fields() {
    return trace::fields(trace::identity("type", &RegisterModuleInit::type, "the phase"),
                         trace::identity("function", &RegisterModuleInit::function,
                                         "what will be called"));
  }
};

struct ModuleCallInit {
  static constexpr trace::Declaration declaration{
      "module_call_init", trace::Category::module, trace::Shape::span,
      "Every function registered for one phase is called, in order."};
  std::string_view type;
  std::uint64_t entries;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("type", &ModuleCallInit::type, "the phase"),
        trace::state("entries", &ModuleCallInit::entries, "functions in the list"));
  }
};

struct ModuleInit {
  static constexpr trace::Declaration declaration{"module_init", trace::Category::module,
                                                  trace::Shape::span,
                                                  "One registered function runs."};
  std::string_view function;
  std::string_view type;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("function", &ModuleInit::function, "the function"),
        trace::identity("type", &ModuleInit::type, "the phase"));
  }
};

struct ModuleLists {
  std::array<ModuleTypeList, MODULE_INIT_MAX> lists;
  std::vector<ModuleEntry> pending;  // of the plugin being loaded
};

// Built on first use, which is before main().
ModuleLists& module_lists() {
  static ModuleLists lists;
  return lists;
}

std::string_view shown(const ModuleEntry& entry) {
  return entry.name != nullptr ? entry.name : "?";
}

}  // namespace

const char* module_type_name(module_init_type type) {
  constexpr std::array<const char*, MODULE_INIT_MAX> names{
      "BLOCK", "OPTS", "QOM", "TRACE", "XEN_BACKEND", "LIBQOS"};
  return names[static_cast<std::size_t>(type)];
}

ModuleTypeList& find_type(module_init_type type) {
  if (type < 0 || type >= MODULE_INIT_MAX) {
    fatal("module_call_init: there is no module type " +
          std::to_string(static_cast<int>(type)));
  }
  return module_lists().lists[static_cast<std::size_t>(type)];
}

std::vector<ModuleEntry>& pending_module_inits() {
  return module_lists().pending;
}

// [register_module_init]
void register_module_init(void (*fn)(), module_init_type type, const char* name,
                          const char* file, int line) {
  const ModuleEntry entry{
      .init = fn, .type = type, .name = name, .file = file, .line = line};
  find_type(type).push_back(entry);
  trace::instant(
      RegisterModuleInit{.type = module_type_name(type), .function = shown(entry)}, file,
      line);
}

// [register_module_init]

void register_dso_module_init(void (*fn)(), module_init_type type, const char* name) {
  pending_module_inits().push_back({.init = fn, .type = type, .name = name});
}

// [module_call_init]
void run_module_entry(const ModuleEntry& entry) {
  const trace::Span span{
      ModuleInit{.function = shown(entry), .type = module_type_name(entry.type)},
      entry.file, entry.line};
  entry.init();
}

void module_call_init(module_init_type type) {
  const trace::Span span{
      ModuleCallInit{.type = module_type_name(type), .entries = find_type(type).size()}};
  // By index: an entry may register another one of the same type, which then runs
  // in this pass after all earlier ones.
  for (std::size_t i = 0; i < find_type(type).size(); ++i) {
    run_module_entry(ModuleEntry{find_type(type)[i]});
  }
}

// [module_call_init]

}  // namespace qom
