// The registers of a CPU in the order and widths that 4.0's x86_64 target has for gdb.
//
//   0-15   rax rbx rcx rdx rsi rdi rbp rsp r8-r15     64 bits
//   16     rip                                        64
//   17     eflags                                     32
//   18-23  cs ss ds es fs gs                          32
//   24-26  fs_base gs_base k_gs_base                  64
//   27-32  cr0 cr2 cr3 cr4 cr8 efer                   64
//   33-40  st0-st7                                    80
//   41-48  fctrl fstat ftag fiseg fioff foseg fooff fop  32
//   49-64  xmm0-xmm15                                 128
//   65     mxcsr                                      32
//
// Outside 64-bit code the upper halves of 0-32 read as zero and are not written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/vcpu.h"

namespace gdbstub {

inline constexpr std::size_t register_count = 66;
inline constexpr std::size_t rip_number = 16;

// Bytes of a register; 0: there is none of that number.
std::size_t register_size(std::size_t number);
// What `qXfer:features:read:target.xml` answers.
std::string target_xml();

// One CPU's registers, read when first asked for. Only while the CPU does not run.
class RegisterFile {
 public:
  explicit RegisterFile(core::Vcpu& vcpu)
      : vcpu_(vcpu), regs_(vcpu.regs()), sregs_(vcpu.sregs()) {}

  const core::Sregs& sregs() const { return sregs_; }

  // Appends the bytes as hex, little endian.
  void append(std::string& text, std::size_t number);
  // `bytes` has the register's size. False: no CPU could have that value here.
  bool set(std::size_t number, std::span<const std::byte> bytes);
  // Gives the CPU what set() changed. False: it refused.
  bool commit();

 private:
  std::uint64_t value(std::size_t number);
  std::uint64_t float_control(std::size_t number);
  bool set_value(std::size_t number, std::uint64_t value);
  bool set_selector(core::Segment& segment, std::uint64_t selector);
  void set_float_control(std::size_t number, std::uint64_t value);
  std::span<std::uint8_t> vector_bytes(std::size_t number);
  core::Fpu& fpu();
  bool code64() const;

  core::Vcpu& vcpu_;
  core::Regs regs_;
  core::Sregs sregs_;
  std::optional<core::Fpu> fpu_;
  std::optional<std::uint64_t> kernel_gs_base_;  // if it is to be written
  bool regs_changed_ = false, sregs_changed_ = false, fpu_changed_ = false;
};

}  // namespace gdbstub
