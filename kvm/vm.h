// Vm: one virtual machine inside the kernel: its memory slots, its interrupt
// controllers, its clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kvm/linux_kvm.h"

#include "kvm/ioctl.h"
#include "kvm/system.h"
#include "kvm/vcpu.h"

namespace kvm {

// Thread rule: set-up belongs to one thread; irq_line() to any. All throw
// std::system_error. `system` must outlive the Vm; the Vm its vCPUs.
class Vm {
 public:
  explicit Vm(const System& system);

  int check_extension(int capability) const;
  void enable_capability(std::uint32_t capability, std::uint64_t argument = 0);

  // Guest RAM. `host` is page aligned and outlives the slot. flags:
  // KVM_MEM_READONLY, KVM_MEM_LOG_DIRTY_PAGES. A slot in use may change its flags
  // only; anything else needs delete_memory_slot() first.
  void set_memory_slot(std::uint32_t slot, std::uint64_t guest_address,
                       std::span<std::byte> host, std::uint32_t flags);
  void delete_memory_slot(std::uint32_t slot);
  // One bit a page of the slot: written since the last call? Clears the log.
  std::vector<std::uint64_t> dirty_log(std::uint32_t slot, std::size_t bytes);

  // Intel hosts keep three pages and a page table of their own in guest memory.
  void set_tss_address(std::uint32_t guest_address);
  void set_identity_map_address(std::uint64_t guest_address);

  // Both 8259s, the IOAPIC and every local APIC in the kernel. Before any vCPU,
  // and after the memory slots: with an irqchip present each slot takes
  // milliseconds instead of microseconds.
  void create_irqchip();
  // Only the local APICs in the kernel; `routes` IOAPIC pins stay with us.
  void create_split_irqchip(std::uint32_t routes);
  kvm_irqchip irqchip(std::uint32_t chip) const;  // KVM_IRQCHIP_*
  void set_irqchip(const kvm_irqchip& state);
  void irq_line(std::uint32_t irq, bool level);
  // A message signalled interrupt; false: no local APIC took it. Any thread.
  bool signal_msi(std::uint64_t address, std::uint32_t data);

  void create_pit2(std::uint32_t flags);  // KVM_PIT_SPEAKER_DUMMY: it answers port 0x61
  kvm_pit_state2 pit2() const;
  void set_pit2(const kvm_pit_state2& state);

  kvm_clock_data clock() const;
  void set_clock(std::uint64_t nanoseconds);

  Vcpu create_vcpu(std::uint32_t id) const;

 private:
  const System& system_;
  Target target_;
};

}  // namespace kvm
