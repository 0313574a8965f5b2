// The same random instructions in a KVM guest, by bare ioctls, HLT behind the code under
// test. Real mode, flat 32-bit protected mode, or long mode with the first 2 MiB mapped
// to themselves by one large page.
#pragma once

#if defined(__x86_64__) && defined(__linux__) && __has_include(<linux/kvm.h>)
#define VITRINE_TEST_KVM 1

#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "random_insn.h"
#include "sequence.h"

namespace softcpu_test {

class KvmGuest {
 public:
  explicit KvmGuest(SequenceMode mode = SequenceMode::long64) : mode_(mode) {
    system_ = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (system_ < 0) {
      reason_ = std::strerror(errno);
      return;
    }
    machine_ = ioctl(system_, KVM_CREATE_VM, 0);
    void* memory = mmap(nullptr, memory_size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cpu_ = machine_ < 0 ? -1 : ioctl(machine_, KVM_CREATE_VCPU, 0);
    if (cpu_ < 0 || memory == MAP_FAILED) {
      reason_ = std::strerror(errno);
      return;
    }
    memory_ = static_cast<std::uint8_t*>(memory);
    kvm_userspace_memory_region region{};
    region.memory_size = memory_size;
    region.userspace_addr = reinterpret_cast<std::uintptr_t>(memory);
    int run_size = ioctl(system_, KVM_GET_VCPU_MMAP_SIZE, 0);
    void* run = mmap(nullptr, static_cast<std::size_t>(run_size), PROT_READ | PROT_WRITE,
                     MAP_SHARED, cpu_, 0);
    if (ioctl(machine_, KVM_SET_USER_MEMORY_REGION, &region) != 0 || run == MAP_FAILED) {
      reason_ = std::strerror(errno);
      return;
    }
    run_ = static_cast<kvm_run*>(run);
    enter_mode();
  }

  ~KvmGuest() {
    for (int fd : {cpu_, machine_, system_}) {
      if (fd >= 0) {
        close(fd);
      }
    }
    if (memory_ != nullptr) {
      munmap(memory_, memory_size);
    }
  }

  KvmGuest(const KvmGuest&) = delete;
  KvmGuest& operator=(const KvmGuest&) = delete;

  bool usable() const { return reason_.empty(); }

  const std::string& reason() const { return reason_; }

  // Empty when this KVM cannot execute the instruction.
  std::optional<UserState> run(const Case& test) {
    std::memcpy(memory_ + scratch_at + 0x800, test.start.memory.data(),
                test.start.memory.size());
    UserState result;
    result.gpr = test.start.gpr;
    result.gpr[4] = 0x8000;
    result.flags = test.start.flags;
    if (!execute(test.code, result.gpr, result.flags)) {
      return std::nullopt;
    }
    result.gpr[4] = 0;
    std::memcpy(result.memory.data(), memory_ + scratch_at + 0x800, result.memory.size());
    return result;
  }

  std::optional<SequenceState> run(const std::vector<std::uint8_t>& code,
                                   const SequenceState& start) {
    std::uint8_t* window = memory_ + window_of(mode_);
    std::memcpy(window, start.memory.data(), window_size);
    SequenceState result = start;
    if (!execute(code, result.gpr, result.flags)) {
      return std::nullopt;
    }
    std::memcpy(result.memory.data(), window, window_size);
    return result;
  }

 private:
  static constexpr std::size_t memory_size = 0x200000, code_offset = 0x1000;
  static constexpr std::uint64_t tables = 0x10000;

  // Runs to the HLT behind `code`. False: ended otherwise; the guest starts afresh.
  bool execute(const std::vector<std::uint8_t>& code, std::array<std::uint64_t, 16>& g,
               std::uint64_t& flags) {
    std::memcpy(memory_ + code_offset, code.data(), code.size());
    memory_[code_offset + code.size()] = 0xf4;
    kvm_regs regs{};
    regs.rax = g[0], regs.rcx = g[1], regs.rdx = g[2], regs.rbx = g[3];
    regs.rsp = g[4], regs.rbp = g[5], regs.rsi = g[6], regs.rdi = g[7];
    regs.r8 = g[8], regs.r9 = g[9], regs.r10 = g[10], regs.r11 = g[11];
    regs.r12 = g[12], regs.r13 = g[13], regs.r14 = g[14], regs.r15 = g[15];
    regs.rip = code_offset;
    regs.rflags = flags;
    if (ioctl(cpu_, KVM_SET_REGS, &regs) != 0 || ioctl(cpu_, KVM_RUN, 0) != 0 ||
        run_->exit_reason != KVM_EXIT_HLT) {
      enter_mode();
      return false;
    }
    ioctl(cpu_, KVM_GET_REGS, &regs);
    g = {regs.rax, regs.rcx, regs.rdx, regs.rbx, regs.rsp, regs.rbp, regs.rsi, regs.rdi,
         regs.r8,  regs.r9,  regs.r10, regs.r11, regs.r12, regs.r13, regs.r14, regs.r15};
    flags = regs.rflags & all_flags;
    return true;
  }

  static kvm_segment segment(std::uint16_t selector, std::uint8_t type, bool wide) {
    kvm_segment s{};
    s.limit = 0xffffffff;
    s.selector = selector;
    s.type = type;
    s.present = s.s = s.g = 1;
    s.l = wide;
    s.db = !wide;
    return s;
  }

  void put(std::uint64_t at, std::uint64_t value) {
    std::memcpy(memory_ + at, &value, sizeof value);
  }

  static kvm_segment real_segment(std::uint8_t type) {
    kvm_segment s{};
    s.limit = 0xffff;
    s.type = type;
    s.present = s.s = 1;
    return s;
  }

  void set_long_mode(kvm_sregs& sregs) {
    put(tables, (tables + 0x1000) | 3);
    put(tables + 0x1000, (tables + 0x2000) | 3);
    put(tables + 0x2000, 0x83);
    sregs.cr3 = tables;
    sregs.cr4 = 0x20;
    sregs.efer = 0x500;
    sregs.cr0 = 0x80000011;
  }

  void enter_mode() {
    kvm_sregs sregs{};
    ioctl(cpu_, KVM_GET_SREGS, &sregs);
    if (mode_ == SequenceMode::real16) {
      sregs.cs = real_segment(11);
      sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = real_segment(3);
      sregs.cr0 = 0x10;
    } else {
      sregs.cs = segment(8, 11, mode_ == SequenceMode::long64);
      sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = segment(16, 3, false);
      sregs.cr0 = 0x11;
    }
    if (mode_ == SequenceMode::long64) {
      set_long_mode(sregs);
    }
    if (ioctl(cpu_, KVM_SET_SREGS, &sregs) != 0) {
      reason_ = std::strerror(errno);
    }
  }

  SequenceMode mode_;
  int system_ = -1, machine_ = -1, cpu_ = -1;
  std::uint8_t* memory_ = nullptr;
  kvm_run* run_ = nullptr;
  std::string reason_;
};

}  // namespace softcpu_test

#endif
