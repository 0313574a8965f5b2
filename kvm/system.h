// System: /dev/kvm, the door to the kernel's hypervisor.
//
// Opening it can fail in five different ways, and each wants another answer from
// the user. Never ask CPUID whether virtualisation works: a host may offer
// /dev/kvm without VMX or SVM in sight. Ask /dev/kvm.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "kvm/ioctl.h"

struct kvm_cpuid_entry2;

namespace kvm {

// Why KVM cannot be used. what() says what was tried and why it failed, `hint`
// what to do about it. Both are one line without a final dot or newline.
struct Unavailable : std::runtime_error {
  enum class Cause : std::uint8_t {
    no_file,        // ENOENT: no module ever made /dev/kvm
    no_device,      // ENODEV, ENXIO: the file is there, the driver is not
    no_permission,  // EACCES, EPERM
    other_error,    // any other errno
    not_kvm,        // something else lies at that path
    wrong_version,  // API version is not 12
    no_capability,  // too old a kernel
  };
  Unavailable(Cause cause, const std::string& what, std::string hint, int error_number);

  Cause cause;
  std::string hint;
  int error_number;  // errno of the failed step, as a positive number
};

// Owns /dev/kvm. The constructor throws Unavailable; the rest std::system_error.
class System {
 public:
  explicit System(const std::string& path = "/dev/kvm");

  // 0: not there; 1 or a number whose meaning the capability defines.
  int check_extension(int capability) const;
  // A new empty VM's descriptor (type 0).
  Target create_vm() const;
  std::size_t vcpu_mmap_size() const;  // bytes of a vCPU's run page

  std::vector<kvm_cpuid_entry2> supported_cpuid() const;
  std::vector<std::uint32_t> msr_index_list() const;
  std::vector<std::uint32_t> msr_feature_index_list() const;
  // What the host can give a guest in a register of that list; nullopt: not in it.
  std::optional<std::uint64_t> feature_msr(std::uint32_t index) const;

 private:
  Target target_;
};

// What drives KVM here: "vmx", "svm", "pvm" (no hardware virtualisation: guest
// code is mostly emulated) or "unknown". Looks for the kernel's modules only.
// `sys_module` is a parameter for tests.
std::string host_kind(const std::string& sys_module = "/sys/module");

}  // namespace kvm
