// Random sequences of 20 to 50 integer instructions leave the same registers, flags and
// memory on the software CPU as on the host's own CPU and in a KVM guest. A sequence that
// differs is shrunk before it is shown.
#include "sequence.h"

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <set>
#include <sstream>

#include "kvm_guest.h"
#include "machine.h"
#include "native_host.h"
#include "random_sequence.h"

namespace softcpu_test {
namespace {

using Clock = std::chrono::steady_clock;

// What the other CPU makes of it; empty when it cannot execute the sequence.
using Other = std::function<std::optional<SequenceState>(const Sequence&)>;

class SoftCpuHost {
 public:
  explicit SoftCpuHost(SequenceMode mode) : mode_(mode) {
    if (mode == SequenceMode::real16) {
      machine_.real_mode();
    } else if (mode == SequenceMode::protected32) {
      machine_.protected_mode();
    } else {
      machine_.long_mode();
    }
  }

  // `trouble` says how the run ended, if not with the HLT behind the code.
  SequenceState run(const Sequence& sequence, std::string& trouble) {
    std::byte* window = machine_.ram() + window_of(mode_);
    std::memcpy(window, sequence.start.memory.data(), window_size);
    core::Regs regs;
    SequenceState result = sequence.start;
    auto slots = registers(regs);
    for (unsigned i = 0; i < 16; ++i) {
      *slots[i] = result.gpr[i];
    }
    regs.rip = code_at;
    regs.rflags = result.flags;
    machine_.vcpu->set_regs(regs);
    std::vector<u8> code = assemble(sequence.pieces);
    code.push_back(0xf4);
    machine_.write(code_at, code);
    core::Exit exit = machine_.run();
    if (auto* error = std::get_if<core::exit::InternalError>(&exit)) {
      trouble = error->why;
    } else if (!std::holds_alternative<core::exit::Hlt>(exit)) {
      trouble = "exit " + std::to_string(exit.index());
    }
    regs = machine_.vcpu->regs();
    for (unsigned i = 0; i < 16; ++i) {
      result.gpr[i] = *slots[i];
    }
    result.flags = regs.rflags & all_flags;
    std::memcpy(result.memory.data(), window, window_size);
    return result;
  }

 private:
  static std::array<std::uint64_t*, 16> registers(core::Regs& r) {
    return {&r.rax, &r.rcx, &r.rdx, &r.rbx, &r.rsp, &r.rbp, &r.rsi, &r.rdi,
            &r.r8,  &r.r9,  &r.r10, &r.r11, &r.r12, &r.r13, &r.r14, &r.r15};
  }

  SequenceMode mode_;
  Machine machine_;
};

std::string difference(const SequenceState& soft, const SequenceState& other,
                       std::uint64_t undefined) {
  std::ostringstream text;
  for (unsigned i = 0; i < 16; ++i) {
    if (soft.gpr[i] != other.gpr[i]) {
      text << " r" << std::dec << i << std::hex << " " << soft.gpr[i] << " not "
           << other.gpr[i] << ";";
    }
  }
  if ((soft.flags ^ other.flags) & ~undefined) {
    text << std::hex << " flags " << soft.flags << " not " << other.flags << ";";
  }
  for (std::size_t i = 0; i < window_size; ++i) {
    if (soft.memory[i] != other.memory[i]) {
      text << std::hex << " memory at " << i << " " << unsigned{soft.memory[i]} << " not "
           << unsigned{other.memory[i]} << ";";
      break;
    }
  }
  return text.str();
}

// Empty: they agree, or the other CPU cannot execute the sequence.
std::string compare(SoftCpuHost& soft, const Other& other, const Sequence& sequence,
                    bool* executed = nullptr) {
  std::optional<SequenceState> expected = other(sequence);
  if (executed != nullptr) {
    *executed = expected.has_value();
  }
  if (!expected) {
    return {};
  }
  std::string trouble;
  SequenceState got = soft.run(sequence, trouble);
  return trouble + difference(got, *expected, flag_flow(sequence.pieces).undefined);
}

std::string show(const Sequence& sequence) {
  std::ostringstream text;
  text << std::hex;
  for (unsigned i = 0; i < 16; ++i) {
    text << (i % 8 == 0 ? "\n  " : " ") << sequence.start.gpr[i];
  }
  text << "\n  flags " << sequence.start.flags << "\n" << listing(sequence);
  return text.str();
}

// Compares up to `count` sequences for at most `seconds`; how many were executed.
int compare_many(SequenceMode mode, SequenceGenerator& generator, const Other& other,
                 int count, int seconds) {
  SoftCpuHost soft(mode);
  Compare once = [&](const Sequence& s) { return compare(soft, other, s); };
  auto end = Clock::now() + std::chrono::seconds(seconds);
  int executed = 0, reported = 0;
  for (int i = 0; i < count && reported < 3 && Clock::now() < end; ++i) {
    Sequence sequence = generator.next();
    bool ran = false;
    std::string differs = compare(soft, other, sequence, &ran);
    executed += ran;
    if (!differs.empty()) {
      Sequence shorter = shrink(sequence, once);
      ADD_FAILURE() << "sequence " << i << ":" << once(shorter) << show(shorter);
      ++reported;
    }
  }
  return executed;
}

// ---- the method ---------------------------------------------------------------------

TEST(SoftCpuSequence, a_difference_is_shrunk_to_the_instruction_that_makes_it) {
  SequenceGenerator generator(SequenceMode::protected32, 7);
  generator.use(generator.kinds());
  Sequence sequence = generator.next();
  insert_piece(sequence.pieces, 9, Piece{"culprit", {0x0f, 0xc8}, 0, 0, 0, 0});

  Sequence shorter = shrink(sequence, [](const Sequence& s) {
    for (const Piece& piece : s.pieces) {
      if (piece.name == "culprit") {
        return "differs";
      }
    }
    return "";
  });

  EXPECT_EQ(listing(shorter), "  0: bswap eax\n");
}

TEST(SoftCpuSequence, a_branch_still_ends_at_its_target_when_a_piece_between_is_dropped) {
  std::vector<Piece> pieces = {{"jcc", {0xeb, 0}, 0, 0, 0, 2},
                               {"one", {0x40}, 0, 0, 0, 0},
                               {"two", {0x66, 0x41}, 0, 0, 0, 0},
                               {"three", {0x42}, 0, 0, 0, 0}};

  EXPECT_EQ(assemble(pieces)[1], 3);
  EXPECT_EQ(assemble(without(pieces, 2))[1], 1);
  EXPECT_EQ(assemble(without(pieces, 3))[1], 3);
}

TEST(SoftCpuSequence, a_flag_undefined_on_one_way_to_a_branch_target_is_undefined_there) {
  Piece loses{"loses", {0x90}, 0, 0, OF, 0}, branch{"jcc", {0x74, 0}, ZF, 0, 0, 1},
      sets{"sets", {0x90}, 0, OF, 0, 0}, reads{"reads", {0x90}, OF, 0, 0, 0};

  EXPECT_EQ(flag_flow({loses, branch, sets, reads}).first_bad, 3u);
  EXPECT_EQ(flag_flow({loses, sets, branch, sets, reads}).first_bad, 5u);
}

// ---- against the host's CPU -----------------------------------------------------------

TEST(SoftCpuSequence, random_sequences_agree_with_the_host_cpu) {
#if defined(__x86_64__) && defined(__linux__)
  if (!__builtin_cpu_supports("popcnt") || !__builtin_cpu_supports("bmi")) {
    GTEST_SKIP() << "the host CPU lacks POPCNT or BMI1";
  }
  NativeHost host;
  SequenceGenerator generator(SequenceMode::long64, 20190423);
  generator.use(generator.kinds());

  int executed = compare_many(
      SequenceMode::long64, generator,
      [&](const Sequence& s) {
        return std::optional(host.run(assemble(s.pieces), s.start));
      },
      8000, 5);

  EXPECT_GT(executed, 100);
#else
  GTEST_SKIP() << "needs an x86-64 Linux host to execute the instructions natively";
#endif
}

// ---- against KVM ----------------------------------------------------------------------

#ifdef VITRINE_TEST_KVM

// KVM's own emulator, which runs guests on some hosts, differs from CPUs in these: it
// takes LZCNT and TZCNT for BSR and BSF, clears the upper half in a CMPXCHG that fails,
// and after AAM and AAD takes SF from more than AL.
bool emulator_differs(std::string_view kind) {
  return kind == "lzcnt" || kind == "cmpxchg" || kind == "aam";
}

// The kinds of pieces that this KVM executes; says which it does not.
std::vector<SequenceGenerator::Kind> kinds_of_kvm(KvmGuest& guest,
                                                  SequenceGenerator& generator) {
  std::vector<SequenceGenerator::Kind> can;
  std::string cannot;
  for (const auto& kind : generator.kinds()) {
    bool works = !emulator_differs(kind.name);
    for (int i = 0; i < 24 && works; ++i) {
      Sequence sequence = generator.single(kind);
      works = guest.run(assemble(sequence.pieces), sequence.start).has_value();
    }
    if (works) {
      can.push_back(kind);
    } else {
      cannot += std::string(cannot.empty() ? "" : ", ") + kind.name;
    }
  }
  if (!cannot.empty()) {
    std::cout << "  left out, this KVM does not execute them as CPUs do: " << cannot
              << "\n";
  }
  return can;
}

#endif

class KvmSequence : public testing::TestWithParam<SequenceMode> {};

TEST_P(KvmSequence, random_sequences_agree_with_kvm) {
#ifdef VITRINE_TEST_KVM
  KvmGuest guest(GetParam());
  if (!guest.usable()) {
    GTEST_SKIP() << "/dev/kvm is not here or not usable: " << guest.reason();
  }
  SequenceGenerator generator(GetParam(), 42);
  generator.use(kinds_of_kvm(guest, generator));

  int executed = compare_many(
      GetParam(), generator,
      [&](const Sequence& s) { return guest.run(assemble(s.pieces), s.start); }, 1000, 4);

  EXPECT_GT(executed, 10);
  RecordProperty("sequences", executed);
#else
  GTEST_SKIP() << "needs Linux's KVM headers on an x86-64 host";
#endif
}

std::string mode_name(const testing::TestParamInfo<SequenceMode>& mode) {
  switch (mode.param) {
    case SequenceMode::real16:
      return "real";
    case SequenceMode::protected32:
      return "protected";
    default:
      return "long";
  }
}

INSTANTIATE_TEST_SUITE_P(SoftCpu, KvmSequence,
                         testing::Values(SequenceMode::real16, SequenceMode::protected32,
                                         SequenceMode::long64),
                         mode_name);

}  // namespace
}  // namespace softcpu_test
