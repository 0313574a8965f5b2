// An option group read as a structure: the members it may have, in the order QEMU visits
// them, with types of their own (QEMU's opts visitor: -net, -numa, -acpitable). Groups
// read this way declare no keys, so what is wrong shows only here.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "options/opts.h"

namespace options {

enum class MemberType : std::uint8_t {
  string,
  boolean,
  uint8,
  uint16,
  uint32,
  uint64,
  ranges,  // "0-3,7": a list of numbers, the key may be repeated
  size,
  enumeration,
};

struct OptsMember {
  const char* name = nullptr;
  MemberType type = MemberType::string;
  bool required = false;
  std::span<const char* const> values = {};  // of an enumeration
};

// Throws qom::Error for the first member that is missing or wrong, then for a key that is
// no member. The entry's id is the member "id".
void visit_opts(const QemuOpts* opts, std::span<const OptsMember> members);

// The numbers of all uses of a key that visit_opts() found to be ranges.
std::vector<std::uint64_t> opt_ranges(const QemuOpts* opts, std::string_view name);
// The value of a key that visit_opts() found to be a number; `fallback` without it.
std::uint64_t opt_uint64(const QemuOpts* opts, std::string_view name,
                         std::uint64_t fallback);

}  // namespace options
