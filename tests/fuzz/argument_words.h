// The words that mutated command lines are made of: names and properties of the types
// that a command line can name, values where parsers go wrong, keys that many options
// have.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/machine.h"
#include "core/qdev.h"
#include "core/run_state.h"

using Words = std::vector<std::string>;

// A type, as the command line spells it, and its properties.
struct NamedType {
  std::string name;
  Words properties;
};

using NamedTypes = std::vector<NamedType>;

// Every type below `parent`, without the end of its name that the command line leaves
// out.
inline NamedTypes named_types(const char* parent, std::string_view suffix) {
  NamedTypes types;
  for (core::ObjectClass* klass : core::object_class_get_list(parent, true)) {
    NamedType type{core::object_class_get_name(klass), {}};
    if (type.name.ends_with(suffix)) {
      type.name.resize(type.name.size() - suffix.size());
    }
    for (const core::ObjectProperty* property : core::object_class_property_list(klass)) {
      type.properties.push_back(property->name);
    }
    types.push_back(std::move(type));
  }
  return types;
}

struct Vocabulary {
  NamedTypes machines = named_types(core::TYPE_MACHINE, core::TYPE_MACHINE_SUFFIX);
  NamedTypes cpus = named_types(core::TYPE_CPU, "-x86_64-cpu");
  NamedTypes devices = named_types(core::TYPE_DEVICE, "");
  NamedTypes objects = named_types(core::TYPE_USER_CREATABLE, "");
};

inline const Vocabulary& vocabulary() {
  static const Vocabulary words;
  return words;
}

// Where parsers go wrong: both words of every boolean, the ends of numbers and sizes,
// what quotes and what asks for help.
inline constexpr std::string_view values[] = {"on",
                                              "off",
                                              "yes",
                                              "",
                                              "0",
                                              "1",
                                              "-1",
                                              "2",
                                              "255",
                                              "256",
                                              "65536",
                                              "4294967295",
                                              "4294967296",
                                              "9223372036854775807",
                                              "9223372036854775808",
                                              "18446744073709551615",
                                              "18446744073709551616",
                                              "0x10",
                                              "0x",
                                              "010",
                                              " 1",
                                              "1 ",
                                              "1k",
                                              "1.5G",
                                              "8E",
                                              "16E",
                                              "7.9E",
                                              "0.1",
                                              "1e400",
                                              "nan",
                                              "inf",
                                              "help",
                                              "?",
                                              "none",
                                              "auto",
                                              "split",
                                              "kvm",
                                              "tcg",
                                              "kvm:tcg",
                                              "a,,b",
                                              "a=b",
                                              "%s%n",
                                              "\xff\xfe",
                                              "pc",
                                              "pci.0",
                                              "0x4.1",
                                              "1f.7",
                                              "52:54:00:12:34:56",
                                              "2026-02-30T25:61:61",
                                              "utc",
                                              "cad",
                                              "abcdefghijklmnopq",
                                              "id",
                                              "../x",
                                              "x y",
                                              "stdio",
                                              "file:x",
                                              "null",
                                              "chardev:a",
                                              "a",
                                              "b0",
                                              "1,id=a"};

inline constexpr std::string_view common_keys[] = {
    "id",   "type",  "driver", "bus",     "addr",   "accel", "file",
    "if",   "index", "format", "chardev", "netdev", "drive", "size",
    "node", "cpus",  "mem",    "nofoo",   "no",     ""};
