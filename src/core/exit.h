// Why a vCPU stopped running guest code: a value, for both accelerators
// (DESIGN 5). Data is a view into the vCPU's own buffer, valid until the next
// run(); for reads the handler fills it in before it calls run() again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "core/address.h"

namespace core {

enum class Direction : std::uint8_t { in, out };  // as the guest sees it: IN / OUT

namespace exit {

// `count` items of `size` bytes (1, 2, 4); string I/O has count > 1 and all items
// go to the same port. data.size() == size * count.
struct Io {
  Port port;
  std::uint8_t size = 1;
  std::uint32_t count = 1;
  Direction direction = Direction::out;
  std::span<std::byte> data;
};

struct Mmio {  // size 1..8
  GuestPhysAddr address;
  Direction direction = Direction::out;
  std::span<std::byte> data;
};

struct Hlt {};

struct Shutdown {};  // triple fault

struct IrqWindow {};  // the window asked for by request_irq_window is open

struct Intr {};  // request_exit() or a signal; nothing happened in the guest

struct Debug {  // single step, breakpoint, watchpoint
  std::uint64_t rip = 0;
  std::uint64_t dr6 = 0;
  std::int32_t watchpoint = -1;  // which of DebugControl::watchpoints; -1: none
};

struct SystemEvent {  // the guest asked for reset or power off through the accelerator
  std::uint32_t type = 0;
};

struct InternalError {  // cannot go on: what, where, which bytes
  std::string why;
  std::uint64_t rip = 0;
  std::array<std::uint8_t, 15> bytes{};
  std::uint8_t byte_count = 0;
};

}  // namespace exit

using Exit =
    std::variant<exit::Io, exit::Mmio, exit::Hlt, exit::Shutdown, exit::IrqWindow,
                 exit::Intr, exit::Debug, exit::SystemEvent, exit::InternalError>;

}  // namespace core
