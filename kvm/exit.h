// Why KVM_RUN came back, as a value.
//
// The kernel writes the answer into the run page that a vCPU shares with us: a
// reason and a union whose member the reason selects. decode() turns that page
// into a variant, and it trusts nothing: sizes, counts and offsets are checked
// against the page, so a byte span in the result always lies inside it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

namespace kvm {
namespace exit {

enum class Direction : std::uint8_t { in, out };  // as the guest sees it

// IN, OUT and their string forms. One exit of `rep outsb` holds `count` items,
// all for the same port, one after the other in `data` (size * count bytes).
struct Io {
  std::uint16_t port = 0;
  std::uint8_t size = 1;  // 1, 2 or 4
  std::uint32_t count = 1;
  Direction direction = Direction::out;
  std::span<std::byte> data;
};

// An access to guest physical memory that has no RAM behind it; 1 to 8 bytes.
struct Mmio {
  std::uint64_t address = 0;
  Direction direction = Direction::out;
  std::span<std::byte> data;
};

struct Hlt {};

struct Shutdown {};  // triple fault

struct IrqWindow {};  // the guest can take an external interrupt now

struct Interrupted {};  // a signal or request_exit(); nothing happened in the guest

struct Debug {  // single step, breakpoint
  std::uint32_t exception = 0;
  std::uint64_t pc = 0;
  std::uint64_t dr6 = 0;
  std::uint64_t dr7 = 0;
};

struct SystemEvent {
  std::uint32_t type = 0;  // KVM_SYSTEM_EVENT_*
};

struct FailEntry {  // the CPU refused the guest state
  std::uint64_t hardware_reason = 0;
  std::uint32_t cpu = 0;
};

struct InternalError {  // KVM itself cannot go on
  std::uint32_t suberror = 0;
  std::string_view name;  // "emulation failure"
  // Suberror 1 of newer kernels: the instruction KVM could not emulate.
  std::array<std::uint8_t, 15> bytes{};
  std::uint8_t byte_count = 0;
};

struct Other {  // a reason this program has no use for
  std::uint32_t reason = 0;
  std::string_view name;  // as <linux/kvm.h> spells it; empty if it does not know
};

struct Malformed {  // the page contradicts itself
  std::uint32_t reason = 0;
  std::string_view what;
};

}  // namespace exit

using Exit =
    std::variant<exit::Io, exit::Mmio, exit::Hlt, exit::Shutdown, exit::IrqWindow,
                 exit::Interrupted, exit::Debug, exit::SystemEvent, exit::FailEntry,
                 exit::InternalError, exit::Other, exit::Malformed>;

// `page`: a whole run page, aligned as the kernel gives it. Pure: reads the page
// and nothing else; spans in the result point into it.
Exit decode(std::span<std::byte> page);

}  // namespace kvm
