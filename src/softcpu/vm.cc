#include "softcpu/vm.h"

#include <algorithm>
#include <thread>

#include "softcpu/vcpu.h"

namespace softcpu {

SoftVm::SoftVm(Options options) : options_(std::move(options)) {
  if (!options_.time) {
    options_.time = std::make_shared<VirtualTime>();
  }
}

SoftVm::~SoftVm() = default;

std::unique_lock<std::mutex> SoftVm::pause() {
  waiting_.fetch_add(1);
  {
    std::lock_guard guard(list_lock_);
    for (SoftVcpu* cpu : cpus_) {
      cpu->request_pause();
    }
  }
  std::unique_lock lock(run_lock_);
  waiting_.fetch_sub(1);
  return lock;
}

void SoftVm::give_way(std::unique_lock<std::mutex>& lock) {
  if (waiting_.load() == 0) {
    return;
  }
  lock.unlock();
  while (waiting_.load() > 0) {
    std::this_thread::yield();
  }
  lock.lock();
}

std::unique_lock<std::mutex> SoftVm::enter() {
  cpus_waiting_.fetch_add(1);
  std::unique_lock lock(run_lock_);
  cpus_waiting_.fetch_sub(1);
  return lock;
}

void SoftVm::give_turn(std::unique_lock<std::mutex>& lock) {
  if (cpus_waiting_.load() == 0) {
    return;
  }
  lock.unlock();
  while (cpus_waiting_.load() > 0) {
    std::this_thread::yield();
  }
  lock = enter();
}

void SoftVm::flush_all() {
  std::lock_guard guard(list_lock_);
  for (SoftVcpu* cpu : cpus_) {
    cpu->cpu().flush_tlb();
  }
}

void SoftVm::map_memory(u32 slot, core::GuestPhysAddr address, std::span<std::byte> host,
                        core::MemoryAccess access) {
  auto lock = pause();
  memory_.map(slot, address.value, host, access);
  blocks_.clear();
  flush_all();
}

void SoftVm::unmap_memory(u32 slot) {
  auto lock = pause();
  memory_.unmap(slot);
  blocks_.clear();
  flush_all();
}

void SoftVm::invalidate(core::GuestPhysAddr address, u64 length) {
  auto lock = pause();
  blocks_.written(address.value, length);
}

std::unique_ptr<core::Vcpu> SoftVm::create_vcpu(int id) {
  return std::make_unique<SoftVcpu>(*this, id);
}

std::vector<core::CpuidEntry> SoftVm::supported_cpuid() { return softcpu::supported_cpuid(); }

void SoftVm::add(SoftVcpu* cpu) {
  std::lock_guard run_guard(run_lock_);
  std::lock_guard guard(list_lock_);
  cpus_.push_back(cpu);
  blocks_.add_cpu(&cpu->cpu());
}

void SoftVm::remove(SoftVcpu* cpu) {
  auto lock = pause();
  std::lock_guard guard(list_lock_);
  cpus_.erase(std::remove(cpus_.begin(), cpus_.end(), cpu), cpus_.end());
  blocks_.remove_cpu(&cpu->cpu());
}

std::unique_ptr<core::Vm> make_vm(Options options) {
  return std::make_unique<SoftVm>(std::move(options));
}

}  // namespace softcpu
