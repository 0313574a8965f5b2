#include "launcher/unbuilt.h"

#include <set>

#include "launcher/startup.h"

namespace launcher {

using options::QemuOpts;

struct Unbuilt {
  static constexpr trace::Declaration declaration{
      "unbuilt", trace::Category::option, trace::Shape::instant,
      "Something the command line asks for is not built; the start goes on without it."};
  std::string_view option;
  std::string_view what;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("option", &Unbuilt::option, "the option"),
        trace::identity("what", &Unbuilt::what, "the type, if it is one"));
  }
};

// "none" asks for nothing, so nothing is missing.
static bool asks_for_something(const options::GivenOption& option) {
  return option.row->status == options::Status::unbuilt && option.value != "none" &&
         option.value != "null";
}

void warn_unbuilt_options(const options::CommandLine& line) {
  if (core::current_machine != nullptr && core::current_machine->usb) {
    warn_unbuilt_type("-machine", "usb=on");
  }
  std::set<std::string_view> named;
  for (const options::GivenOption& option : line.given) {
    const std::string_view name = option.row->name;
    const bool monitor = name == "monitor" && option.value == "stdio";
    if (asks_for_something(option) && !monitor && named.insert(name).second) {
      trace::instant(Unbuilt{.option = name, .what = {}});
      warn_report("-" + std::string(name) +
                  " is not built yet; the machine starts without it");
    }
  }
}

void warn_unbuilt_type(const std::string& option, const std::string& type) {
  static std::set<std::string> named;
  if (named.insert(option + " " + type).second) {
    trace::instant(Unbuilt{.option = option, .what = type});
    const LocationScope nowhere("");
    warn_report(option + " " + type + " is not built yet; the machine starts without it");
  }
}

}  // namespace launcher
