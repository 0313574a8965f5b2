// `vitrine completion bash|zsh|fish`: a script for the shell, made from the option table.
// The device, machine, CPU and object names after -device, -machine, -cpu and -object are
// this program's own types.
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "core/machine.h"
#include "options/option_table.h"
#include "qom/module.h"
#include "tools/tool.h"
#include "trace/session.h"

namespace tools {

namespace {

using Names = std::vector<std::string>;

std::string joined(const Names& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : " ") + name;
  }
  return text;
}

Names verbs() {
  Names names;
  for (const Tool* tool : tool_list()) {
    names.emplace_back(tool->name);
  }
  return names;
}

bool is_shown(const options::OptionRow& row) {
  return row.section != options::Section::hidden &&
         row.status != options::Status::refused;
}

Names option_names() {
  Names names;
  for (const options::OptionRow& row : options::option_rows()) {
    if (is_shown(row)) {
      names.push_back(std::string("-") + row.name);
    }
  }
  return names;
}

// An option whose argument is a file of the host.
bool takes_file(const options::OptionRow& row) {
  const std::string_view argument = row.argument == nullptr ? "" : row.argument;
  return argument == "FILE" || argument == "PATH" || argument == "DIRECTORY" ||
         argument == "FILE.so";
}

Names file_options() {
  Names names;
  for (const options::OptionRow& row : options::option_rows()) {
    if (is_shown(row) && takes_file(row)) {
      names.push_back(std::string("-") + row.name);
    }
  }
  return names;
}

// Types below `parent` that can be made, without `suffix`.
Names types_below(const char* parent, std::string_view suffix) {
  Names names;
  for (core::ObjectClass* klass : core::object_class_get_list(parent, false)) {
    std::string_view name = core::object_class_get_name(klass);
    const auto* device = core::object_class_dynamic_cast(klass, core::TYPE_DEVICE);
    if (device != nullptr && suffix.empty() &&
        !static_cast<const core::DeviceClass*>(device)->user_creatable) {
      continue;
    }
    if (name.ends_with(suffix)) {
      name.remove_suffix(suffix.size());
    }
    names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The first words of an argument, by option.
std::vector<std::pair<std::string, Names>> argument_words() {
  Names machines = types_below(core::TYPE_MACHINE, core::TYPE_MACHINE_SUFFIX);
  machines.insert(machines.begin(), {"help", "pc", "q35"});
  Names devices = types_below(core::TYPE_DEVICE, "");
  devices.insert(devices.begin(), "help");
  Names cpus = types_below("x86_64-cpu", "-x86_64-cpu");
  cpus.insert(cpus.begin(), "help");
  Names objects = types_below("user-creatable", "");
  objects.insert(objects.begin(), "help");
  Names chardevs;
  for (const std::string& name : types_below("chardev", "")) {
    chardevs.push_back(name.substr(sizeof "chardev-" - 1));
  }
  return {{"-machine", machines},
          {"-M", machines},
          {"-device", devices},
          {"-cpu", cpus},
          {"-object", objects},
          {"-chardev", chardevs},
          {"-accel", {"kvm", "tcg", "kvm:tcg", "help"}},
          {"-serial", {"stdio", "mon:stdio", "null", "pty", "none"}},
          {"-vga", {"std", "cirrus", "qxl", "virtio", "vmware", "none"}},
          {"-display", {"none", "gtk", "sdl", "curses", "vnc=:0"}},
          {"-netdev", {"user,id=", "tap,id=", "bridge,id=", "socket,id="}},
          {"-nic", {"user", "tap", "none"}},
          {"-stop-at",
           {"options.done", "machine.selected", "machine.created", "accel.ready",
            "machine.ready"}}};
}

// ---- the scripts --------------------------------------------------------------------

std::string bash_script() {
  std::string cases = "    " + [] {
    std::string text;
    for (const std::string& name : file_options()) {
      text += (text.empty() ? "" : "|") + name;
    }
    return text;
  }() + ")\n      COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n";
  for (const auto& [option, words] : argument_words()) {
    cases += "    " + option + ")\n      COMPREPLY=($(compgen -W \"" + joined(words) +
             "\" -- \"$word\")); return ;;\n";
  }
  return "# bash completion; load it with: source <(vitrine completion bash)\n"
         "_vitrine() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  case ${before/#--/-} in\n" +
         cases +
         "  esac\n"
         "  if [[ $COMP_CWORD -eq 1 && ${COMP_WORDS[0]} == *vitrine ]]; then\n"
         "    COMPREPLY=($(compgen -W \"" +
         joined(verbs()) +
         "\" -- \"$word\"))\n"
         "  elif [[ $word == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"" +
         joined(option_names()) +
         "\" -- \"$word\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -f -- \"$word\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _vitrine vitrine qemu-system-x86_64\n";
}

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return out + "'";
}

std::string zsh_script() {
  std::string options;
  for (const options::OptionRow& row : options::option_rows()) {
    if (is_shown(row)) {
      options +=
          "    " + single_quoted("-" + std::string(row.name) + ":" + row.help) + "\n";
    }
  }
  std::string cases;
  for (const auto& [option, words] : argument_words()) {
    cases += "    " + option + ") compadd -- " + joined(words) + "; return ;;\n";
  }
  return "#compdef vitrine qemu-system-x86_64\n"
         "# zsh completion; put it into a folder of $fpath as _vitrine\n"
         "_vitrine() {\n"
         "  local -a verbs options\n"
         "  verbs=(" +
         joined(verbs()) +
         ")\n"
         "  options=(\n" +
         options +
         "  )\n"
         "  case $words[CURRENT-1] in\n" +
         cases +
         "  esac\n"
         "  if (( CURRENT == 2 )) && [[ $words[1] == *vitrine ]]; then\n"
         "    compadd -- $verbs\n"
         "  elif [[ $words[CURRENT] == -* ]]; then\n"
         "    _describe option options\n"
         "  else\n"
         "    _files\n"
         "  fi\n"
         "}\n"
         "compdef _vitrine vitrine qemu-system-x86_64\n";
}

std::string fish_script() {
  std::string out =
      "# fish completion; put it into ~/.config/fish/completions/vitrine.fish\n";
  for (const Tool* tool : tool_list()) {
    out += "complete -c vitrine -n __fish_use_subcommand -f -a " +
           single_quoted(tool->name) + " -d " + single_quoted(tool->help) + "\n";
  }
  const auto words = argument_words();
  for (const options::OptionRow& row : options::option_rows()) {
    if (!is_shown(row)) {
      continue;
    }
    const std::string name = std::string("-") + row.name;
    out += "complete -c vitrine -n '__fish_seen_subcommand_from run explain' -o " +
           single_quoted(row.name) + " -d " + single_quoted(row.help);
    const auto found = std::find_if(words.begin(), words.end(),
                                    [&](const auto& pair) { return pair.first == name; });
    if (found != words.end()) {
      out += " -x -a " + single_quoted(joined(found->second));
    } else if (row.argument != nullptr) {
      out += " -r";
    }
    out += "\n";
  }
  return out;
}

int completion_main(int argc, char** argv) {
  const std::string shell = argc == 2 ? argv[1] : "";
  if (shell != "bash" && shell != "zsh" && shell != "fish") {
    const bool asked = shell == "--help" || shell == "-h";
    std::fputs(
        "usage: vitrine completion bash|zsh|fish\n\n"
        "Prints a script that lets the shell complete verbs, options and names:\n"
        "  source <(vitrine completion bash)\n",
        asked ? stdout : stderr);
    return asked ? 0 : 1;
  }
  trace::discard();
  qom::module_call_init(qom::MODULE_INIT_QOM);
  const std::string script = shell == "bash"  ? bash_script()
                             : shell == "zsh" ? zsh_script()
                                              : fish_script();
  std::fputs(script.c_str(), stdout);
  return 0;
}

constexpr Tool completion_tool{"completion", "print a completion script for the shell",
                               Group::learn, completion_main};

}  // namespace

tool_init(completion_tool);

}  // namespace tools
