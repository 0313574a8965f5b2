// The Vm of the software CPU: guest memory, the block cache, and the lock under which
// its CPUs take turns.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "softcpu/block_cache.h"
#include "softcpu/memory.h"
#include "softcpu/softcpu.h"

namespace softcpu {

class SoftVcpu;

class SoftVm : public std::enable_shared_from_this<SoftVm> {
 public:
  explicit SoftVm(std::shared_ptr<VirtualTime> time);

  // core::Vm's operations. A Vcpu keeps its SoftVm alive.
  void map_memory(u32 slot, u64 address, std::span<std::byte> host,
                  core::MemoryAccess access);
  void unmap_memory(u32 slot);
  void invalidate(u64 address, u64 length);
  std::unique_ptr<core::Vcpu> create_vcpu(int id);

  // Where a debugger wants to look: see BlockCache::set_cuts. Any thread.
  void set_cuts(std::vector<u64> addresses);

  // A CPU waits here for its turn to run guest code.
  std::unique_lock<std::mutex> enter();
  // A running CPU calls this between blocks when asked to: lets whoever wants to
  // change memory or code have the lock.
  void give_way(std::unique_lock<std::mutex>& lock);
  // A running CPU calls this at the end of its time slice.
  void give_turn(std::unique_lock<std::mutex>& lock);

  void add(SoftVcpu* cpu);
  void remove(SoftVcpu* cpu);

  Memory& memory() { return memory_; }

  BlockCache& blocks() { return blocks_; }

  VirtualTime& time() { return *time_; }

 private:
  // Stops all CPUs for as long as the returned lock lives.
  std::unique_lock<std::mutex> pause();
  void flush_all();

  std::shared_ptr<VirtualTime> time_;
  Memory memory_;
  BlockCache blocks_;
  std::mutex run_lock_;  // held while guest code executes
  std::mutex list_lock_;
  std::vector<SoftVcpu*> cpus_;
  std::atomic<int> waiting_{0};       // for pause()
  std::atomic<int> cpus_waiting_{0};  // for a turn
};

}  // namespace softcpu
