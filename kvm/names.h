// Names instead of numbers: every request, capability and exit reason of the
// <linux/kvm.h> this program was compiled with.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace kvm {

struct NamedNumber {
  std::string_view name;  // as the header spells it: "KVM_RUN"
  std::uint64_t number;
};

std::span<const NamedNumber> request_names();
std::span<const NamedNumber> capability_names();
std::span<const NamedNumber> exit_reason_names();

// Empty if the header has no such number.
std::string_view request_name(std::uint64_t request);
std::string_view capability_name(std::uint64_t capability);
std::string_view exit_reason_name(std::uint64_t reason);

}  // namespace kvm
