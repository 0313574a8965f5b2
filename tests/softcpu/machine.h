// A bare machine for software CPU tests: memory, one vCPU, a port that collects text,
// and ready-made register states for each mode.
#pragma once

#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "softcpu/softcpu.h"

namespace softcpu_test {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

// Where the tests put things in guest memory.
inline constexpr u64 code_at = 0x1000, idt_at = 0x2000, gdt_at = 0x3000, tss_at = 0x3800,
                     data_at = 0x5000, stack_top = 0x8000, tables_at = 0x10000;
inline constexpr u16 sel_code32 = 0x08, sel_data = 0x10, sel_code64 = 0x18,
                     sel_user_code32 = 0x23, sel_user_data = 0x2b, sel_user_code64 = 0x33,
                     sel_tss = 0x38, sel_code16 = 0x48, sel_data16 = 0x50;

struct alignas(4096) Page {
  std::byte bytes[4096];
};

class Machine {
 public:
  static constexpr std::size_t pages = 512;  // 2 MiB

  std::byte* ram() const { return reinterpret_cast<std::byte*>(memory_.get()); }

  Machine()
      : memory_(std::make_unique<Page[]>(pages)),
        time(std::make_shared<softcpu::VirtualTime>()),
        vm(softcpu::make_vm(time)) {
    vm->map_memory(0, core::GuestPhysAddr{0}, {ram(), pages * sizeof(Page)},
                   core::MemoryAccess::read_write);
    vcpu = vm->create_vcpu(0);
  }

  void write(u64 at, const std::vector<u8>& bytes) {
    std::memcpy(ram() + at, bytes.data(), bytes.size());
    vm->invalidate(core::GuestPhysAddr{at}, bytes.size());
  }

  template <class T>
  void put(u64 at, T value) {
    std::memcpy(ram() + at, &value, sizeof(T));
    vm->invalidate(core::GuestPhysAddr{at}, sizeof(T));
  }

  template <class T>
  T get(u64 at) const {
    T value;
    std::memcpy(&value, ram() + at, sizeof(T));
    return value;
  }

  // Real mode at code_at, segments at 0.
  void real_mode() {
    vcpu->reset();
    core::Sregs s = vcpu->sregs();
    s.cs.base = 0;
    s.cs.selector = 0;
    s.idt.base = 0;
    vcpu->set_sregs(s);
    start();
  }

  void protected_mode(bool user = false) {
    write_gdt();
    core::Sregs s = vcpu->sregs();
    u16 code = user ? sel_user_code32 : sel_code32,
        data = user ? sel_user_data : sel_data;
    flat_segments(s, code, data, false);
    s.cr0 = 0x11;
    s.cr4 = 0;
    s.efer = 0;
    vcpu->set_sregs(s);
    start();
  }

  // 4-level paging, the first 2 MiB mapped to themselves, in 4 KiB pages.
  void long_mode(bool user = false) {
    write_gdt();
    write_long_tables(7);
    core::Sregs s = vcpu->sregs();
    flat_segments(s, user ? sel_user_code64 : sel_code64, user ? sel_user_data : sel_data,
                  true);
    s.cr0 = 0x80010011;
    s.cr3 = tables_at;
    s.cr4 = 0x620;   // PAE, OSFXSR, OSXMMEXCPT
    s.efer = 0xd01;  // SCE, LME, LMA, NXE
    vcpu->set_sregs(s);
    start();
  }

  void write_long_tables(u64 flags) {
    put<u64>(tables_at, (tables_at + 0x1000) | 7);
    put<u64>(tables_at + 0x1000, (tables_at + 0x2000) | 7);
    put<u64>(tables_at + 0x2000, (tables_at + 0x3000) | 7);
    for (u64 i = 0; i < 512; ++i) {
      put<u64>(page_entry(i * 4096), i * 4096 | flags);
    }
  }

  // Address of the page table entry of a page below 2 MiB in long mode.
  static u64 page_entry(u64 page) { return tables_at + 0x3000 + page / 4096 * 8; }

  void gate64(unsigned vector, u64 handler, u8 type = 0x8e, u8 ist = 0) {
    put<u64>(idt_at + vector * 16, (handler & 0xffff) | u64{sel_code64} << 16 |
                                       u64{ist} << 32 | u64{type} << 40 |
                                       (handler >> 16 & 0xffff) << 48);
    put<u64>(idt_at + vector * 16 + 8, handler >> 32);
  }

  void gate32(unsigned vector, u32 handler, u8 type = 0x8e) {
    put<u64>(idt_at + vector * 8, (handler & 0xffff) | u64{sel_code32} << 16 |
                                      u64{type} << 40 | u64{handler >> 16} << 48);
  }

  // Runs until the guest halts; text is what it wrote to port 0xe9. Any other exit
  // ends the run and is returned.
  core::Exit run(int max_exits = 1000) {
    for (int i = 0; i < max_exits; ++i) {
      core::Exit exit = vcpu->run();
      auto* io = std::get_if<core::exit::Io>(&exit);
      if (io == nullptr || io->direction == core::Direction::in ||
          io->port.value != 0xe9) {
        return exit;
      }
      for (std::byte item : io->data) {
        text += static_cast<char>(item);
      }
    }
    return core::exit::Intr{};
  }

  bool halts() { return std::holds_alternative<core::exit::Hlt>(run()); }

  // Code followed by HLT, in the mode already set; true when it halted.
  bool run_code(std::vector<u8> code) {
    code.push_back(0xf4);
    write(code_at, code);
    return halts();
  }

 private:
  std::unique_ptr<Page[]> memory_;

 public:
  std::shared_ptr<softcpu::VirtualTime> time;
  std::unique_ptr<core::Vm> vm;
  std::unique_ptr<core::Vcpu> vcpu;
  std::string text;

 private:
  void start() {
    core::Regs regs;
    regs.rip = code_at;
    regs.rsp = stack_top;
    vcpu->set_regs(regs);
  }

  void write_gdt() {
    put<u64>(gdt_at + 0x00, 0);
    put<u64>(gdt_at + 0x08, 0x00cf9b000000ffff);  // code 32
    put<u64>(gdt_at + 0x10, 0x00cf93000000ffff);  // data
    put<u64>(gdt_at + 0x18, 0x00af9b000000ffff);  // code 64
    put<u64>(gdt_at + 0x20, 0x00cffb000000ffff);  // user code 32
    put<u64>(gdt_at + 0x28, 0x00cff3000000ffff);  // user data
    put<u64>(gdt_at + 0x30, 0x00affb000000ffff);  // user code 64
    put<u64>(gdt_at + 0x38, 0x0000890000000067 | (tss_at & 0xffffff) << 16);
    put<u64>(gdt_at + 0x40, 0);
    put<u64>(gdt_at + 0x48, 0x00009b000000ffff);  // code 16
    put<u64>(gdt_at + 0x50, 0x000093000000ffff);  // data 16
  }

  static core::Segment flat(u16 selector, u8 type, bool wide) {
    core::Segment s;
    s.selector = selector;
    s.limit = 0xffffffff;
    s.type = type;
    s.s = s.present = s.g = true;
    s.dpl = selector & 3;
    s.l = wide;
    s.db = !wide;
    return s;
  }

  static void flat_segments(core::Sregs& s, u16 code, u16 data, bool wide) {
    s.cs = flat(code, 11, wide);
    s.ds = s.es = s.fs = s.gs = s.ss = flat(data, 3, false);
    s.gdt = {gdt_at, 0x57};
    s.idt = {idt_at, 0xfff};
    s.tr = core::Segment{};
    s.tr.base = tss_at;
    s.tr.limit = 0x67;
    s.tr.selector = sel_tss;
    s.tr.type = 11;
    s.tr.present = true;
    s.ldt = core::Segment{};
    s.ldt.unusable = true;
  }
};

}  // namespace softcpu_test
