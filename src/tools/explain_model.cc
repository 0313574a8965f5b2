// From words to explained arguments: lookup, keys, sentences, what becomes of them.
#include "tools/explain_model.h"

#include <algorithm>

#include "launcher/known_types.h"
#include "options/command_line.h"
#include "options/document.h"
#include "options/groups.h"
#include "qom/module.h"

namespace tools {

using options::GivenOption;
using Keys = std::vector<std::pair<std::string, std::string>>;

const char* verdict_name(Verdict verdict) {
  constexpr const char* names[] = {"works", "ignored", "not built", "refused"};
  return names[static_cast<std::size_t>(verdict)];
}

// ---- the program's name in front ------------------------------------------------------

static bool is_program(std::string_view word) {
  const std::string_view base = word.substr(word.rfind('/') + 1);
  return base.find("qemu") != std::string_view::npos || base == "kvm" ||
         base == "vitrine" || base == "EMULATOR" || base == "sudo" || base == "exec";
}

static std::string take_program(std::vector<std::string>& words) {
  std::string program;
  while (!words.empty()) {
    const std::string& word = words.front();
    const std::size_t equals = word.find('=');
    const bool variable =
        equals != std::string::npos && equals > 0 &&
        word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == equals;
    const bool verb = program.ends_with("vitrine") && word == "run";
    if (word.starts_with('-') || !(is_program(word) || variable || verb)) {
      break;
    }
    program += (program.empty() ? "" : " ") + word;
    words.erase(words.begin());
  }
  return program;
}

// ---- keys ---------------------------------------------------------------------------

static bool takes_document(std::string_view option) {
  return option == "blockdev" || option == "audiodev" || option == "display";
}

static Keys document_keys(const GivenOption& option) {
  const bool display = std::string_view(option.row->name) == "display";
  try {
    return options::flatten(
        options::document_parse(option.value, display ? "type" : "driver"));
  } catch (const qom::Error&) {
    return {};
  }
}

// The argument read into a list of its own, so that ids of other arguments do not matter.
static Keys group_keys(const GivenOption& option) {
  const options::OptionRow& row = *option.row;
  if (row.takes_json && options::looks_like_json(option.value)) {
    try {
      return options::flatten(options::json_parse(option.value));
    } catch (const qom::Error&) {
      return {};
    }
  }
  options::QemuOptsList scratch{row.group->name, row.group->implied_opt_name};
  const bool parse_argument = row.argument != nullptr && row.key == nullptr;
  const std::string text = parse_argument          ? option.value
                           : row.preset != nullptr ? row.preset
                                                   : "";
  Keys keys;
  try {
    const options::QemuOpts* opts =
        options::qemu_opts_parse(&scratch, text,
                                 parse_argument && scratch.implied_opt_name != nullptr
                                     ? options::Abbreviation::permitted
                                     : options::Abbreviation::refused);
    if (opts->id) {
      keys.emplace_back("id", *opts->id);
    }
    qemu_opt_foreach(
        opts, [&](const options::QemuOpt& opt) { keys.emplace_back(opt.name, opt.str); });
  } catch (const qom::Error&) {
    return {};
  }
  if (row.key != nullptr) {
    keys.emplace_back(row.key, option.value);
  }
  return keys;
}

static std::string key_value(const Keys& keys, std::string_view key) {
  for (auto pair = keys.rbegin(); pair != keys.rend(); ++pair) {
    if (pair->first == key) {
      return pair->second;
    }
  }
  return {};
}

// ---- sentences ----------------------------------------------------------------------

static std::string filled(std::string_view sentence, const Keys& keys,
                          const std::string& whole) {
  std::string out;
  while (!sentence.empty()) {
    const std::size_t open = std::min(sentence.find('{'), sentence.size());
    out += sentence.substr(0, open);
    sentence.remove_prefix(open);
    const std::size_t close = sentence.find('}');
    if (close == std::string_view::npos) {
      break;
    }
    const std::string_view key = sentence.substr(1, close - 1);
    out += key.empty() ? whole : key_value(keys, key);
    sentence.remove_prefix(close + 1);
  }
  return out;
}

// "Adds the device edu." and "a teaching device" make one sentence.
static void append_type(std::string& sentence, std::string_view stop,
                        std::string_view colon, const char* what) {
  if (sentence.ends_with(stop)) {
    sentence.resize(sentence.size() - stop.size());
  }
  sentence.append(colon).append(what).append(stop);
}

static std::string type_prefix(std::string_view group) {
  if (group == "chardev") {
    return "chardev-";
  }
  return group == "netdev" || group == "net" || group == "nic" ? "netdev-" : "";
}

static const TypeMeaning* meaning_of_type(const Argument& argument) {
  if (argument.type.empty()) {
    return nullptr;
  }
  const std::string_view real = launcher::device_of_alias(argument.type);
  std::string type =
      argument.group == "device" && !real.empty() ? std::string(real) : argument.type;
  if (argument.group == "machine" && type.starts_with("pc-i440fx-")) {
    type = "pc";
  } else if (argument.group == "machine" && type.starts_with("pc-q35-")) {
    type = "q35";
  }
  return find_type_meaning(type_prefix(argument.group) + type);
}

static void explain_meaning(Argument& argument, const std::string& whole) {
  const OptionMeaning* row = find_meaning(argument.option);
  if (row == nullptr) {
    return;
  }
  argument.half = row->half;
  argument.meaning.en = filled(row->en, argument.keys, whole);
  argument.meaning.zh = filled(row->zh, argument.keys, whole);
  if (const TypeMeaning* type = meaning_of_type(argument)) {
    append_type(argument.meaning.en, ".", ": ", type->en);
    append_type(argument.meaning.zh, "。", ":", type->zh);
  }
}

// ---- what it becomes ----------------------------------------------------------------

static std::vector<std::string> property_names(const Keys& keys) {
  constexpr std::string_view not_properties[] = {"id", "driver", "qom-type", "type",
                                                 "backend"};
  std::vector<std::string> names;
  for (const auto& [key, value] : keys) {
    if (std::find(std::begin(not_properties), std::end(not_properties), key) ==
            std::end(not_properties) &&
        std::find(names.begin(), names.end(), key) == names.end()) {
      names.push_back(key);
    }
  }
  return names;
}

static void explain_becoming(Argument& argument, std::size_t& anonymous) {
  const OptionMeaning* row = find_meaning(argument.option);
  if (argument.group == "device") {
    const std::string path = argument.id.empty() ? "/machine/peripheral-anon/device[" +
                                                       std::to_string(anonymous++) + "]"
                                                 : "/machine/peripheral/" + argument.id;
    argument.becomes.push_back({path, argument.type, property_names(argument.keys)});
    return;
  }
  if (row == nullptr || row->becomes == nullptr) {
    return;
  }
  std::string_view rest = row->becomes;
  while (!rest.empty()) {
    const std::size_t bar = std::min(rest.find('|'), rest.size());
    argument.becomes.push_back({filled(rest.substr(0, bar), argument.keys, {}), {}, {}});
    rest.remove_prefix(std::min(bar + 1, rest.size()));
  }
  Became& first = argument.becomes.front();
  if (first.path == "/machine" || first.path.starts_with("/objects/") ||
      first.path.starts_with("/chardevs/" + argument.id)) {
    first.properties = property_names(argument.keys);
    first.type = argument.group == "machine" && !argument.type.empty()
                     ? argument.type + "-machine"
                     : type_prefix(argument.group) + argument.type;
  }
}

// ---- one argument --------------------------------------------------------------------

static std::string type_of(const Argument& argument) {
  for (const char* key : {"driver", "qom-type", "backend", "type"}) {
    std::string value = key_value(argument.keys, key);
    const bool table = argument.option == "smbios" || argument.option == "numa";
    if (!value.empty() && !table) {
      return value;
    }
  }
  return {};
}

static std::string id_of(const Argument& argument) {
  const std::string node = key_value(argument.keys, "node-name");
  return argument.option == "blockdev" ? node : key_value(argument.keys, "id");
}

static Argument explain_option(const GivenOption& option) {
  Argument argument;
  argument.text = option.location;
  argument.option = option.row->name;
  if (option.row->group != nullptr) {
    argument.group = option.row->group->name;
    argument.keys = group_keys(option);
  } else if (takes_document(argument.option)) {
    argument.keys = document_keys(option);
  }
  argument.id = id_of(argument);
  argument.type = type_of(argument);
  explain_meaning(argument, option.value);
  return argument;
}

// These act on files, print, or end the program when they are processed.
static bool acts_at_once(std::string_view option) {
  for (const char* name :
       {"writeconfig", "readconfig", "usbdevice", "h", "help", "add-fd"}) {
    if (option == name) {
      return true;
    }
  }
  return false;
}

static void refuse(Argument& argument, const std::string& why, const std::string& hint) {
  argument.verdict = Verdict::refused;
  argument.notes.push_back({why, why});
  if (!hint.empty()) {
    argument.notes.push_back({hint, hint});
  }
}

// What parsing alone says against it.
static void try_option(Argument& argument, const GivenOption& option) {
  if (acts_at_once(argument.option)) {
    return;
  }
  try {
    options::process_option(option, "vitrine");
  } catch (const options::Answer&) {
    argument.notes.push_back({"It asks for a text; the program prints it and ends.",
                              "它要求打印一段文字,打印后程序结束。"});
  } catch (const qom::Error& error) {
    std::string why = error.what();
    if (why.starts_with(option.location + ": ")) {
      why.erase(0, option.location.size() + 2);
    }
    refuse(argument, why, error.hint);
  }
}

static Argument unknown_word(const std::vector<std::string>& words, std::size_t& at,
                             const qom::Error& error, const std::string& typed) {
  Argument argument;
  argument.text = typed;
  argument.meaning = {"No option has this name.", "没有这个名字的选项。"};
  std::string why = error.what();
  if (why.starts_with(typed + ": ")) {
    why.erase(0, typed.size() + 2);
  }
  refuse(argument, why, error.hint);
  // What follows is more likely its argument than a disk image.
  if (at < words.size() && !words[at].starts_with('-')) {
    argument.text += " " + words[at++];
  }
  return argument;
}

static std::string machine_of(const std::vector<Argument>& arguments) {
  std::string type;
  for (const Argument& argument : arguments) {
    if (argument.group == "machine" && !argument.type.empty()) {
      type = argument.type;
    }
  }
  return type;
}

Explanation explain_command_line(std::vector<std::string> words) {
  qom::module_call_init(qom::MODULE_INIT_QOM);
  options::add_option_groups();
  Explanation explanation;
  explanation.program = take_program(words);
  std::size_t anonymous = 0;
  for (std::size_t at = 0; at < words.size();) {
    const std::string typed = words[at];
    Argument argument;
    try {
      const GivenOption option = options::lookup_opt(words, at);
      argument = explain_option(option);
      try_option(argument, option);
    } catch (const qom::Error& error) {
      argument = unknown_word(words, at, error, typed);
    }
    argument.number = explanation.arguments.size() + 1;
    explain_becoming(argument, anonymous);
    explanation.arguments.push_back(std::move(argument));
  }
  const std::string machine = machine_of(explanation.arguments);
  for (Argument& argument : explanation.arguments) {
    judge(argument, machine);
  }
  pair_up(explanation.arguments);
  return explanation;
}

}  // namespace tools
