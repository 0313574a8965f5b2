// The software CPU against arbitrary code: the first byte chooses the mode and the
// ring, the second how registers start, the rest are bytes at the start address. It
// must come back within a bounded number of instructions and exits, whatever happens.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <variant>

#include "../softcpu/machine.h"

namespace {

using softcpu_test::Machine;

void enter_mode(Machine& machine, std::uint8_t choice) {
  switch (choice % 5) {
    case 0:
      machine.real_mode();
      break;
    case 1:
      machine.protected_mode();
      break;
    case 2:
      machine.protected_mode(true);
      break;
    case 3:
      machine.long_mode();
      break;
    default:
      machine.long_mode(true);
      break;
  }
}

// Handlers for every vector: IRET in the code page, so that faults loop through the
// delivery code instead of ending the run at once.
void fill_tables(Machine& machine, std::uint8_t choice) {
  constexpr std::uint64_t handler = 0x1f00;
  machine.write(handler, {0x48, 0xcf});
  if (choice & 0x80) {
    for (unsigned vector = 0; vector < 32; ++vector) {
      if (choice % 5 >= 3) {
        machine.gate64(vector, handler, 0xee);
      } else {
        machine.gate32(vector, handler, 0xee);
      }
    }
  }
  machine.put<std::uint64_t>(softcpu_test::tss_at + 4, 0x7000);
  machine.put<std::uint32_t>(softcpu_test::tss_at + 8, softcpu_test::sel_data);
}

void set_registers(Machine& machine, std::uint8_t choice) {
  core::Regs regs = machine.vcpu->regs();
  regs.rsi = regs.rdi = choice & 1 ? softcpu_test::data_at : 0x1ff0 + (choice >> 4);
  regs.rcx = choice & 2 ? 0xffffffffffff : choice;
  regs.rbx = choice & 4 ? 0x300000 : softcpu_test::tables_at;
  regs.rax = std::uint64_t{choice} << 27;
  regs.rdx = choice * 257u;
  regs.rflags |= choice & 8 ? 0x100 : 0;
  machine.vcpu->set_regs(regs);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) {
    return 0;
  }
  static Machine machine;
  std::fill_n(machine.ram(), Machine::pages * 4096, std::byte{0});
  machine.vm->invalidate(core::GuestPhysAddr{0}, Machine::pages * 4096);
  machine.vcpu->reset();
  enter_mode(machine, data[0] & 0x7f);
  fill_tables(machine, data[0]);
  set_registers(machine, data[1]);
  std::size_t length = std::min<std::size_t>(size - 2, 0xe00);
  machine.write(softcpu_test::code_at,
                std::vector<std::uint8_t>(data + 2, data + 2 + length));
  machine.time->set_deadline(machine.time->now() + 20'000);
  for (int exits = 0; exits < 300; ++exits) {
    core::Exit exit = machine.vcpu->run();
    if (auto* io = std::get_if<core::exit::Io>(&exit)) {
      if (io->data.size() != std::size_t{io->size} * io->count) {
        std::abort();
      }
    } else if (auto* mmio = std::get_if<core::exit::Mmio>(&exit)) {
      if (mmio->data.empty() || mmio->data.size() > 8) {
        std::abort();
      }
    } else if (!std::holds_alternative<core::exit::Hlt>(exit)) {
      break;
    }
  }
  return 0;
}
