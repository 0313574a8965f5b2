#include "kvm/ioctl.h"

#include <cerrno>
#include <system_error>

#include <sys/ioctl.h>
#include "kvm/linux_kvm.h"

#include "kvm/arguments.h"
#include "kvm/names.h"
#include "trace/event.h"

namespace kvm {
namespace {

struct KvmIoctl {
  static constexpr trace::Declaration declaration{
      "kvm_ioctl", trace::Category::kvm, trace::Shape::span,
      "One request to the kernel's KVM, from asking to answer."};
  std::string_view on;
  std::string_view request;
  std::string_view argument;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("on", &KvmIoctl::on, "what was asked: /dev/kvm, vm, vcpu N"),
        trace::identity("request", &KvmIoctl::request,
                        "the request's name in <linux/kvm.h>"),
        trace::identity("argument", &KvmIoctl::argument, "its argument, decoded"));
  }

  struct Result {
    std::int64_t value;
    std::string_view error;
    std::string_view returned;

    static constexpr auto fields() {
      return trace::fields(
          trace::state("value", &Result::value,
                       "the answer; 0 where it is a new descriptor"),
          trace::state("error", &Result::error, "why it failed; empty if it did not"),
          trace::state(
              "returned", &Result::returned,
              "what the kernel filled in, decoded; for KVM_RUN the exit reason"));
    }
  };
};

// The only ioctl() of this program.
int raw(const Target& target, std::uint64_t request, std::uint64_t argument) {
  int answer = ::ioctl(target.fd.number(), request, argument);
  return answer < 0 ? -errno : answer;
}

std::string error_text(int answer) {
  return answer < 0 ? std::generic_category().message(-answer) : std::string{};
}

std::string request_text(std::uint64_t request) {
  std::string_view name = request_name(request);
  return name.empty() ? "request " + std::to_string(request) : std::string(name);
}

}  // namespace

int try_call(const Target& target, std::uint64_t request, std::uint64_t argument) {
  if (!trace::enabled<KvmIoctl>()) {
    return raw(target, request, argument);  // nobody reads the words: do not make them
  }
  std::string name = request_text(request);
  std::string given = describe_argument(request, argument, Side::in);
  trace::Span span{KvmIoctl{.on = target.name, .request = name, .argument = given}};
  int answer = raw(target, request, argument);
  std::string filled =
      answer < 0 ? std::string{} : describe_argument(request, argument, Side::out);
  std::string error = error_text(answer);
  span.result(
      KvmIoctl::Result{.value = answer < 0 || returns_descriptor(request) ? 0 : answer,
                       .error = error,
                       .returned = filled});
  return answer;
}

int call(const Target& target, std::uint64_t request, std::uint64_t argument) {
  int answer = try_call(target, request, argument);
  if (answer < 0) {
    throw std::system_error(-answer, std::generic_category(),
                            request_text(request) + " on " + target.name);
  }
  return answer;
}

int run(const Target& vcpu, const kvm_run& page) {
  trace::Span span{KvmIoctl{.on = vcpu.name, .request = "KVM_RUN", .argument = {}}};
  int answer = raw(vcpu, KVM_RUN, 0);
  if (answer < 0) {
    std::string error = error_text(answer);
    span.result(KvmIoctl::Result{.value = 0, .error = error, .returned = {}});
  } else if (trace::enabled<KvmIoctl>()) {
    span.result(KvmIoctl::Result{
        .value = answer, .error = {}, .returned = exit_reason_name(page.exit_reason)});
  }
  return answer;
}

}  // namespace kvm
