// The one door to the kernel: every KVM request of this program goes through
// call() or run(), so every one is traced, named and timed in the same way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kvm/fd.h"

struct kvm_run;

namespace kvm {

// A descriptor one may ask something of, and how people call it: "/dev/kvm",
// "vm", "vcpu 0".
struct Target {
  Fd fd;
  std::string name;
};

// Asks `target` for `request`; `argument` is what the request takes: a number or
// the address of its struct (KVM's own convention). Returns the kernel's answer
// (>= 0). Throws std::system_error "KVM_SET_REGS on vcpu 0: Invalid argument".
int call(const Target& target, std::uint64_t request, std::uint64_t argument = 0);

// The same, for requests that may fail as part of their protocol (a list that
// did not fit): returns -errno instead of throwing.
int try_call(const Target& target, std::uint64_t request, std::uint64_t argument = 0);

template <class T>
int call(const Target& target, std::uint64_t request, T* argument) {
  return call(target, request, reinterpret_cast<std::uint64_t>(argument));
}

template <class T>
int try_call(const Target& target, std::uint64_t request, T* argument) {
  return try_call(target, request, reinterpret_cast<std::uint64_t>(argument));
}

// KVM_RUN, the hot path: nothing is formatted. `page` is the vCPU's run page, read
// for the name of the exit. Returns 0 or -errno: -EINTR and -EAGAIN are ordinary.
int run(const Target& vcpu, const kvm_run& page);

}  // namespace kvm
