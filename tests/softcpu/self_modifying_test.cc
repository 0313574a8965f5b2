// Code that changes: by the guest itself, in the same block, across pages, and by the
// machine behind the CPU's back.
#include <gtest/gtest.h>

#include "machine.h"

namespace softcpu_test {
namespace {

TEST(SoftCpuSelfModifying, a_store_changes_the_next_instruction_of_its_own_block) {
  Machine machine;
  machine.protected_mode();

  // mov byte [code_at + 8],'2' / mov al,'1' (patched) / out 0xe9,al
  EXPECT_TRUE(
      machine.run_code({0xc6, 0x05, 0x08, 0x10, 0, 0, '2', 0xb0, '1', 0xe6, 0xe9}));

  EXPECT_EQ(machine.text, "2");
}

TEST(SoftCpuSelfModifying, a_loop_sees_its_changed_body) {
  Machine machine;
  machine.protected_mode();

  // mov ecx,3 / L: mov al,'a' / out / inc byte [L+1] / loop L
  EXPECT_TRUE(machine.run_code({0xb9, 3, 0, 0, 0, 0xb0, 'a', 0xe6, 0xe9, 0xfe, 0x05, 0x06,
                                0x10, 0, 0, 0xe2, 0xf4}));

  EXPECT_EQ(machine.text, "abc");
}

TEST(SoftCpuSelfModifying, a_string_store_changes_code) {
  Machine machine;
  machine.protected_mode();
  core::Regs regs = machine.vcpu->regs();
  regs.rdi = code_at + 6;
  regs.rcx = 2;
  regs.rax = 0x90;
  machine.vcpu->set_regs(regs);

  // rep stosb / mov al,'x' / out / (the first two bytes of OUT become NOPs)
  EXPECT_TRUE(machine.run_code({0xf3, 0xaa, 0xb0, 'x', 0x90, 0x90, 0xe6, 0xe9}));

  EXPECT_EQ(machine.text, "");
}

TEST(SoftCpuSelfModifying, invalidate_tells_about_changes_from_outside) {
  Machine machine;
  machine.protected_mode();
  ASSERT_TRUE(machine.run_code({0xb0, '1', 0xe6, 0xe9}));
  core::Regs regs = machine.vcpu->regs();
  regs.rip = code_at;
  machine.vcpu->set_regs(regs);

  machine.put<u8>(code_at + 1, '2');  // writes and calls Vm::invalidate

  ASSERT_TRUE(machine.halts());
  EXPECT_EQ(machine.text, "12");
}

TEST(SoftCpuSelfModifying, an_instruction_across_two_pages_runs_and_can_change) {
  Machine machine;
  machine.protected_mode();
  // mov al,'1' straddles 0x1fff; out / hlt follow
  machine.write(0x1fff, {0xb0, '1', 0xe6, 0xe9, 0xf4});
  core::Regs regs = machine.vcpu->regs();
  regs.rip = 0x1fff;
  machine.vcpu->set_regs(regs);
  ASSERT_TRUE(machine.halts());

  machine.put<u8>(0x2000, '2');
  machine.vcpu->set_regs(regs);
  ASSERT_TRUE(machine.halts());

  EXPECT_EQ(machine.text, "12");
}

TEST(SoftCpuSelfModifying, remapping_memory_forgets_the_code) {
  Machine machine;
  machine.protected_mode();
  auto first = std::make_unique<Page>(), second = std::make_unique<Page>();
  const u8 print_1[] = {0xb0, '1', 0xe6, 0xe9, 0xf4},
           print_2[] = {0xb0, '2', 0xe6, 0xe9, 0xf4};
  std::memcpy(first.get(), print_1, sizeof print_1);
  std::memcpy(second.get(), print_2, sizeof print_2);
  core::Regs regs = machine.vcpu->regs();
  regs.rip = 0x300000;

  for (Page* page : {first.get(), second.get()}) {
    machine.vm->map_memory(1, core::GuestPhysAddr{0x300000},
                           {reinterpret_cast<std::byte*>(page), sizeof(Page)},
                           core::MemoryAccess::read_only);
    machine.vcpu->set_regs(regs);
    ASSERT_TRUE(machine.halts());
  }

  EXPECT_EQ(machine.text, "12");
  machine.vm->unmap_memory(1);
}

}  // namespace
}  // namespace softcpu_test
