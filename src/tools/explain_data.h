// What `vitrine explain` says: tables beside the option table (options/option_table.h),
// which alone knows names, groups and status. A sentence may hold {key}, replaced by the
// value of that key of the argument, or by nothing if it was not given; {} is the whole
// argument.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace tools {

// Where an argument is drawn: the host's half, the guest's half, or nowhere.
enum class Half : std::uint8_t { none, host, guest };

struct OptionMeaning {
  const char* option;
  Half half;
  const char* becomes;  // objects and properties, '|' between; nullptr: nothing
  const char* en;
  const char* zh;
};

std::span<const OptionMeaning> option_meanings();
const OptionMeaning* find_meaning(std::string_view option);  // nullptr if there is none

// What a device, object, back end or machine is: "virtio-net-pci".
struct TypeMeaning {
  const char* type;
  const char* en;
  const char* zh;
};

const TypeMeaning* find_type_meaning(std::string_view type);

// A key that names what another argument makes: netdev=ID of -device.
struct Reference {
  const char* group;   // the group (or option, if it has none) that holds the key
  const char* key;     // a last '*' stands for any beginning: "*-secret"
  const char* target;  // groups that may own the id, ' ' between
};

std::span<const Reference> references();

// An older spelling and the one that took its place.
struct Spelling {
  const char* older;
  const char* newer;
  const char* since;  // the version that brought the newer one
  const char* en;
  const char* zh;
};

std::span<const Spelling> spellings();

}  // namespace tools
