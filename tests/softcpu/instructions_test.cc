// Single instructions with known results: the cases of the manuals that are easy to
// get wrong, in the modes where they exist.
#include <gtest/gtest.h>

#include "machine.h"

namespace softcpu_test {
namespace {

constexpr u64 cf = 1, pf = 4, af = 0x10, zf = 0x40, sf = 0x80, of = 0x800;

enum class Mode : u8 { real, protected_, long_ };

struct Known {
  const char* name;
  Mode mode;
  std::vector<u8> code;
  core::Regs before, after;  // rip, rsp and rflags are not compared here
  u64 flags, defined;
};

core::Regs regs(u64 rax, u64 rbx = 0, u64 rcx = 0, u64 rdx = 0, u64 flags = 2) {
  core::Regs r;
  r.rax = rax, r.rbx = rbx, r.rcx = rcx, r.rdx = rdx, r.rflags = flags;
  return r;
}

const std::vector<Known>& known() {
  static const std::vector<Known> table = {
      {"add_sets_carry_and_adjust",
       Mode::long_,
       {0x04, 0x01},
       regs(0xff),
       regs(0x00),
       cf | pf | af | zf,
       cf | pf | af | zf | sf | of},
      {"add_overflows_into_sign",
       Mode::long_,
       {0x04, 0x01},
       regs(0x7f),
       regs(0x80),
       af | sf | of,
       cf | pf | af | zf | sf | of},
      {"adc_of_all_ones_with_carry_carries",
       Mode::long_,
       {0x14, 0xff},
       regs(0x12, 0, 0, 0, cf | 2),
       regs(0x12),
       cf | af | pf,
       cf | af | zf | sf | of | pf},
      {"sbb_of_itself_with_borrow",
       Mode::long_,
       {0x1c, 0xff},
       regs(0xff, 0, 0, 0, cf | 2),
       regs(0xff),
       cf | pf | af | sf,
       cf | pf | af | zf | sf | of},
      {"inc_keeps_carry",
       Mode::long_,
       {0xfe, 0xc0},
       regs(0xff, 0, 0, 0, cf | 2),
       regs(0),
       cf | zf | pf | af,
       cf | pf | af | zf | sf | of},
      {"neg_of_the_lowest_number_overflows",
       Mode::long_,
       {0xf6, 0xd8},
       regs(0x80),
       regs(0x80),
       cf | sf | of,
       cf | zf | sf | of},
      {"mov_to_32_bits_clears_the_upper_half",
       Mode::long_,
       {0x89, 0xd8},
       regs(~0ull, 0x1234),
       regs(0x1234, 0x1234),
       0,
       0},
      {"mov_to_16_bits_keeps_the_rest",
       Mode::long_,
       {0x66, 0x89, 0xd8},
       regs(~0ull, 0x1234),
       regs(0xffffffffffff1234, 0x1234),
       0,
       0},
      {"cmov_not_taken_still_clears_the_upper_half",
       Mode::long_,
       {0x0f, 0x44, 0xc3},
       regs(~0ull, 1),
       regs(0xffffffff, 1),
       0,
       0},
      {"shift_count_of_32_does_nothing_to_32_bits",
       Mode::long_,
       {0xc1, 0xe0, 0x20},
       regs(5, 0, 0, 0, cf | zf | 2),
       regs(5),
       cf | zf,
       cf | zf},
      {"sar_keeps_the_sign",
       Mode::long_,
       {0xc0, 0xf8, 0x04},
       regs(0x90),
       regs(0xf9),
       sf | pf,
       cf | zf | sf | pf},
      {"rcl_by_nine_is_the_identity_on_bytes",
       Mode::long_,
       {0xc0, 0xd0, 0x09},
       regs(0x5a, 0, 0, 0, cf | 2),
       regs(0x5a),
       cf,
       cf},
      {"idiv_truncates_towards_zero",
       Mode::long_,
       {0xf7, 0xfb},
       regs(0xfffffff9, 2, 0, 0xffffffff),
       regs(0xfffffffd, 2, 0, 0xffffffff),
       0,
       0},
      {"imul_flags_tell_that_the_result_does_not_fit",
       Mode::long_,
       {0x0f, 0xaf, 0xc3},
       regs(0x10000, 0x10000),
       regs(0, 0x10000),
       cf | of,
       cf | of},
      {"mul_byte_goes_to_ax",
       Mode::long_,
       {0xf6, 0xe3},
       regs(0xff, 0xff),
       regs(0xfe01, 0xff),
       cf | of,
       cf | of},
      {"bt_register_index_is_taken_modulo_the_size",
       Mode::long_,
       {0x0f, 0xa3, 0xd8},
       regs(2, 33),
       regs(2, 33),
       cf,
       cf},
      {"cdq_spreads_the_sign",
       Mode::long_,
       {0x99},
       regs(0x80000000),
       regs(0x80000000, 0, 0, 0xffffffff),
       0,
       0},
      {"lahf_reads_the_low_flags",
       Mode::long_,
       {0x9f},
       regs(0, 0, 0, 0, sf | zf | cf | 2),
       regs(0xc300),
       0,
       0},
      {"movsx_of_ah",
       Mode::protected_,
       {0x0f, 0xbe, 0xdc},
       regs(0x8000),
       regs(0x8000, 0xffffff80),
       0,
       0},
      {"daa_after_adding_79_and_35",
       Mode::protected_,
       {0x27},
       regs(0xae),
       regs(0x14),
       cf | af | pf,
       cf | af | zf | sf | pf},
      {"das_after_subtracting_47_from_35",
       Mode::protected_,
       {0x2f},
       regs(0xee, 0, 0, 0, cf | af | 2),
       regs(0x88),
       cf | af | sf | pf,
       cf | af | zf | sf | pf},
      {"aaa_carries_into_ah",
       Mode::protected_,
       {0x37},
       regs(0x0a),
       regs(0x100),
       cf | af,
       cf | af},
      {"aas_borrows_from_ah",
       Mode::protected_,
       {0x3f},
       regs(0x20f),
       regs(0x109),
       cf | af,
       cf | af},
      {"aam_divides_by_ten",
       Mode::protected_,
       {0xd4, 0x0a},
       regs(0x3f),
       regs(0x603),
       pf,
       zf | sf | pf},
      {"aad_multiplies_by_ten",
       Mode::protected_,
       {0xd5, 0x0a},
       regs(0x603),
       regs(0x3f),
       pf,
       zf | sf | pf},
      {"loop_in_16_bits_wraps_cx",
       Mode::real,
       {0xe2, 0x00},
       regs(0, 0, 0x10000),
       regs(0, 0, 0x1ffff),
       0,
       0},
      {"pusha_and_popa_restore",
       Mode::real,
       {0x60, 0x31, 0xc0, 0x61},
       regs(0x1234, 2, 3, 4),
       regs(0x1234, 2, 3, 4),
       0,
       0},
      {"bswap_turns_four_bytes",
       Mode::long_,
       {0x0f, 0xc8},
       regs(0x11223344),
       regs(0x44332211),
       0,
       0},
      {"xlat_reads_at_rbx_plus_al",
       Mode::real,
       {0xd7},
       regs(0x01, code_at),
       regs(0xf4, code_at),
       0,
       0},
      {"salc_fills_al_with_carry",
       Mode::protected_,
       {0xd6},
       regs(0, 0, 0, 0, cf | 2),
       regs(0xff),
       0,
       0},
      {"smsw_reads_protection_enable",
       Mode::protected_,
       {0x0f, 0x01, 0xe0},
       regs(0),
       regs(0x11),
       0,
       0},
      {"enter_and_leave_balance",
       Mode::long_,
       {0xc8, 0x20, 0, 0x01, 0xc9},
       regs(9),
       regs(9),
       0,
       0},
  };
  return table;
}

class KnownInstruction : public testing::TestWithParam<Known> {};

TEST_P(KnownInstruction, does_what_the_manual_says) {
  const Known& test = GetParam();
  Machine machine;
  switch (test.mode) {
    case Mode::real:
      machine.real_mode();
      break;
    case Mode::protected_:
      machine.protected_mode();
      break;
    case Mode::long_:
      machine.long_mode();
      break;
  }
  core::Regs start = test.before;
  start.rip = code_at;
  start.rsp = stack_top;
  machine.vcpu->set_regs(start);

  ASSERT_TRUE(machine.run_code(test.code));

  core::Regs end = machine.vcpu->regs();
  EXPECT_EQ(end.rax, test.after.rax);
  EXPECT_EQ(end.rbx, test.after.rbx);
  EXPECT_EQ(end.rcx, test.after.rcx);
  EXPECT_EQ(end.rdx, test.after.rdx);
  EXPECT_EQ(end.rsp, stack_top);
  EXPECT_EQ(end.rflags & test.defined, test.flags & test.defined);
}

INSTANTIATE_TEST_SUITE_P(SoftCpu, KnownInstruction, testing::ValuesIn(known()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(SoftCpuStrings, rep_movsb_copies_forward_over_itself_as_a_pattern) {
  Machine machine;
  machine.protected_mode();
  core::Regs r = machine.vcpu->regs();
  r.rsi = data_at, r.rdi = data_at + 1, r.rcx = 5000;
  machine.vcpu->set_regs(r);
  machine.put<u8>(data_at, 0x5a);

  ASSERT_TRUE(machine.run_code({0xf3, 0xa4}));

  EXPECT_EQ(machine.get<u8>(data_at + 4999), 0x5a);
  EXPECT_EQ(machine.get<u8>(data_at + 5001), 0);
  EXPECT_EQ(machine.vcpu->regs().rcx, 0u);
}

TEST(SoftCpuStrings, direction_flag_moves_down) {
  Machine machine;
  machine.protected_mode();
  core::Regs r = machine.vcpu->regs();
  r.rdi = data_at + 3, r.rcx = 3, r.rax = 0x77;
  machine.vcpu->set_regs(r);

  ASSERT_TRUE(machine.run_code({0xfd, 0xf3, 0xaa}));

  EXPECT_EQ(machine.get<u32>(data_at), 0x77777700u);
  EXPECT_EQ(machine.vcpu->regs().rdi, data_at);
}

TEST(SoftCpuStrings, repne_scasb_finds_the_terminator) {
  Machine machine;
  machine.protected_mode();
  machine.write(data_at, {'a', 'b', 'c', 0, 'd'});
  core::Regs r = machine.vcpu->regs();
  r.rdi = data_at, r.rcx = 0xffffffff;
  machine.vcpu->set_regs(r);

  ASSERT_TRUE(machine.run_code({0xf2, 0xae}));

  EXPECT_EQ(machine.vcpu->regs().rdi, data_at + 4);
  EXPECT_TRUE(machine.vcpu->regs().rflags & zf);
}

TEST(SoftCpuStrings, repe_cmpsb_stops_at_the_difference) {
  Machine machine;
  machine.protected_mode();
  machine.write(data_at, {'a', 'b', 'c', 'd', 'a', 'b', 'x', 'd'});
  core::Regs r = machine.vcpu->regs();
  r.rsi = data_at, r.rdi = data_at + 4, r.rcx = 4;
  machine.vcpu->set_regs(r);

  ASSERT_TRUE(machine.run_code({0xf3, 0xa6}));

  EXPECT_EQ(machine.vcpu->regs().rcx, 1u);
  EXPECT_TRUE(machine.vcpu->regs().rflags & cf);  // 'c' < 'x'
}

TEST(SoftCpuSystem, unknown_msr_is_a_general_protection_fault) {
  Machine machine;
  machine.long_mode();
  machine.gate64(13, 0x1800);
  machine.write(0x1800, {0xf4});
  core::Regs r = machine.vcpu->regs();
  r.rcx = 0x12345678;
  machine.vcpu->set_regs(r);

  ASSERT_TRUE(machine.run_code({0x0f, 0x32}));

  EXPECT_EQ(machine.vcpu->regs().rip, 0x1801u);
}

TEST(SoftCpuSystem, syscall_and_sysret_make_a_round_trip) {
  Machine machine;
  machine.long_mode(true);
  machine.vcpu->set_msr(0xc0000081,
                        u64{sel_user_code32 - 0} << 48 | u64{sel_code32} << 32);
  machine.vcpu->set_msr(0xc0000082, 0x1800);
  machine.vcpu->set_msr(0xc0000084, 0x200);
  machine.write(0x1800, {0x8c, 0xca, 0x48, 0x0f, 0x07});  // mov edx,cs / sysretq
  machine.write(0x1900, {0xf4});
  machine.gate64(13, 0x1900);
  machine.put<u64>(tss_at + 4, 0x6000);

  ASSERT_TRUE(
      machine.run_code({0x0f, 0x05, 0x8c, 0xcb}));  // syscall / mov ebx,cs / hlt #GP

  EXPECT_EQ(machine.vcpu->regs().rdx, sel_code32);
  EXPECT_EQ(machine.vcpu->regs().rbx, u64{sel_user_code32 + 16});
  EXPECT_EQ(machine.vcpu->regs().rcx, code_at + 2);
}

TEST(SoftCpuSystem, rdtsc_counts_instructions) {
  Machine machine;
  machine.long_mode();

  // rdtsc / mov ebx,eax / nop / nop / rdtsc
  ASSERT_TRUE(machine.run_code({0x0f, 0x31, 0x89, 0xc3, 0x90, 0x90, 0x0f, 0x31}));

  EXPECT_EQ(machine.vcpu->regs().rax - machine.vcpu->regs().rbx, 4u);
}

TEST(SoftCpuSystem, segment_limit_is_enforced) {
  Machine machine;
  machine.protected_mode();
  machine.gate32(13, 0x1800);
  machine.write(0x1800, {0xf4});
  core::Sregs sregs = machine.vcpu->sregs();
  sregs.ds.limit = 0xfff;
  machine.vcpu->set_sregs(sregs);
  core::Regs r = machine.vcpu->regs();
  r.rdi = 0xffd;
  machine.vcpu->set_regs(r);

  ASSERT_TRUE(machine.run_code({0x8b, 0x07}));  // mov eax,[edi]: one byte too far

  EXPECT_EQ(machine.vcpu->regs().rip, 0x1801u);
}

TEST(SoftCpuSystem, expand_down_segments_begin_above_their_limit) {
  Machine machine;
  machine.protected_mode();
  core::Sregs sregs = machine.vcpu->sregs();
  sregs.ds.limit = 0xfff;
  sregs.ds.type = 7;
  machine.vcpu->set_sregs(sregs);
  machine.put<u32>(data_at, 42);
  core::Regs r = machine.vcpu->regs();
  r.rdi = data_at;
  machine.vcpu->set_regs(r);

  ASSERT_TRUE(machine.run_code({0x8b, 0x07}));

  EXPECT_EQ(machine.vcpu->regs().rax, 42u);
}

TEST(SoftCpuSystem, writing_through_a_code_segment_faults) {
  Machine machine;
  machine.protected_mode();
  machine.gate32(13, 0x1800);
  machine.write(0x1800, {0xf4});

  ASSERT_TRUE(machine.run_code({0x2e, 0x89, 0x07}));  // mov cs:[edi],eax

  EXPECT_EQ(machine.vcpu->regs().rip, 0x1801u);
}

TEST(SoftCpuSystem, cpuid_answers_from_the_given_table) {
  Machine machine;
  machine.long_mode();
  core::CpuidEntry entry;
  entry.function = 0x40000000;
  entry.ebx = 0x1234;
  machine.vcpu->set_cpuid(std::span(&entry, 1));
  core::Regs r = machine.vcpu->regs();
  r.rax = 0x40000000;
  machine.vcpu->set_regs(r);

  ASSERT_TRUE(machine.run_code({0x0f, 0xa2}));

  EXPECT_EQ(machine.vcpu->regs().rbx, 0x1234u);
}

TEST(SoftCpuSystem, two_vcpus_take_turns_with_the_same_memory) {
  Machine machine;
  machine.long_mode();
  auto second = machine.vm->create_vcpu(1);
  second->set_sregs(machine.vcpu->sregs());
  second->set_regs(machine.vcpu->regs());

  ASSERT_TRUE(
      machine.run_code({0xff, 0x04, 0x25, 0x00, 0x50, 0, 0}));  // inc dword [data_at]
  ASSERT_TRUE(std::holds_alternative<core::exit::Hlt>(second->run()));

  EXPECT_EQ(machine.get<u32>(data_at), 2u);
}

}  // namespace
}  // namespace softcpu_test
