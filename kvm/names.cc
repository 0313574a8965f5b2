// The tables are generated when the build is configured, one row for each
// #define of the header, so no name can be missing and none is typed twice.
//
// One difficulty: a request's number contains the size of its argument, and the
// arguments of other architectures (ARM, s390...) do not exist here. _IOC_TYPECHECK
// is the header's own hook for that size; below it yields 0 for a type that is
// not complete, so those rows still compile and match nothing.
#include "kvm/names.h"

#include <algorithm>
#include <iterator>
#include <type_traits>

#include "kvm/linux_kvm.h"

#undef _IOC_TYPECHECK
#define _IOC_TYPECHECK(t) (::kvm::complete_size<t>::value)

namespace kvm {

template <class T, class = void>
struct complete_size : std::integral_constant<std::size_t, 0> {};

template <class T>
struct complete_size<T, std::void_t<decltype(sizeof(T))>>
    : std::integral_constant<std::size_t, sizeof(T)> {};

namespace {

#define KVM_ROW(name) {#name, name},

constexpr NamedNumber requests[] = {
#include "kvm/requests.inc"
};

constexpr NamedNumber capabilities[] = {
#include "kvm/capabilities.inc"
};

constexpr NamedNumber exit_reasons[] = {
#include "kvm/exit_reasons.inc"
};

#undef KVM_ROW

std::string_view find(std::span<const NamedNumber> table, std::uint64_t number) {
  auto row = std::find_if(table.begin(), table.end(),
                          [number](const NamedNumber& r) { return r.number == number; });
  return row == table.end() ? std::string_view{} : row->name;
}

}  // namespace

std::span<const NamedNumber> request_names() {
  return requests;
}

std::span<const NamedNumber> capability_names() {
  return capabilities;
}

std::span<const NamedNumber> exit_reason_names() {
  return exit_reasons;
}

std::string_view request_name(std::uint64_t request) {
  return find(requests, request);
}

std::string_view capability_name(std::uint64_t capability) {
  return find(capabilities, capability);
}

// Asked at every exit. The header numbers the first reasons 0, 1, 2..., in order.
std::string_view exit_reason_name(std::uint64_t reason) {
  if (reason < std::size(exit_reasons) && exit_reasons[reason].number == reason) {
    return exit_reasons[reason].name;
  }
  return find(exit_reasons, reason);
}

}  // namespace kvm
