#include "kvm/system.h"

#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include "kvm/linux_kvm.h"

#include "kvm/list.h"
#include "kvm/names.h"
#include "trace/event.h"

namespace kvm {
namespace {

using Cause = Unavailable::Cause;

struct KvmOpen {
  static constexpr trace::Declaration declaration{
      "kvm_open", trace::Category::kvm, trace::Shape::span,
      "The kernel's KVM device file is opened."};
  std::string_view path;

  static constexpr auto fields() {
    return trace::fields(trace::identity("path", &KvmOpen::path, "the device file"));
  }

  struct Result {
    std::string_view error;

    static constexpr auto fields() {
      return trace::fields(
          trace::state("error", &Result::error, "why it failed; empty if it did not"));
    }
  };
};

std::string reason(int error_number) {
  return std::generic_category().message(error_number);
}

// One cause, one answer.
[[noreturn]] void refuse_open(const std::string& path, int error) {
  const std::string what = "Could not access KVM kernel module: " + reason(error);
  switch (error) {
    case ENOENT:
      throw Unavailable(
          Cause::no_file, what,
          "there is no " + path +
              ": load the module with 'sudo modprobe kvm_intel' (or kvm_amd), "
              "switch virtualisation on in the firmware, or use -accel tcg",
          error);
    case ENODEV:
    case ENXIO:
      throw Unavailable(Cause::no_device, what,
                        path +
                            " exists but no driver answers: load it with 'sudo modprobe "
                            "kvm_intel' (or kvm_amd), or use -accel tcg",
                        error);
    case EACCES:
    case EPERM:
      throw Unavailable(
          Cause::no_permission, what,
          "you may not open " + path +
              ": join its group with 'sudo usermod -aG kvm $USER' and log in "
              "again, or use -accel tcg",
          error);
    default:
      throw Unavailable(Cause::other_error, what,
                        "opening " + path +
                            " failed in an unusual way; -accel tcg needs no "
                            "kernel module",
                        error);
  }
}

Target open_device(const std::string& path) {
  trace::Span span{KvmOpen{.path = path}};
  Fd fd(open(path.c_str(), O_RDWR | O_CLOEXEC));
  int error = fd ? 0 : errno;
  std::string why = fd ? std::string{} : reason(error);
  span.result(KvmOpen::Result{.error = why});
  if (!fd) {
    refuse_open(path, error);
  }
  return Target{std::move(fd), path};
}

void require_version(const Target& target) {
  int version = try_call(target, KVM_GET_API_VERSION);
  if (version < 0) {
    throw Unavailable(
        Cause::not_kvm, target.name + " does not answer as KVM does: " + reason(-version),
        "give the path of the kernel's KVM device, usually /dev/kvm", -version);
  }
  if (version != KVM_API_VERSION) {
    const char* what =
        version < KVM_API_VERSION ? "kvm version too old" : "kvm version not supported";
    throw Unavailable(Cause::wrong_version, what,
                      "the kernel speaks KVM API " + std::to_string(version) +
                          ", this program speaks " + std::to_string(KVM_API_VERSION) +
                          "; use -accel tcg",
                      EINVAL);
  }
}

void require_capability(const Target& target, int capability) {
  if (try_call(target, KVM_CHECK_EXTENSION, static_cast<std::uint64_t>(capability)) > 0) {
    return;
  }
  throw Unavailable(Cause::no_capability,
                    "kvm does not support " + std::string(capability_name(capability)),
                    "Linux 4.11 or newer has it; use a newer kernel or -accel tcg",
                    EINVAL);
}

}  // namespace

Unavailable::Unavailable(Cause why, const std::string& what, std::string what_to_do,
                         int error)
    : std::runtime_error(what),
      cause(why),
      hint(std::move(what_to_do)),
      error_number(error) {}

System::System(const std::string& path) : target_(open_device(path)) {
  require_version(target_);
  require_capability(target_, KVM_CAP_IMMEDIATE_EXIT);  // request_exit() rests on it
  require_capability(target_, KVM_CAP_USER_MEMORY);
}

int System::check_extension(int capability) const {
  return call(target_, KVM_CHECK_EXTENSION, static_cast<std::uint64_t>(capability));
}

Target System::create_vm() const {
  // A signal may interrupt the creation; the kernel then wants to be asked again.
  int fd;
  do {
    fd = try_call(target_, KVM_CREATE_VM);
  } while (fd == -EINTR);
  if (fd < 0) {
    throw std::system_error(-fd, std::generic_category(),
                            "KVM_CREATE_VM on " + target_.name);
  }
  return Target{Fd(fd), "vm"};
}

std::size_t System::vcpu_mmap_size() const {
  return static_cast<std::size_t>(call(target_, KVM_GET_VCPU_MMAP_SIZE));
}

std::vector<kvm_cpuid_entry2> System::supported_cpuid() const {
  return fetch_list<kvm_cpuid2, kvm_cpuid_entry2>(target_, KVM_GET_SUPPORTED_CPUID, 128);
}

std::vector<std::uint32_t> System::msr_index_list() const {
  return fetch_list<kvm_msr_list, std::uint32_t>(target_, KVM_GET_MSR_INDEX_LIST, 512);
}

std::vector<std::uint32_t> System::msr_feature_index_list() const {
  return fetch_list<kvm_msr_list, std::uint32_t>(target_, KVM_GET_MSR_FEATURE_INDEX_LIST,
                                                 128);
}

std::optional<std::uint64_t> System::feature_msr(std::uint32_t index) const {
  List<kvm_msrs, kvm_msr_entry> list(1);
  list.get()->entries[0].index = index;
  // A register the host does not have is an answer of the kernel's, no failure of ours.
  if (try_call(target_, KVM_GET_MSRS, list.get()) != 1) {
    return std::nullopt;
  }
  return list.get()->entries[0].data;
}

std::string host_kind(const std::string& sys_module) {
  static constexpr std::pair<const char*, const char*> kinds[] = {
      {"kvm_intel", "vmx"}, {"kvm_amd", "svm"}, {"kvm_pvm", "pvm"}};
  for (const auto& kind : kinds) {
    std::error_code ignored;
    if (std::filesystem::exists(sys_module + "/" + kind.first, ignored)) {
      return kind.second;
    }
  }
  return "unknown";
}

}  // namespace kvm
