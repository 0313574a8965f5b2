// Random user-level instructions must do on the software CPU exactly what they do on
// the host's CPU: registers, memory and every flag the manuals define.
#include <gtest/gtest.h>

#include <iomanip>
#include <sstream>

#include "machine.h"
#include "native_host.h"
#include "random_insn.h"

namespace softcpu_test {
namespace {

UserState run_soft(Machine& machine, const Case& test, std::string& trouble) {
  core::Regs regs;
  std::uint64_t* const slots[16] = {&regs.rax, &regs.rcx, &regs.rdx, &regs.rbx,
                                    &regs.rsp, &regs.rbp, &regs.rsi, &regs.rdi,
                                    &regs.r8,  &regs.r9,  &regs.r10, &regs.r11,
                                    &regs.r12, &regs.r13, &regs.r14, &regs.r15};
  for (unsigned i = 0; i < 16; ++i) {
    *slots[i] = test.start.gpr[i];
  }
  regs.rip = code_at;
  regs.rflags = test.start.flags;
  machine.vcpu->set_regs(regs);
  for (unsigned i = 0; i < test.start.memory.size(); ++i) {
    machine.put<u8>(scratch_at + 0x800 + i, test.start.memory[i]);
  }
  std::vector<u8> code = test.code;
  code.push_back(0xf4);
  machine.write(code_at, code);
  core::Exit exit = machine.run();
  if (auto* error = std::get_if<core::exit::InternalError>(&exit)) {
    trouble = error->why;
  } else if (!std::holds_alternative<core::exit::Hlt>(exit)) {
    trouble = "exit " + std::to_string(exit.index());
  }
  regs = machine.vcpu->regs();
  UserState result;
  for (unsigned i = 0; i < 16; ++i) {
    result.gpr[i] = *slots[i];
  }
  result.flags = regs.rflags & all_flags;
  for (unsigned i = 0; i < result.memory.size(); ++i) {
    result.memory[i] = machine.get<u8>(scratch_at + 0x800 + i);
  }
  return result;
}

std::string difference(const Case& test, const UserState& soft, const UserState& native) {
  std::ostringstream text;
  text << std::hex;
  for (unsigned i = 0; i < 16; ++i) {
    if (i != 4 && soft.gpr[i] != native.gpr[i]) {
      text << " r" << std::dec << i << std::hex << " " << soft.gpr[i] << " not "
           << native.gpr[i];
    }
  }
  std::uint64_t flags = (soft.flags ^ native.flags) & ~test.undefined;
  if (flags != 0) {
    text << " flags " << soft.flags << " not " << native.flags;
  }
  if (soft.memory != native.memory) {
    text << " memory";
  }
  return text.str();
}

std::string describe(const Case& test) {
  std::ostringstream text;
  text << test.name << ":" << std::hex << std::setfill('0');
  for (u8 byte : test.code) {
    text << " " << std::setw(2) << unsigned{byte};
  }
  text << " | rax " << test.start.gpr[0] << " rcx " << test.start.gpr[1] << " flags "
       << test.start.flags;
  return text.str();
}

TEST(SoftCpuDifferential, random_instructions_agree_with_the_host_cpu) {
#if defined(__x86_64__) && defined(__linux__)
  if (!__builtin_cpu_supports("popcnt") || !__builtin_cpu_supports("bmi")) {
    GTEST_SKIP() << "the host CPU lacks POPCNT or BMI1";
  }
  NativeHost host;
  Machine machine;
  machine.long_mode();
  Generator generator(20190423);
  int reported = 0;

  for (int i = 0; i < 60'000 && reported < 20; ++i) {
    Case test = generator.next();
    if (test.result_undefined) {
      continue;
    }
    std::string trouble;
    UserState soft = run_soft(machine, test, trouble);
    UserState native = host.run(test);
    trouble += difference(test, soft, native);
    if (!trouble.empty()) {
      ADD_FAILURE() << describe(test) << " |" << trouble;
      ++reported;
    }
  }
#else
  GTEST_SKIP() << "needs an x86-64 Linux host to execute the instructions natively";
#endif
}

}  // namespace
}  // namespace softcpu_test
