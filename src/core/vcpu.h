// What an accelerator offers the machine: a Vm that maps memory and makes Vcpus.
// The contract between the board and either engine (KVM, the software CPU).
// No OS header here: the software CPU runs anywhere.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/address.h"
#include "core/exit.h"

namespace core {

// Register names and widths are Intel SDM vol. 1 ch. 3; the layout is ours.
struct Regs {
  std::uint64_t rax = 0, rbx = 0, rcx = 0, rdx = 0, rsi = 0, rdi = 0, rsp = 0, rbp = 0;
  std::uint64_t r8 = 0, r9 = 0, r10 = 0, r11 = 0, r12 = 0, r13 = 0, r14 = 0, r15 = 0;
  std::uint64_t rip = 0, rflags = 2;
};

struct Segment {  // a segment register with its hidden part
  std::uint64_t base = 0;
  std::uint32_t limit = 0;
  std::uint16_t selector = 0;
  std::uint8_t type = 0;  // 4 bits, SDM vol. 3 3.4.5.1 / 3.5
  bool present = false, s = false, db = false, l = false, g = false, avl = false;
  std::uint8_t dpl = 0;
  bool unusable = false;
};

struct DescriptorTable {
  std::uint64_t base = 0;
  std::uint16_t limit = 0;
};

struct Sregs {
  Segment cs, ds, es, fs, gs, ss, tr, ldt;
  DescriptorTable gdt, idt;
  std::uint64_t cr0 = 0, cr2 = 0, cr3 = 0, cr4 = 0, cr8 = 0, efer = 0, apic_base = 0;
};

struct Fpu {
  std::array<std::array<std::uint8_t, 16>, 8> st{};
  std::array<std::array<std::uint8_t, 16>, 16> xmm{};
  std::uint16_t fcw = 0x37f, fsw = 0, last_opcode = 0;
  std::uint8_t ftw = 0;
  std::uint64_t last_ip = 0, last_dp = 0;
  std::uint32_t mxcsr = 0x1f80;
};

struct CpuidEntry {
  std::uint32_t function = 0, index = 0;
  bool index_significant = false;
  std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

// Guest data whose use stops the vCPU, after the instruction that used it.
struct Watchpoint {
  enum class Access : std::uint8_t { write, read, any };

  std::uint64_t address = 0;  // linear
  std::uint64_t length = 1;
  Access access = Access::write;
};

// When run() shall end with exit::Debug. Addresses are linear.
struct DebugControl {
  bool enabled = false, single_step = false;
  std::array<std::uint64_t, 4> breakpoint{};
  std::uint8_t breakpoint_mask = 0;  // bit i: breakpoint[i] is an instruction breakpoint
  std::vector<Watchpoint> watchpoints;
  // More instruction breakpoints. An engine with DebugFacilities::any_number sees to
  // them itself; for the others an INT3 stands in guest memory at each, and they tell
  // those from the guest's own.
  std::vector<std::uint64_t> breakpoints;
  bool block_interrupts = false;  // none goes in during a single step
};

// What an engine can do of that.
struct DebugFacilities {
  bool any_number = false;  // of breakpoints and watchpoints, of any length
  // Otherwise: breakpoint_mask and watchpoints together. A watchpoint is 1, 2, 4 or 8
  // bytes then, aligned.
  unsigned registers = 0;
  bool watchpoints = false;
};

// One virtual CPU. Thread rule: all but request_exit() belong to one thread (the
// vCPU's) once that thread runs. Errors of the host throw std::system_error; what
// the guest does is always a value.
class Vcpu {
 public:
  virtual ~Vcpu() = default;
  virtual Regs regs() = 0;
  virtual void set_regs(const Regs&) = 0;
  virtual Sregs sregs() = 0;
  virtual void set_sregs(const Sregs&) = 0;
  virtual Fpu fpu() = 0;
  virtual void set_fpu(const Fpu&) = 0;
  virtual std::optional<std::uint64_t> msr(std::uint32_t index) = 0;  // nullopt: unknown
  virtual bool set_msr(std::uint32_t index, std::uint64_t value) = 0;
  virtual void set_cpuid(std::span<const CpuidEntry> entries) = 0;

  // DR0 to DR7, if the engine tells them; shown in logs.
  virtual std::optional<std::array<std::uint64_t, 8>> debug_registers() { return {}; }

  // Runs guest code until something needs the machine.
  virtual Exit run() = 0;
  // rip at the last exit, cheaply if the engine knows it; else reads registers.
  virtual std::uint64_t exit_rip() = 0;

  // The engine keeps the CPU in HLT, or waiting to be started, by itself.
  virtual bool halted() { return false; }

  // May an external interrupt go in now (IF set, no shadow, nothing pending)?
  virtual bool ready_for_irq() = 0;
  virtual void inject_irq(std::uint8_t vector) = 0;  // only when ready_for_irq()
  virtual void request_irq_window(bool wanted) = 0;
  virtual void inject_exception(std::uint8_t vector,
                                std::optional<std::uint32_t> error) = 0;
  virtual void inject_nmi() = 0;

  // Any thread; sticky: the current or the next run() ends with exit::Intr.
  virtual void request_exit() = 0;

  // The pace of the guest's time stamp counter, in kHz; 0: the engine does not say.
  // Before the vCPU first runs. False: the engine has the host's pace only.
  virtual std::uint32_t tsc_khz() { return 0; }

  virtual bool set_tsc_khz(std::uint32_t) { return false; }

  virtual void set_debug(const DebugControl&) = 0;

  virtual DebugFacilities debug_facilities() { return {}; }

  // Power-on state, SDM vol. 3 table 10-1. The board then sets what it wants.
  virtual void reset() = 0;
};

enum class MemoryAccess : std::uint8_t {
  read_write,
  read_only
};  // writes to read_only exit as Mmio

// One guest physical memory space and its CPUs.
class Vm {
 public:
  virtual ~Vm() = default;
  // `host` must outlive the mapping; page aligned, address and size.
  virtual void map_memory(std::uint32_t slot, GuestPhysAddr address,
                          std::span<std::byte> host, MemoryAccess access) = 0;
  virtual void unmap_memory(std::uint32_t slot) = 0;
  // Guest memory was changed behind the CPU's back (DMA, loader, debugger).
  virtual void invalidate(GuestPhysAddr address, std::uint64_t length) = 0;
  virtual std::unique_ptr<Vcpu> create_vcpu(int id) = 0;
  // CPUID leaves this engine can give a guest.
  virtual std::vector<CpuidEntry> supported_cpuid() = 0;

  // What a model-specific register that tells of features may hold (SDM vol. 4,
  // IA32_ARCH_CAPABILITIES for one); nullopt: the engine has no such register.
  virtual std::optional<std::uint64_t> feature_msr(std::uint32_t) { return {}; }

  // Is there such a register for guests? What an engine does not list it may still have.
  virtual bool offers_msr(std::uint32_t) { return false; }
};

// In-kernel interrupt controllers, where an engine has them.
class KernelIrqchip {
 public:
  virtual ~KernelIrqchip() = default;
  virtual void set_irq(int gsi, bool level) = 0;  // any thread

  // A message signalled interrupt; false: the engine takes none. Any thread.
  virtual bool send_msi(std::uint64_t address, std::uint32_t data) {
    (void)address, (void)data;
    return false;
  }
};

}  // namespace core
