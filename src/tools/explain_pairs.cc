// Which arguments belong together: a key of one holds the id of another.
#include <algorithm>

#include "tools/explain_model.h"

namespace tools {

using Arguments = std::vector<Argument>;

static bool contains_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (words.substr(0, end) == word) {
      return true;
    }
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return false;
}

static std::string_view owner_kind(const Argument& argument) {
  return argument.group.empty() ? std::string_view(argument.option)
                                : std::string_view(argument.group);
}

// "usb.0" is a bus of the device "usb"; "pci.2" may be a device's own id.
static bool owns(const Argument& owner, const std::string& id, bool bus) {
  if (owner.id.empty()) {
    return false;
  }
  return owner.id == id || (bus && id.starts_with(owner.id + "."));
}

static std::size_t find_owner(const Arguments& arguments, std::string_view kinds,
                              const std::string& id, bool bus) {
  for (const Argument& argument : arguments) {
    if (contains_word(kinds, owner_kind(argument)) && owns(argument, id, bus)) {
      return argument.number;
    }
  }
  return 0;
}

static bool key_matches(std::string_view pattern, std::string_view key) {
  return pattern.starts_with('*') ? key.ends_with(pattern.substr(1)) : key == pattern;
}

static void join(Arguments& arguments, Argument& from, const std::string& key,
                 const std::string& id, std::size_t owner) {
  from.names.push_back({key, id, owner});
  if (owner != 0) {
    arguments[owner - 1].used_by.push_back(from.number);
  }
}

static void by_keys(Arguments& arguments, Argument& argument) {
  for (const auto& [key, value] : argument.keys) {
    for (const Reference& row : references()) {
      if (owner_kind(argument) != row.group || !key_matches(row.key, key)) {
        continue;
      }
      const bool bus = key == "bus";
      const std::string id = value.starts_with("/objects/") ? value.substr(9) : value;
      const std::size_t owner = find_owner(arguments, row.target, id, bus);
      if (owner == argument.number) {
        continue;
      }
      join(arguments, argument, key, id, owner);
      if (owner == 0 && !bus && key != "display") {
        std::string given = key;
        given.append("=").append(id);
        argument.notes.push_back({given + ": no argument of this line makes it",
                                  given + ":本行没有参数创建它"});
      }
    }
  }
}

// "-serial chardev:ID", "-set GROUP.ID.KEY=VALUE".
static void by_text(Arguments& arguments, Argument& argument) {
  const std::size_t blank = argument.text.find(' ');
  const std::string value =
      blank == std::string::npos ? "" : argument.text.substr(blank + 1);
  if (argument.group.empty() && value.starts_with("chardev:")) {
    const std::string id = value.substr(8);
    join(arguments, argument, "chardev", id, find_owner(arguments, "chardev", id, false));
  }
  const std::size_t dot = value.find('.');
  const std::size_t second = dot == std::string::npos ? dot : value.find('.', dot + 1);
  if (argument.option == "set" && second != std::string::npos) {
    const std::string id = value.substr(dot + 1, second - dot - 1);
    join(arguments, argument, "set", id,
         find_owner(arguments, value.substr(0, dot), id, false));
  }
}

static std::size_t first_of(const Arguments& arguments, std::string_view option) {
  for (const Argument& argument : arguments) {
    if (argument.option == option) {
      return argument.number;
    }
  }
  return 0;
}

// What belongs together without an id: a kernel and its text; cards and back ends of the
// one hub; a global and the devices of its type.
static void by_kind(Arguments& arguments, Argument& argument) {
  if (argument.option == "append" || argument.option == "initrd" ||
      argument.option == "dtb") {
    const std::size_t kernel = first_of(arguments, "kernel");
    if (kernel != 0) {
      join(arguments, argument, "kernel", "", kernel);
    }
  }
  if (argument.option == "net" && argument.type == "nic") {
    for (const Argument& other : arguments) {
      if (other.option == "net" && other.type != "nic" && other.type != "none") {
        join(arguments, argument, "hub", "0", other.number);
      }
    }
  }
  if (argument.option == "global") {
    const std::size_t begin = argument.text.find(' ') + 1;
    const std::string driver =
        argument.text.substr(begin, argument.text.find('.', begin) - begin);
    for (const Argument& other : arguments) {
      if (other.option == "device" && other.type == driver) {
        join(arguments, argument, "driver", driver, other.number);
      }
    }
  }
}

static bool wants_a_user(const Argument& argument) {
  const auto if_none = std::find_if(
      argument.keys.begin(), argument.keys.end(),
      [](const auto& pair) { return pair.first == "if" && pair.second == "none"; });
  return !argument.id.empty() &&
         (argument.option == "netdev" || argument.option == "chardev" ||
          (argument.option == "drive" && if_none != argument.keys.end()));
}

void pair_up(Arguments& arguments) {
  for (Argument& argument : arguments) {
    by_keys(arguments, argument);
    by_text(arguments, argument);
    by_kind(arguments, argument);
  }
  for (Argument& argument : arguments) {
    if (wants_a_user(argument) && argument.used_by.empty()) {
      argument.notes.push_back({"no argument of this line uses " + argument.id,
                                "本行没有参数使用 " + argument.id});
    }
  }
}

}  // namespace tools
