#include "kvm/vm.h"

#include <utility>

namespace kvm {

Vm::Vm(const System& system) : system_(system), target_(system.create_vm()) {}

int Vm::check_extension(int capability) const {
  return call(target_, KVM_CHECK_EXTENSION, static_cast<std::uint64_t>(capability));
}

void Vm::enable_capability(std::uint32_t capability, std::uint64_t argument) {
  kvm_enable_cap enable{};
  enable.cap = capability;
  enable.args[0] = argument;
  call(target_, KVM_ENABLE_CAP, &enable);
}

void Vm::set_memory_slot(std::uint32_t slot, std::uint64_t guest_address,
                         std::span<std::byte> host, std::uint32_t flags) {
  kvm_userspace_memory_region region{};
  region.slot = slot;
  region.flags = flags;
  region.guest_phys_addr = guest_address;
  region.memory_size = host.size();
  region.userspace_addr = reinterpret_cast<std::uint64_t>(host.data());
  call(target_, KVM_SET_USER_MEMORY_REGION, &region);
}

void Vm::delete_memory_slot(std::uint32_t slot) {
  kvm_userspace_memory_region region{};  // a size of 0 deletes
  region.slot = slot;
  call(target_, KVM_SET_USER_MEMORY_REGION, &region);
}

std::vector<std::uint64_t> Vm::dirty_log(std::uint32_t slot, std::size_t bytes) {
  constexpr std::size_t bytes_per_word = 4096 * 64;
  std::vector<std::uint64_t> bitmap((bytes + bytes_per_word - 1) / bytes_per_word);
  kvm_dirty_log log{};
  log.slot = slot;
  log.dirty_bitmap = bitmap.data();
  call(target_, KVM_GET_DIRTY_LOG, &log);
  return bitmap;
}

void Vm::set_tss_address(std::uint32_t guest_address) {
  call(target_, KVM_SET_TSS_ADDR, std::uint64_t{guest_address});
}

void Vm::set_identity_map_address(std::uint64_t guest_address) {
  call(target_, KVM_SET_IDENTITY_MAP_ADDR, &guest_address);
}

void Vm::create_irqchip() {
  call(target_, KVM_CREATE_IRQCHIP);
}

void Vm::create_split_irqchip(std::uint32_t routes) {
  enable_capability(KVM_CAP_SPLIT_IRQCHIP, routes);
}

kvm_irqchip Vm::irqchip(std::uint32_t chip) const {
  kvm_irqchip state{};
  state.chip_id = chip;
  call(target_, KVM_GET_IRQCHIP, &state);
  return state;
}

void Vm::set_irqchip(const kvm_irqchip& state) {
  call(target_, KVM_SET_IRQCHIP, &state);
}

void Vm::irq_line(std::uint32_t irq, bool level) {
  kvm_irq_level line{};
  line.irq = irq;
  line.level = level ? 1 : 0;
  call(target_, KVM_IRQ_LINE, &line);
}

bool Vm::signal_msi(std::uint64_t address, std::uint32_t data) {
  kvm_msi message{};
  message.address_lo = static_cast<std::uint32_t>(address);
  message.address_hi = static_cast<std::uint32_t>(address >> 32);
  message.data = data;
  return try_call(target_, KVM_SIGNAL_MSI, &message) > 0;
}

void Vm::create_pit2(std::uint32_t flags) {
  kvm_pit_config config{};
  config.flags = flags;
  call(target_, KVM_CREATE_PIT2, &config);
}

kvm_pit_state2 Vm::pit2() const {
  kvm_pit_state2 state{};
  call(target_, KVM_GET_PIT2, &state);
  return state;
}

void Vm::set_pit2(const kvm_pit_state2& state) {
  call(target_, KVM_SET_PIT2, &state);
}

kvm_clock_data Vm::clock() const {
  kvm_clock_data data{};
  call(target_, KVM_GET_CLOCK, &data);
  return data;
}

void Vm::set_clock(std::uint64_t nanoseconds) {
  kvm_clock_data data{};
  data.clock = nanoseconds;
  call(target_, KVM_SET_CLOCK, &data);
}

Vcpu Vm::create_vcpu(std::uint32_t id) const {
  int fd = call(target_, KVM_CREATE_VCPU, std::uint64_t{id});
  return Vcpu(Target{Fd(fd), "vcpu " + std::to_string(id)}, system_.vcpu_mmap_size(),
              system_.check_extension(KVM_CAP_SYNC_REGS));
}

}  // namespace kvm
