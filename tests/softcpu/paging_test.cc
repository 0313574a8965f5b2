// Page walks and page faults: error codes, CR2, accessed and dirty bits, large pages,
// 32-bit and PAE tables.
#include <gtest/gtest.h>

#include "machine.h"

namespace softcpu_test {
namespace {

constexpr u64 handler_at = 0x1800, victim = 0x9000;

// Runs `code` and returns the error code of the page fault it makes.
u64 fault_of(Machine& machine, const std::vector<u8>& code, bool user = false) {
  machine.gate64(14, handler_at);
  machine.write(handler_at, {0xf4});
  machine.put<u64>(tss_at + 4, stack_top);
  core::Regs regs = machine.vcpu->regs();
  regs.rdi = victim;
  regs.rsp = user ? 0x7000 : stack_top;
  machine.vcpu->set_regs(regs);
  EXPECT_TRUE(machine.run_code(code));
  EXPECT_EQ(machine.vcpu->regs().rip, handler_at + 1);
  EXPECT_EQ(machine.vcpu->sregs().cr2, victim);
  return machine.get<u64>(machine.vcpu->regs().rsp);
}

const std::vector<u8> read_it = {0x8b, 0x07}, write_it = {0x89, 0x07},
                      jump_there = {0xff, 0xe7};

TEST(SoftCpuPaging, reading_an_absent_page_is_error_0) {
  Machine machine;
  machine.long_mode();
  machine.put<u64>(Machine::page_entry(victim), 0);

  EXPECT_EQ(fault_of(machine, read_it), 0u);
}

TEST(SoftCpuPaging, writing_a_read_only_page_is_error_3_under_write_protect) {
  Machine machine;
  machine.long_mode();
  machine.put<u64>(Machine::page_entry(victim), victim | 1);

  EXPECT_EQ(fault_of(machine, write_it), 3u);
}

TEST(SoftCpuPaging, supervisor_may_write_read_only_pages_without_write_protect) {
  Machine machine;
  machine.long_mode();
  machine.put<u64>(Machine::page_entry(victim), victim | 1);
  core::Sregs sregs = machine.vcpu->sregs();
  sregs.cr0 &= ~0x10000ull;
  machine.vcpu->set_sregs(sregs);
  core::Regs regs = machine.vcpu->regs();
  regs.rdi = victim;
  regs.rax = 0x1234;
  machine.vcpu->set_regs(regs);

  ASSERT_TRUE(machine.run_code(write_it));

  EXPECT_EQ(machine.get<u32>(victim), 0x1234u);
}

TEST(SoftCpuPaging, user_access_to_a_supervisor_page_is_error_5) {
  Machine machine;
  machine.long_mode(true);
  machine.put<u64>(Machine::page_entry(victim), victim | 3);

  EXPECT_EQ(fault_of(machine, read_it, true), 5u);
}

TEST(SoftCpuPaging, reserved_bit_is_error_9) {
  Machine machine;
  machine.long_mode();
  machine.put<u64>(Machine::page_entry(victim), victim | 7 | u64{1} << 50);

  EXPECT_EQ(fault_of(machine, read_it), 9u);
}

TEST(SoftCpuPaging, fetching_from_a_no_execute_page_is_error_17) {
  Machine machine;
  machine.long_mode();
  machine.put<u64>(Machine::page_entry(victim), victim | 7 | u64{1} << 63);

  EXPECT_EQ(fault_of(machine, jump_there), 0x11u);
}

TEST(SoftCpuPaging, reading_sets_accessed_and_writing_sets_dirty) {
  Machine machine;
  machine.long_mode();
  core::Regs regs = machine.vcpu->regs();
  regs.rdi = victim;
  machine.vcpu->set_regs(regs);

  ASSERT_TRUE(machine.run_code(read_it));
  EXPECT_EQ(machine.get<u64>(Machine::page_entry(victim)) & 0x60, 0x20u);

  regs.rip = code_at;
  machine.vcpu->set_regs(regs);
  ASSERT_TRUE(machine.run_code(write_it));
  EXPECT_EQ(machine.get<u64>(Machine::page_entry(victim)) & 0x60, 0x60u);
}

TEST(SoftCpuPaging, translation_moves_addresses) {
  Machine machine;
  machine.long_mode();
  machine.put<u64>(Machine::page_entry(victim), 0xa000 | 7);
  machine.put<u32>(0xa000, 0xfeed);
  core::Regs regs = machine.vcpu->regs();
  regs.rdi = victim;
  machine.vcpu->set_regs(regs);

  ASSERT_TRUE(machine.run_code(read_it));

  EXPECT_EQ(machine.vcpu->regs().rax, 0xfeedu);
}

TEST(SoftCpuPaging, invlpg_makes_a_changed_entry_seen) {
  Machine machine;
  machine.long_mode();
  machine.put<u64>(Machine::page_entry(0xb000), 0xb000 | 7);
  machine.put<u32>(victim, 1);
  machine.put<u32>(0xa000, 2);
  core::Regs regs = machine.vcpu->regs();
  regs.rdi = victim;
  regs.rsi = Machine::page_entry(victim);
  regs.rbx = 0xa000 | 7;
  machine.vcpu->set_regs(regs);

  // mov ecx,[rdi] / mov [rsi],rbx / invlpg [rdi] / mov eax,[rdi]
  ASSERT_TRUE(
      machine.run_code({0x8b, 0x0f, 0x48, 0x89, 0x1e, 0x0f, 0x01, 0x3f, 0x8b, 0x07}));

  EXPECT_EQ(machine.vcpu->regs().rcx, 1u);
  EXPECT_EQ(machine.vcpu->regs().rax, 2u);
}

TEST(SoftCpuPaging, an_access_across_two_pages_reaches_both) {
  Machine machine;
  machine.long_mode();
  machine.put<u64>(Machine::page_entry(victim), 0xc000 | 7);
  machine.put<u64>(Machine::page_entry(victim + 0x1000), 0xa000 | 7);
  core::Regs regs = machine.vcpu->regs();
  regs.rdi = victim + 0xffd;
  regs.rax = 0x1122334455667788;
  machine.vcpu->set_regs(regs);

  ASSERT_TRUE(
      machine.run_code({0x48, 0x89, 0x07, 0x48, 0x8b, 0x1f}));  // mov [rdi],rax / rbx

  EXPECT_EQ(machine.vcpu->regs().rbx, 0x1122334455667788u);
  EXPECT_EQ(machine.get<u8>(0xcffd), 0x88);
  EXPECT_EQ(machine.get<u32>(0xa000), 0x22334455u);
}

TEST(SoftCpuPaging, four_megabyte_pages_of_32_bit_paging) {
  Machine machine;
  machine.protected_mode();
  machine.put<u32>(tables_at, 0x83);
  machine.put<u32>(tables_at + 4, 0x83);  // 4 MiB mirrors 0
  machine.put<u32>(data_at, 77);
  core::Sregs sregs = machine.vcpu->sregs();
  sregs.cr3 = tables_at;
  sregs.cr4 = 0x10;
  sregs.cr0 |= 0x80000000;
  machine.vcpu->set_sregs(sregs);
  core::Regs regs = machine.vcpu->regs();
  regs.rdi = 0x400000 + data_at;
  machine.vcpu->set_regs(regs);

  ASSERT_TRUE(machine.run_code(read_it));

  EXPECT_EQ(machine.vcpu->regs().rax, 77u);
}

TEST(SoftCpuPaging, pae_tables_translate) {
  Machine machine;
  machine.protected_mode();
  machine.put<u64>(tables_at, (tables_at + 0x1000) | 1);
  machine.put<u64>(tables_at + 0x1000, 0x83);
  machine.put<u64>(tables_at + 0x1008, 0x83);  // 2 MiB mirrors 0
  machine.put<u32>(data_at, 78);
  core::Sregs sregs = machine.vcpu->sregs();
  sregs.cr3 = tables_at;
  sregs.cr4 = 0x20;
  sregs.cr0 |= 0x80000000;
  machine.vcpu->set_sregs(sregs);
  core::Regs regs = machine.vcpu->regs();
  regs.rdi = 0x200000 + data_at;
  machine.vcpu->set_regs(regs);

  ASSERT_TRUE(machine.run_code(read_it));

  EXPECT_EQ(machine.vcpu->regs().rax, 78u);
}

TEST(SoftCpuPaging, non_canonical_address_is_a_general_protection_fault) {
  Machine machine;
  machine.long_mode();
  machine.gate64(13, handler_at);
  machine.write(handler_at, {0xf4});
  core::Regs regs = machine.vcpu->regs();
  regs.rdi = u64{1} << 47;
  machine.vcpu->set_regs(regs);

  ASSERT_TRUE(machine.run_code(read_it));

  EXPECT_EQ(machine.vcpu->regs().rip, handler_at + 1);
}

}  // namespace
}  // namespace softcpu_test
