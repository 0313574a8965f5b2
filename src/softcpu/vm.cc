#include "softcpu/vm.h"

#include <algorithm>
#include <thread>

#include "softcpu/vcpu.h"

namespace softcpu {

SoftVm::SoftVm(std::shared_ptr<VirtualTime> time) : time_(std::move(time)) {
  if (!time_) {
    time_ = std::make_shared<VirtualTime>();
  }
}

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

void SoftVm::map_memory(u32 slot, u64 address, std::span<std::byte> host,
                        core::MemoryAccess access) {
  auto lock = pause();
  memory_.map(slot, address, host, access);
  blocks_.clear();
  flush_all();
}

void SoftVm::unmap_memory(u32 slot) {
  auto lock = pause();
  memory_.unmap(slot);
  blocks_.clear();
  flush_all();
}

void SoftVm::invalidate(u64 address, u64 length) {
  auto lock = pause();
  blocks_.written(address, length);
}

void SoftVm::set_cuts(std::vector<u64> addresses) {
  auto lock = pause();
  blocks_.set_cuts(std::move(addresses));
}

std::unique_ptr<core::Vcpu> SoftVm::create_vcpu(int id) {
  return std::make_unique<SoftVcpu>(shared_from_this(), id);
}

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

namespace {

class VmHandle final : public core::Vm {
 public:
  explicit VmHandle(std::shared_ptr<VirtualTime> time)
      : vm_(std::make_shared<SoftVm>(std::move(time))) {}

  void map_memory(u32 slot, core::GuestPhysAddr address, std::span<std::byte> host,
                  core::MemoryAccess access) override {
    vm_->map_memory(slot, address.value, host, access);
  }

  void unmap_memory(u32 slot) override { vm_->unmap_memory(slot); }

  void invalidate(core::GuestPhysAddr address, u64 length) override {
    vm_->invalidate(address.value, length);
  }

  std::unique_ptr<core::Vcpu> create_vcpu(int id) override {
    return vm_->create_vcpu(id);
  }

  std::vector<core::CpuidEntry> supported_cpuid() override {
    return softcpu::supported_cpuid();
  }

 private:
  std::shared_ptr<SoftVm> vm_;
};

}  // namespace

std::unique_ptr<core::Vm> make_vm(std::shared_ptr<VirtualTime> time) {
  return std::make_unique<VmHandle>(std::move(time));
}

}  // namespace softcpu
