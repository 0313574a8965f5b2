#include "kvm/exit.h"

#include <algorithm>

#include "kvm/linux_kvm.h"

#include "kvm/names.h"

namespace kvm {
namespace {

exit::Direction direction_of(bool is_out) {
  return is_out ? exit::Direction::out : exit::Direction::in;
}

Exit decode_io(const kvm_run& run, std::span<std::byte> page) {
  const auto& io = run.io;
  if (io.size != 1 && io.size != 2 && io.size != 4) {
    return exit::Malformed{KVM_EXIT_IO, "port access of a size that is not 1, 2 or 4"};
  }
  // Subtraction, so that no sum can wrap around.
  if (io.data_offset > page.size() ||
      io.count > (page.size() - io.data_offset) / io.size) {
    return exit::Malformed{KVM_EXIT_IO, "port data outside the run page"};
  }
  return exit::Io{.port = io.port,
                  .size = io.size,
                  .count = io.count,
                  .direction = direction_of(io.direction == KVM_EXIT_IO_OUT),
                  .data = page.subspan(io.data_offset, std::size_t{io.size} * io.count)};
}

Exit decode_mmio(kvm_run& run) {
  auto& mmio = run.mmio;
  if (mmio.len == 0 || mmio.len > sizeof mmio.data) {
    return exit::Malformed{KVM_EXIT_MMIO, "memory access of a size that is not 1 to 8"};
  }
  return exit::Mmio{.address = mmio.phys_addr,
                    .direction = direction_of(mmio.is_write != 0),
                    .data = std::as_writable_bytes(std::span(mmio.data, mmio.len))};
}

std::string_view suberror_name(std::uint32_t suberror) {
  switch (suberror) {
    case KVM_INTERNAL_ERROR_EMULATION:
      return "emulation failure";
    case KVM_INTERNAL_ERROR_SIMUL_EX:
      return "unexpected simultaneous exceptions";
    case KVM_INTERNAL_ERROR_DELIVERY_EV:
      return "failure while delivering an event";
    case KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON:
      return "unexpected exit reason";
    default:
      return "unknown suberror";
  }
}

Exit decode_internal_error(const kvm_run& run) {
  exit::InternalError error{.suberror = run.internal.suberror,
                            .name = suberror_name(run.internal.suberror)};
  const auto& failure = run.emulation_failure;
  // ndata counts 64-bit words: the flags and the two that hold size and bytes.
  if (error.suberror == KVM_INTERNAL_ERROR_EMULATION && failure.ndata >= 3 &&
      (failure.flags & KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES)) {
    error.byte_count =
        std::min<std::uint8_t>(failure.insn_size, sizeof failure.insn_bytes);
    std::copy_n(failure.insn_bytes, error.byte_count, error.bytes.begin());
  }
  return error;
}

}  // namespace

Exit decode(std::span<std::byte> page) {
  if (page.size() < sizeof(kvm_run)) {
    return exit::Malformed{0, "run page smaller than struct kvm_run"};
  }
  auto& run = *reinterpret_cast<kvm_run*>(page.data());
  switch (run.exit_reason) {
    case KVM_EXIT_IO:
      return decode_io(run, page);
    case KVM_EXIT_MMIO:
      return decode_mmio(run);
    case KVM_EXIT_HLT:
      return exit::Hlt{};
    case KVM_EXIT_SHUTDOWN:
      return exit::Shutdown{};
    case KVM_EXIT_IRQ_WINDOW_OPEN:
      return exit::IrqWindow{};
    case KVM_EXIT_INTR:
      return exit::Interrupted{};
    case KVM_EXIT_DEBUG:
      return exit::Debug{.exception = run.debug.arch.exception,
                         .pc = run.debug.arch.pc,
                         .dr6 = run.debug.arch.dr6,
                         .dr7 = run.debug.arch.dr7};
    case KVM_EXIT_SYSTEM_EVENT:
      return exit::SystemEvent{run.system_event.type};
    case KVM_EXIT_FAIL_ENTRY:
      return exit::FailEntry{
          .hardware_reason = run.fail_entry.hardware_entry_failure_reason,
          .cpu = run.fail_entry.cpu};
    case KVM_EXIT_INTERNAL_ERROR:
      return decode_internal_error(run);
    default:
      return exit::Other{run.exit_reason, exit_reason_name(run.exit_reason)};
  }
}

}  // namespace kvm
