#include "launcher/unbuilt.h"

#include <algorithm>
#include <vector>

#include "launcher/default_devices.h"
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

// Said at the end of a start only, in one line: a line that is wrong anyway gets its
// error and nothing else.
static std::vector<std::string>& missing() {
  static std::vector<std::string> words;
  return words;
}

static void remember(const std::string& words) {
  if (std::find(missing().begin(), missing().end(), words) == missing().end()) {
    missing().push_back(words);
  }
}

void warn_unbuilt_type(const std::string& option, const std::string& type) {
  trace::instant(Unbuilt{.option = option, .what = type});
  remember(option + " " + type);
}

static std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool last = i + 1 == words.size();
    text += (i == 0 ? "" : last ? " and " : ", ") + words[i];
  }
  return text;
}

static std::vector<std::string> default_devices(const options::CommandLine& line) {
  const std::vector<std::string> types = unbuilt_default_devices(
      line, core::class_of<core::MachineClass>(core::current_machine));
  for (const std::string& type : types) {
    trace::instant(Unbuilt{.option = "default device", .what = type});
  }
  return types;
}

static void warn(std::vector<std::string> asked_for,
                 const std::vector<std::string>& defaults) {
  const bool one = asked_for.size() + defaults.size() == 1;
  if (!defaults.empty()) {
    asked_for.push_back(std::string("the default device") +
                        (defaults.size() == 1 ? " " : "s ") + joined(defaults));
  }
  if (!asked_for.empty()) {
    warn_report(joined(asked_for) + (one ? " is" : " are") +
                " not built yet; the machine starts without " + (one ? "it" : "them") +
                (defaults.empty() ? "" : " (-nodefaults asks for no default device)"));
  }
}

void warn_unbuilt(const options::CommandLine& line) {
  if (core::current_machine->usb) {
    remember("-machine usb=on");
  }
  for (const options::GivenOption& option : line.given) {
    const std::string_view name = option.row->name;
    const bool monitor = name == "monitor" && option.value == "stdio";
    if (asks_for_something(option) && !monitor) {
      trace::instant(Unbuilt{.option = name, .what = {}});
      remember("-" + std::string(name));
    }
  }
  warn(missing(), default_devices(line));
}

}  // namespace launcher
