// The pass over the command line. See command_line.h.
#include "options/command_line.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "options/argument_checks.h"
#include "options/document.h"
#include "options/groups.h"
#include "trace/event.h"

namespace options {

struct LookupOpt {
  static constexpr trace::Declaration declaration{
      "lookup_opt", trace::Category::option, trace::Shape::instant,
      "One option of the command line, as the option table knows it."};
  std::string_view option;
  std::string_view argument;
  std::string_view group;
  std::string_view used_in;
  std::string_view status;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("option", &LookupOpt::option, "its name, without dashes"),
        trace::state("argument", &LookupOpt::argument, "its argument"),
        trace::state("group", &LookupOpt::group, "the option group it belongs to"),
        trace::state("used_in", &LookupOpt::used_in, "the phase that reads it"),
        trace::state("status", &LookupOpt::status, "works, unbuilt, ignored or refused"));
  }
};

bool CommandLine::has(std::string_view name) const {
  return last(name) != nullptr;
}

const GivenOption* CommandLine::last(std::string_view name) const {
  for (auto option = given.rbegin(); option != given.rend(); ++option) {
    if (name == option->row->name) {
      return &*option;
    }
  }
  return nullptr;
}

std::vector<const GivenOption*> CommandLine::all(std::string_view name) const {
  std::vector<const GivenOption*> found;
  for (const GivenOption& option : given) {
    if (name == option.row->name) {
      found.push_back(&option);
    }
  }
  return found;
}

qom::Error at_location(std::string_view location, const qom::Error& error) {
  qom::Error located(location.empty() ? std::string(error.what())
                                      : std::string(location) + ": " + error.what());
  located.hint = error.hint;
  return located;
}

// ---- first: which options are these? --------------------------------------------

GivenOption lookup_opt(std::span<const std::string> args, std::size_t& at) {
  const std::string& typed = args[at++];
  if (typed.empty() || typed[0] != '-') {
    return {find_option("hda"), typed, typed};  // a disk image
  }
  const std::string_view word =
      std::string_view(typed).substr(typed.starts_with("--") ? 2 : 1);
  const OptionRow* row = find_option(word);
  if (row == nullptr) {
    qom::Error error(typed + ": invalid option");
    error.hint = spelling_hint(word);
    throw error;
  }
  if (row->argument == nullptr) {
    return {row, {}, typed};
  }
  if (at >= args.size()) {
    throw qom::Error(typed + ": requires an argument");
  }
  const std::string& value = args[at++];
  return {row, value, typed + " " + value};
}

// ---- then: what do they say? ------------------------------------------------------

static Abbreviation abbreviation(const QemuOptsList* list) {
  return list->implied_opt_name == nullptr ? Abbreviation::refused
                                           : Abbreviation::permitted;
}

// 4.0's list has names in it that its build may lack, as ours does.
static std::string possible_accelerators() {
  return "Possible accelerators: kvm, xen, hax, tcg\nBuilt here: kvm, tcg\n";
}

// Keys of -accel that came later, and where they stand until then.
static std::string accel_key_hint(std::string_view message) {
  static constexpr std::pair<std::string_view, std::string_view> rows[] = {
      {"kernel-irqchip", "It came with QEMU 5.0; write '-machine kernel-irqchip=...'."},
      {"kvm-shadow-mem", "It came with QEMU 5.0; write '-machine kvm-shadow-mem=...'."},
      {"igd-passthru", "It came with QEMU 5.0; write '-machine igd-passthru=...'."},
      {"tb-size", "It came with QEMU 5.0; write '-tb-size MEGABYTES'."},
      {"one-insn-per-tb", "It came with QEMU 8.1; write '-singlestep'."},
      {"split-wx", "It came with QEMU 6.0; leave it out."},
      {"dirty-ring-size", "It came with QEMU 6.1; leave it out."},
      {"eager-split-size", "It came with QEMU 8.1; leave it out."},
      {"notify-vmexit", "It came with QEMU 7.2; leave it out."},
      {"notify-window", "It came with QEMU 7.2; leave it out."},
      {"xen-version", "It came with QEMU 8.0; leave it out."},
      {"honor-guest-pat", "It came with QEMU 10.1; leave it out."},
      {"device", "It came with QEMU 10.0; leave it out."},
  };
  for (const auto& [key, hint] : rows) {
    if (message.ends_with("'" + std::string(key) + "'")) {
      return std::string(hint);
    }
  }
  return "Built here: kvm, tcg";
}

// -accel is a second way to say -machine accel=.
static void accel_option(const GivenOption& option) {
  try {
    qemu_opts_parse(&qemu_accel_opts, option.value, Abbreviation::permitted,
                    option.location);
  } catch (qom::Error& error) {
    if (has_help_option(option.value)) {
      throw Answer{qemu_opts_help(&qemu_accel_opts), possible_accelerators(), 0};
    }
    error.hint =
        "Possible accelerators: kvm, xen, hax, tcg\n" + accel_key_hint(error.what());
    throw;
  }
  const char* accel = qemu_opt_get(only_opts(qemu_accel_opts), "accel");
  if (accel == nullptr || is_help_option(accel)) {
    throw Answer{{}, possible_accelerators(), 0};
  }
  qemu_opt_set(qemu_get_machine_opts(), "accel", accel);
}

// DRIVER.PROPERTY=VALUE, or the three by name.
static void global_option(const GivenOption& option) {
  const std::string_view text = option.value;
  const std::size_t dot = text.find_first_of(".=");
  const std::size_t equals = text.find('=');
  if (dot != 0 && dot != std::string_view::npos && equals != std::string_view::npos &&
      dot + 1 < equals && text[dot] == '.') {
    QemuOpts* opts = qemu_opts_create(&qemu_global_opts, std::nullopt);
    opts->location = option.location;
    qemu_opt_set(opts, "driver", text.substr(0, dot));
    qemu_opt_set(opts, "property", text.substr(dot + 1, equals - dot - 1));
    qemu_opt_set(opts, "value", text.substr(equals + 1));
    return;
  }
  qemu_opts_parse(&qemu_global_opts, text, Abbreviation::refused, option.location);
}

static void check_add_fd(const QemuOpts* opts) {
  const auto fd = static_cast<int>(qemu_opt_get_number(opts, "fd", ~0ull));
  if (fd < 3 || fcntl(fd, F_GETFD) == -1) {
    throw qom::Error("fd is not valid or already in use");
  }
}

// -device {"driver":"edu","id":"e0"}. Text that is no JSON is left to the older syntax,
// whose complaint is 4.0's.
static QemuOpts* json_option(const GivenOption& option) {
  if (!option.row->takes_json || !looks_like_json(option.value)) {
    return nullptr;
  }
  Document document;
  try {
    document = json_parse(option.value);
  } catch (const qom::Error&) {
    return nullptr;
  }
  const Document* id = document.find("id");
  QemuOpts* opts = qemu_opts_create(
      option.row->group,
      id == nullptr ? std::nullopt : std::optional<std::string_view>(id->scalar));
  opts->location = option.location;
  for (const auto& [key, value] : flatten(document)) {
    if (key != "id") {
      qemu_opt_set(opts, key, value);
    }
  }
  return opts;
}

static void group_option(const GivenOption& option) {
  const OptionRow& row = *option.row;
  if (json_option(option) != nullptr) {
    return;
  }
  const std::string text = row.preset != nullptr ? row.preset : "";
  const bool parse_argument = row.argument != nullptr && row.key == nullptr;
  QemuOpts* opts = qemu_opts_parse(
      row.group, parse_argument ? option.value : text,
      parse_argument ? abbreviation(row.group) : Abbreviation::refused, option.location);
  if (row.key != nullptr) {
    qemu_opt_set(opts, row.key, option.value);
  }
  if (row.group == &qemu_add_fd_opts) {
    check_add_fd(opts);
  }
}

// -action says with one option what -no-reboot and -no-shutdown say with two.
static void check_action(const std::string& event, const std::string& action) {
  static constexpr std::string_view known[] = {
      "reboot=reset",   "reboot=shutdown", "shutdown=poweroff",  "shutdown=pause",
      "panic=none",     "panic=pause",     "panic=shutdown",     "panic=exit-failure",
      "watchdog=reset", "watchdog=pause",  "watchdog=shutdown",  "watchdog=poweroff",
      "watchdog=debug", "watchdog=none",   "watchdog=inject-nmi"};
  const std::string prefix = event + "=";
  const auto same_event = [&](std::string_view row) { return row.starts_with(prefix); };
  if (std::none_of(std::begin(known), std::end(known), same_event)) {
    throw qom::Error("Invalid parameter '" + event + "'");
  }
  if (std::find(std::begin(known), std::end(known), prefix + action) == std::end(known)) {
    throw qom::Error("Parameter '" + event + "' does not accept value '" + action + "'");
  }
}

static void check_actions(const GivenOption& option) {
  for (const auto& [event, action] :
       flatten(keyval_parse(option.value, nullptr, nullptr))) {
    check_action(event, action);
  }
}

// What to do instead. Who asks to be confined must not run without it.
static const char* instead_of(std::string_view name) {
  if (name == "chroot") {
    return "Start it inside: chroot DIRECTORY vitrine run ...";
  }
  if (name == "runas") {
    return "Start it as that user: runuser -u USER -- vitrine run ...";
  }
  if (name == "run-with") {
    return "Start it confined: runuser -u USER -- or chroot DIRECTORY before the "
           "command.";
  }
  return "";
}

static void process(const GivenOption& option, std::string_view program) {
  const std::string_view name = option.row->name;
  if (option.row->status == Status::refused) {
    qom::Error error("Option not supported for this target");
    error.hint = instead_of(name);
    throw qom::Error(error);
  }
  if (name == "h" || name == "help") {
    throw Answer{help_text(program), {}, 0};
  }
  if (name == "set") {
    qemu_set_option(option.value);
  } else if (name == "global") {
    global_option(option);
  } else if (name == "readconfig") {
    read_config_file(option.value);
  } else if (name == "writeconfig") {
    write_config_file(option.value);
  } else if (name == "action") {
    check_actions(option);
  } else if (name == "accel") {
    accel_option(option);
  } else if (option.row->group != nullptr) {
    group_option(option);
  }
  check_argument(option);
}

// The KEY of "Invalid parameter 'KEY'"; empty: it is another message.
static std::string unknown_key(std::string_view message) {
  constexpr std::string_view begin = "Invalid parameter '";
  if (!message.starts_with(begin) || !message.ends_with("'")) {
    return {};
  }
  message.remove_prefix(begin.size());
  return std::string(message.substr(0, message.size() - 1));
}

void process_option(const GivenOption& option, std::string_view program) {
  const OptionRow& row = *option.row;
  trace::instant(LookupOpt{.option = row.name,
                           .argument = shown_argument(row.group, option.value),
                           .group = row.group == nullptr ? "" : row.group->name,
                           .used_in = phase_name(row.phase),
                           .status = status_name(row.status)});
  try {
    process(option, program);
  } catch (const qom::Error& error) {
    const bool global = std::string_view(row.name) == "global";
    const QemuOptsList* list = global ? &qemu_global_opts : row.group;
    const std::string key = unknown_key(error.what());
    if (list != nullptr && !key.empty() && has_help_option(option.value)) {
      throw Answer{qemu_opts_help(list), {}, 1};
    }
    qom::Error located = at_location(option.location, error);
    if (list != nullptr && !key.empty() && located.hint.empty()) {
      located.hint = key_hint(*list, key);
    }
    throw located;
  }
}

static void check_only_once(const CommandLine& line, const GivenOption& option) {
  const std::string_view name = option.row->name;
  if (name != "watchdog" && name != "dump-vmstate") {
    return;
  }
  if (line.all(name).front() != &option) {
    throw at_location(
        option.location,
        qom::Error(name == "watchdog" ? "only one watchdog option may be given"
                                      : "only one '-dump-vmstate' option may be given"));
  }
}

// What -action asks for, in the words that the phases look for.
static void translate_action(CommandLine& line) {
  const GivenOption* option = line.last("action");
  if (option == nullptr) {
    return;
  }
  const Document actions = keyval_parse(option->value, nullptr, nullptr);
  const std::string location = option->location;
  if (actions.text("reboot") == "shutdown") {
    line.given.push_back({find_option("no-reboot"), {}, location});
  }
  if (actions.text("shutdown") == "pause") {
    line.given.push_back({find_option("no-shutdown"), {}, location});
  }
}

CommandLine parse_command_line(std::span<const std::string> args,
                               std::string_view program) {
  CommandLine line;
  for (std::size_t at = 0; at < args.size();) {
    line.given.push_back(lookup_opt(args, at));
  }
  for (const GivenOption& option : line.given) {
    check_only_once(line, option);
    process_option(option, program);
  }
  translate_action(line);
  return line;
}

}  // namespace options
