// Exceptions and interrupts: frames, error codes, stack switches, double and triple
// faults, shadows and windows.
#include <gtest/gtest.h>

#include "machine.h"

namespace softcpu_test {
namespace {

constexpr u64 handler_at = 0x1800;

// A handler that halts: the frame is left on the stack for the test to read.
void halt_on(Machine& machine, unsigned vector, u8 ist = 0) {
  machine.gate64(vector, handler_at, 0x8e, ist);
  machine.write(handler_at, {0xf4});
}

TEST(SoftCpuExceptions, real_mode_interrupt_pushes_flags_cs_and_ip) {
  Machine machine;
  machine.real_mode();
  machine.put<u16>(0x21 * 4, 0x1800);
  machine.put<u16>(0x21 * 4 + 2, 0);
  machine.write(handler_at, {0xf4});

  ASSERT_TRUE(machine.run_code({0xf9, 0xfb, 0xcd, 0x21}));  // stc / sti / int 0x21

  core::Regs regs = machine.vcpu->regs();
  EXPECT_EQ(regs.rip, handler_at + 1);
  EXPECT_EQ(regs.rsp, stack_top - 6);
  EXPECT_EQ(machine.get<u16>(stack_top - 6), code_at + 4);
  EXPECT_EQ(machine.get<u16>(stack_top - 2), 0x203);
  EXPECT_EQ(regs.rflags & 0x200, 0u);
}

TEST(SoftCpuExceptions, real_mode_iret_returns_behind_the_interrupt) {
  Machine machine;
  machine.real_mode();
  machine.put<u32>(0x21 * 4, 0x1800);
  machine.write(handler_at, {0xb0, 'I', 0xe6, 0xe9, 0xcf});  // mov al,'I' / out / iret

  ASSERT_TRUE(machine.run_code({0xcd, 0x21, 0xb0, 'x', 0xe6, 0xe9}));

  EXPECT_EQ(machine.text, "Ix");
}

TEST(SoftCpuExceptions, protected_mode_fault_pushes_error_code_below_eip) {
  Machine machine;
  machine.protected_mode();
  machine.gate32(13, handler_at);
  machine.write(handler_at, {0xf4});

  ASSERT_TRUE(machine.run_code({0xb8, 0x78, 0, 0, 0, 0x8e, 0xd8}));  // mov ds,0x78

  EXPECT_EQ(machine.vcpu->regs().rsp, stack_top - 16);
  EXPECT_EQ(machine.get<u32>(stack_top - 16), 0x78u);
  EXPECT_EQ(machine.get<u32>(stack_top - 12), code_at + 5);
  EXPECT_EQ(machine.get<u32>(stack_top - 8), sel_code32);
}

TEST(SoftCpuExceptions, protected_mode_ring3_interrupt_switches_to_tss_stack) {
  Machine machine;
  machine.protected_mode(true);
  machine.put<u32>(tss_at + 4, 0x7000);
  machine.put<u32>(tss_at + 8, sel_data);
  machine.gate32(0x80, handler_at, 0xee);
  machine.write(handler_at, {0xf4});

  ASSERT_TRUE(machine.run_code({0xcd, 0x80}));

  EXPECT_EQ(machine.vcpu->regs().rsp, 0x7000u - 20);
  EXPECT_EQ(machine.get<u32>(0x7000 - 4), sel_user_data);
  EXPECT_EQ(machine.get<u32>(0x7000 - 8), stack_top);
  EXPECT_EQ(machine.get<u32>(0x7000 - 16), sel_user_code32);
  EXPECT_EQ(machine.vcpu->sregs().ss.selector, sel_data);
}

TEST(SoftCpuExceptions, software_interrupt_needs_gate_dpl) {
  Machine machine;
  machine.protected_mode(true);
  machine.put<u32>(tss_at + 4, 0x7000);
  machine.put<u32>(tss_at + 8, sel_data);
  machine.gate32(0x80, 0x1900, 0x8e);
  machine.gate32(13, handler_at);
  machine.write(handler_at, {0xf4});

  ASSERT_TRUE(machine.run_code({0xcd, 0x80}));

  EXPECT_EQ(machine.vcpu->regs().rip, handler_at + 1);
  EXPECT_EQ(machine.get<u32>(0x7000 - 24), 0x80u * 8 + 2);
}

TEST(SoftCpuExceptions, long_mode_frame_is_five_words_on_an_aligned_stack) {
  Machine machine;
  machine.long_mode();
  halt_on(machine, 6);
  core::Regs regs = machine.vcpu->regs();
  regs.rsp = stack_top - 4;
  machine.vcpu->set_regs(regs);

  ASSERT_TRUE(machine.run_code({0x0f, 0x0b}));  // ud2

  u64 frame = machine.vcpu->regs().rsp;
  EXPECT_EQ(frame, stack_top - 16 - 40);
  EXPECT_EQ(machine.get<u64>(frame), code_at);
  EXPECT_EQ(machine.get<u64>(frame + 8), sel_code64);
  EXPECT_EQ(machine.get<u64>(frame + 24), stack_top - 4);
  EXPECT_EQ(machine.get<u64>(frame + 32), sel_data);
}

TEST(SoftCpuExceptions, interrupt_stack_table_replaces_the_stack) {
  Machine machine;
  machine.long_mode();
  machine.put<u64>(tss_at + 36, 0x6000);
  halt_on(machine, 6, 1);

  ASSERT_TRUE(machine.run_code({0x0f, 0x0b}));

  EXPECT_EQ(machine.vcpu->regs().rsp, 0x6000u - 40);
}

TEST(SoftCpuExceptions, ring3_fault_in_long_mode_uses_rsp0_and_a_null_ss) {
  Machine machine;
  machine.long_mode(true);
  machine.put<u64>(tss_at + 4, 0x6000);
  halt_on(machine, 13);

  ASSERT_TRUE(machine.run_code({0xfa}));  // cli in ring 3

  EXPECT_EQ(machine.vcpu->regs().rsp, 0x6000u - 48);
  EXPECT_EQ(machine.get<u64>(0x6000 - 48), 0u);
  EXPECT_EQ(machine.get<u64>(0x6000 - 8), sel_user_data);
  EXPECT_EQ(machine.vcpu->sregs().ss.selector, 0u);
}

TEST(SoftCpuExceptions, iretq_goes_to_ring_3) {
  Machine machine;
  machine.long_mode();
  machine.put<u64>(stack_top - 40, code_at + 0x100);
  machine.put<u64>(stack_top - 32, sel_user_code64);
  machine.put<u64>(stack_top - 24, 0x202);
  machine.put<u64>(stack_top - 16, 0x4000);
  machine.put<u64>(stack_top - 8, sel_user_data);
  machine.write(code_at + 0x100, {0x8c, 0xc8, 0xe6, 0xe9});  // mov eax,cs / out (faults)
  machine.put<u64>(tss_at + 4, 0x6000);
  machine.put<u16>(tss_at + 102, 0x68);  // no I/O bitmap
  halt_on(machine, 13);

  ASSERT_TRUE(
      machine.run_code({0x48, 0x83, 0xec, 40, 0x48, 0xcf}));  // sub rsp,40 / iretq

  EXPECT_EQ(machine.vcpu->regs().rax & 0xffff, sel_user_code64);
  EXPECT_EQ(machine.get<u64>(0x6000 - 40),
            code_at + 0x102);  // OUT is the one that faults
}

TEST(SoftCpuExceptions, division_by_zero_is_a_fault_at_the_instruction) {
  Machine machine;
  machine.long_mode();
  halt_on(machine, 0);

  ASSERT_TRUE(machine.run_code({0x31, 0xc9, 0xf7, 0xf1}));  // xor ecx,ecx / div ecx

  EXPECT_EQ(machine.get<u64>(stack_top - 40), code_at + 2);
}

TEST(SoftCpuExceptions, int3_is_a_trap_behind_the_instruction) {
  Machine machine;
  machine.long_mode();
  halt_on(machine, 3);

  ASSERT_TRUE(machine.run_code({0xcc}));

  EXPECT_EQ(machine.get<u64>(stack_top - 40), code_at + 1);
}

TEST(SoftCpuExceptions, single_step_flag_traps_after_the_next_instruction) {
  Machine machine;
  machine.long_mode();
  halt_on(machine, 1);

  // pushfq / or qword [rsp],0x100 / popfq / nop / nop
  ASSERT_TRUE(
      machine.run_code({0x9c, 0x48, 0x81, 0x0c, 0x24, 0, 1, 0, 0, 0x9d, 0x90, 0x90}));

  EXPECT_EQ(machine.get<u64>(stack_top - 40), code_at + 11);
  EXPECT_EQ(machine.vcpu->regs().rflags & 0x100, 0u);
}

TEST(SoftCpuExceptions, fault_without_a_gate_becomes_a_double_fault) {
  Machine machine;
  machine.long_mode();
  halt_on(machine, 8);

  ASSERT_TRUE(machine.run_code({0x31, 0xc9, 0xf7, 0xf1}));  // #DE, whose gate is absent

  EXPECT_EQ(machine.vcpu->regs().rip, handler_at + 1);
  EXPECT_EQ(machine.get<u64>(stack_top - 48), 0u);  // error code of #DF
}

TEST(SoftCpuExceptions, nothing_in_the_idt_is_a_triple_fault) {
  Machine machine;
  machine.long_mode();
  machine.write(code_at, {0x0f, 0x0b});

  EXPECT_TRUE(std::holds_alternative<core::exit::Shutdown>(machine.run()));
}

TEST(SoftCpuExceptions, sti_holds_interrupts_off_for_one_instruction) {
  Machine machine;
  machine.long_mode();
  machine.write(code_at, {0xfb, 0x90, 0x90, 0xf4});  // sti / nop / nop / hlt
  machine.vcpu->request_irq_window(true);

  core::Exit exit = machine.run();

  EXPECT_TRUE(std::holds_alternative<core::exit::IrqWindow>(exit));
  EXPECT_EQ(machine.vcpu->regs().rip, code_at + 2);
  EXPECT_TRUE(machine.vcpu->ready_for_irq());
}

TEST(SoftCpuExceptions, injected_interrupt_goes_through_the_idt) {
  Machine machine;
  machine.long_mode();
  halt_on(machine, 0x20);
  machine.write(code_at, {0xfb, 0xf4});
  ASSERT_TRUE(machine.halts());
  ASSERT_TRUE(machine.vcpu->ready_for_irq());

  machine.vcpu->inject_irq(0x20);

  EXPECT_TRUE(machine.halts());
  EXPECT_EQ(machine.vcpu->regs().rip, handler_at + 1);
  EXPECT_EQ(machine.get<u64>(stack_top - 40), code_at + 2);
}

TEST(SoftCpuExceptions, mov_ss_holds_the_single_step_trap_off) {
  Machine machine;
  machine.real_mode();
  machine.put<u32>(1 * 4, 0x1800);
  machine.write(handler_at, {0xf4});
  core::Regs regs = machine.vcpu->regs();
  regs.rflags |= 0x100;
  machine.vcpu->set_regs(regs);

  ASSERT_TRUE(machine.run_code({0x8e, 0xd0, 0x90, 0x90}));  // mov ss,ax / nop / nop

  EXPECT_EQ(machine.get<u16>(stack_top - 6), code_at + 3);
}

}  // namespace
}  // namespace softcpu_test
