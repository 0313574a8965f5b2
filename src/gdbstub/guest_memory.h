// Guest memory as a CPU's own code would see it, for a debugger: through the page tables,
// past write protection, without faults.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/vcpu.h"

namespace gdbstub {

// The physical address of a linear one; nullopt: not mapped. Changes nothing in the guest
// (no accessed bits).
std::optional<std::uint64_t> translate(const core::Sregs& sregs, std::uint64_t linear);

// How many bytes from `linear` on could be read or written; the first that is unmapped or
// belongs to nobody ends it. A device register is read as the guest would, with what that
// does to the device; read-only memory is written, too.
std::size_t read_guest(const core::Sregs& sregs, std::uint64_t linear,
                       std::span<std::byte> bytes);
std::size_t write_guest(const core::Sregs& sregs, std::uint64_t linear,
                        std::span<const std::byte> bytes);

}  // namespace gdbstub
