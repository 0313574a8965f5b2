// Random user-level instructions must do on the software CPU exactly what they do on
// the host's CPU: registers, memory and every flag the manuals define.
#include <gtest/gtest.h>

#include <iomanip>
#include <optional>
#include <sstream>

#include "kvm_guest.h"
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
  std::memcpy(machine.ram() + scratch_at + 0x800, test.start.memory.data(),
              test.start.memory.size());
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
  std::memcpy(result.memory.data(), machine.ram() + scratch_at + 0x800,
              result.memory.size());
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

// Compares `count` cases with what `other` makes of them; an empty answer of `other`
// (the case cannot be run there) is passed over. Returns how many were compared.
template <class Other>
int compare(int count, std::uint32_t seed, Other other) {
  Machine machine;
  machine.long_mode();
  Generator generator(seed);
  int reported = 0, compared = 0;
  for (int i = 0; i < count && reported < 20; ++i) {
    Case test = generator.next();
    if (test.result_undefined) {
      continue;
    }
    std::optional<UserState> expected = other(test);
    if (!expected) {
      continue;
    }
    std::string trouble;
    UserState soft = run_soft(machine, test, trouble);
    trouble += difference(test, soft, *expected);
    ++compared;
    if (!trouble.empty()) {
      ADD_FAILURE() << describe(test) << " |" << trouble;
      ++reported;
    }
  }
  return compared;
}

TEST(SoftCpuDifferential, random_instructions_agree_with_the_host_cpu) {
#if defined(__x86_64__) && defined(__linux__)
  if (!__builtin_cpu_supports("popcnt") || !__builtin_cpu_supports("bmi")) {
    GTEST_SKIP() << "the host CPU lacks POPCNT or BMI1";
  }
  NativeHost host;

  int compared = compare(40'000, 20190423, [&](const Case& test) {
    return std::optional<UserState>(host.run(test));
  });

  EXPECT_GT(compared, 35'000);
#else
  GTEST_SKIP() << "needs an x86-64 Linux host to execute the instructions natively";
#endif
}

TEST(SoftCpuDifferential, random_instructions_agree_with_kvm) {
#ifdef VITRINE_TEST_KVM
  KvmGuest guest;
  if (!guest.usable()) {
    GTEST_SKIP() << "/dev/kvm is not here or not usable: " << guest.reason();
  }

  // KVM's own emulator, which runs guests on some hosts, takes LZCNT and TZCNT for BSR
  // and BSF, and clears the upper half in a CMPXCHG that fails; CPUs do not.
  int compared = compare(3000, 42, [&](const Case& test) {
    bool differs = test.name == "lzcnt/tzcnt" || test.name == "cmpxchg";
    return differs ? std::nullopt : guest.run(test);
  });

  EXPECT_GT(compared, 300);
#else
  GTEST_SKIP() << "needs Linux's KVM headers on an x86-64 host";
#endif
}

}  // namespace
}  // namespace softcpu_test
