// Makes new command lines out of old ones for options_command_line_fuzz: whole options
// come, go, double and change places; inside an argument the elements between commas
// do, and keys and values are replaced by others that the option table, the option
// groups, or the types' properties know. Blind bytes would seldom get past "invalid
// option"; these lines reach the checks behind it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "argument_lines.h"
#include "argument_words.h"
#include "options/groups.h"
#include "options/option_table.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size,
                                        std::size_t max_size);

namespace {

using options::OptionRow;

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  void mutate(Words& args) {
    constexpr std::uint32_t kinds = 10;
    switch (args.empty() ? 0 : below(kinds)) {
      case 0:
      case 1:
        return insert_option(args);
      case 2:
        return remove_option(args);
      case 3:
        return copy_option(args);
      case 4:
        return damage(args[below(args.size())]);
      default:
        return change_argument(args);
    }
  }

 private:
  std::uint32_t below(std::size_t count) {
    return static_cast<std::uint32_t>(random_() % count);
  }

  template <class List>
  const auto& any_of(const List& list) {
    return list[below(std::size(list))];
  }

  // ---- whole options ----------------------------------------------------------------

  void insert_option(Words& args) {
    const OptionRow& row = any_of(options::option_rows());
    Words option{(below(8) == 0 ? "--" : "-") + std::string(row.name)};
    if (row.argument != nullptr) {
      option.push_back(new_argument(row));
    }
    args.insert(args.begin() + below(args.size() + 1), option.begin(), option.end());
  }

  // An option and, if one follows, its argument.
  std::pair<std::size_t, std::size_t> any_option(const Words& args) {
    std::size_t begin = below(args.size());
    while (begin > 0 && !args[begin].starts_with("-")) {
      --begin;
    }
    std::size_t end = begin + 1;
    while (end < args.size() && !args[end].starts_with("-")) {
      ++end;
    }
    return {begin, end};
  }

  void remove_option(Words& args) {
    const auto [begin, end] = any_option(args);
    const std::size_t last = below(4) == 0 ? begin + 1 : end;  // an argument may be left
    args.erase(args.begin() + static_cast<std::ptrdiff_t>(begin),
               args.begin() + static_cast<std::ptrdiff_t>(last));
  }

  void copy_option(Words& args) {
    const auto [begin, end] = any_option(args);
    const Words option(args.begin() + static_cast<std::ptrdiff_t>(begin),
                       args.begin() + static_cast<std::ptrdiff_t>(end));
    args.insert(args.begin() + below(args.size() + 1), option.begin(), option.end());
  }

  // ---- arguments --------------------------------------------------------------------

  const NamedTypes* types_of(const OptionRow& row) {
    if (row.group == &options::qemu_machine_opts && row.key == nullptr) {
      return &vocabulary().machines;
    }
    if (row.group == &options::qemu_device_opts ||
        row.group == &options::qemu_global_opts) {
      return &vocabulary().devices;
    }
    if (row.group == &options::qemu_object_opts) {
      return &vocabulary().objects;
    }
    return std::string_view(row.name) == "cpu" ? &vocabulary().cpus : nullptr;
  }

  // A key that this option may have; of a type's properties if it names one.
  std::string any_key(const OptionRow& row, std::string_view argument) {
    if (const NamedTypes* types = types_of(row); types != nullptr && below(4) != 0) {
      const std::string_view name = argument.substr(0, argument.find_first_of(",."));
      for (const NamedType& type : *types) {
        if (type.name == name && !type.properties.empty()) {
          return any_of(type.properties);
        }
      }
    }
    if (row.group != nullptr && !row.group->desc.empty() && below(4) != 0) {
      return any_of(row.group->desc).name;
    }
    return std::string(any_of(common_keys));
  }

  std::string element(const OptionRow& row, std::string_view argument) {
    constexpr std::string_view joints[] = {"=", "=", "=", "=", "", "=="};
    return any_key(row, argument) + std::string(any_of(joints)) +
           std::string(any_of(values));
  }

  std::string new_argument(const OptionRow& row) {
    const NamedTypes* types = types_of(row);
    if (types == nullptr) {
      return below(2) == 0 ? element(row, "") : std::string(any_of(values));
    }
    std::string argument = any_of(*types).name;
    const bool global = row.group == &options::qemu_global_opts;
    argument += (global ? "." : ",") + element(row, argument);
    return argument;
  }

  static const OptionRow* row_of(std::string_view word) {
    const std::size_t dashes = std::min(word.find_first_not_of('-'), word.size());
    return dashes == 0 ? nullptr : options::find_option(word.substr(dashes));
  }

  void change_argument(Words& args) {
    const std::size_t at = below(args.size());
    const OptionRow* row = at == 0 ? nullptr : row_of(args[at - 1]);
    if (row == nullptr || row->argument == nullptr) {
      return insert_option(args);
    }
    if (below(8) == 0) {
      args[at] = new_argument(*row);
    } else {
      change_elements(*row, args[at]);
    }
  }

  void change_elements(const OptionRow& row, std::string& argument) {
    Words elements;
    for (std::size_t begin = 0; begin <= argument.size();) {
      const std::size_t end = std::min(argument.find(',', begin), argument.size());
      elements.push_back(argument.substr(begin, end - begin));
      begin = end + 1;
    }
    const std::uint32_t at = below(elements.size());
    switch (below(5)) {
      case 0:
        elements.erase(elements.begin() + at);
        break;
      case 1:
        elements.insert(elements.begin() + at, elements[below(elements.size())]);
        break;
      case 2:
        elements[at] = elements[at].substr(0, elements[at].find('=')) + "=" +
                       std::string(any_of(values));
        break;
      default:
        elements.insert(elements.begin() + at + 1, element(row, argument));
        break;
    }
    argument.clear();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      argument += (i == 0 ? "" : ",") + elements[i];
    }
  }

  // Blind bytes after all, now and then.
  void damage(std::string& arg) {
    std::vector<std::uint8_t> bytes(arg.begin(), arg.end());
    bytes.resize(arg.size() + 16);
    bytes.resize(LLVMFuzzerMutate(bytes.data(), arg.size(), bytes.size()));
    arg.assign(bytes.begin(), bytes.end());
    std::replace(arg.begin(), arg.end(), '\n', ' ');
  }

  std::minstd_rand random_;
};

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed) {
  Words args = split_lines(std::string(data, data + size));
  Mutator mutator(seed);
  mutator.mutate(args);
  const std::string text = join_lines(args);
  const std::size_t length = std::min(text.size(), max_size);
  std::memcpy(data, text.data(), length);
  return length;
}
