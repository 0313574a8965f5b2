// kvm-accel through core's interfaces, and the conversions below it.
#include <array>
#include <bit>
#include <cstring>
#include <thread>

#include <gtest/gtest.h>

#include "accel/kvm_state.h"
#include "accel/kvm_vcpu.h"
#include "core/accel.h"
#include "core/run_state.h"
#include "kvm/mapping.h"
#include "qom/module.h"

namespace {

using namespace core;

constinit const TypeInfo cpu_info{.name = "test-cpu", .parent = TYPE_CPU};

void register_cpu() {
  type_register_static(cpu_info);
}

type_init(register_cpu);

AccelState* new_accel() {
  static const bool once = [] {
    module_call_init(MODULE_INIT_QOM);
    return true;
  }();
  static_cast<void>(once);
  return object_cast<AccelState>(object_new("kvm-accel"));
}

TEST(KvmState, general_registers_survive_the_way_there_and_back) {
  std::array<std::uint64_t, sizeof(Regs) / 8> numbers;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = 0x1111111111111111ull * (i % 15 + 1) + i;
  }
  Regs regs = std::bit_cast<Regs>(numbers);

  Regs back = accel::regs_from_kvm(accel::regs_to_kvm(regs));

  EXPECT_EQ((std::bit_cast<std::array<std::uint64_t, sizeof(Regs) / 8>>(back)), numbers);
}

TEST(KvmState, segments_keep_every_attribute) {
  Sregs sregs;
  sregs.ss = {.base = 0x1234,
              .limit = 0xfffff,
              .selector = 0x2b,
              .type = 3,
              .present = true,
              .s = true,
              .db = true,
              .l = false,
              .g = true,
              .avl = true,
              .dpl = 3,
              .unusable = true};

  Segment back = accel::sregs_from_kvm(accel::sregs_to_kvm(sregs, {})).ss;

  EXPECT_EQ(back.base, 0x1234u);
  EXPECT_EQ(back.limit, 0xfffffu);
  EXPECT_EQ(back.selector, 0x2b);
  EXPECT_EQ(back.type, 3);
  EXPECT_EQ(back.dpl, 3);
  EXPECT_TRUE(back.present && back.s && back.db && back.g && back.avl && back.unusable);
  EXPECT_FALSE(back.l);
}

TEST(KvmState, what_core_cannot_say_is_kept_from_the_base) {
  kvm_sregs base{};
  base.interrupt_bitmap[1] = 0x40;

  EXPECT_EQ(accel::sregs_to_kvm(Sregs{}, base).interrupt_bitmap[1], 0x40u);
}

TEST(KvmState, the_fpu_survives_the_way_there_and_back) {
  Fpu fpu;
  fpu.st[7][15] = 0x77;
  fpu.xmm[15][0] = 0x15;
  fpu.ftw = 0x80;

  Fpu back = accel::fpu_from_kvm(accel::fpu_to_kvm(fpu));

  EXPECT_EQ(back.st, fpu.st);
  EXPECT_EQ(back.xmm, fpu.xmm);
  EXPECT_EQ(back.ftw, 0x80);
  EXPECT_EQ(back.mxcsr, 0x1f80u);
}

TEST(KvmState, an_execution_breakpoint_sets_its_global_bit_only) {
  DebugControl control;
  control.enabled = true;
  control.breakpoint[2] = 0x7c05;
  control.breakpoint_mask = 1 << 2;

  kvm_guest_debug debug = accel::debug_to_kvm(control);

  EXPECT_EQ(debug.control, KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_USE_HW_BP);
  EXPECT_EQ(debug.arch.debugreg[2], 0x7c05u);
  EXPECT_EQ(debug.arch.debugreg[7], 0x420u);
}

TEST(KvmState, the_first_instruction_is_sixteen_bytes_below_four_gib) {
  EXPECT_EQ(accel::power_on_sregs(0).cs.base + accel::power_on_regs(0).rip, 0xfffffff0u);
}

// A machine of one page with vitrine's own accelerator.
class KvmAccel : public testing::Test {
 protected:
  void SetUp() override {
    accel = Ref<AccelState>(new_accel());
    try {
      class_of<AccelClass>(accel.get())->init_machine(accel.get(), &machine);
    } catch (const Error& e) {
      GTEST_SKIP() << e.what() << ": " << e.hint;
    }
    ram = kvm::Mapping::anonymous(0x10000);
    accel->vm->map_memory(0, GuestPhysAddr{0}, ram.bytes(), MemoryAccess::read_write);
  }

  void start(const char* irqchip, std::initializer_list<std::uint8_t> code) {
    machine.kernel_irqchip = irqchip;
    cpu = Ref<CpuState>(object_cast<CpuState>(object_new("test-cpu")));
    cpu_common_realize(cpu.get());
    class_of<AccelClass>(accel.get())->setup_post(accel.get(), &machine);
    std::memcpy(&ram.bytes()[0x1000], code.begin(), code.size());
    vcpu = accel->vm->create_vcpu(0);
    enter();
  }

  void enter() {
    vcpu->reset();
    Sregs sregs = vcpu->sregs();
    sregs.cs.base = 0;
    sregs.cs.selector = 0;
    vcpu->set_sregs(sregs);
    Regs regs = vcpu->regs();
    regs.rip = 0x1000;
    vcpu->set_regs(regs);
  }

  MachineState machine;
  kvm::Mapping ram;
  Ref<AccelState> accel;
  Ref<CpuState> cpu;  // in the list of CPUs; its vCPU is made by the test
  std::unique_ptr<Vcpu> vcpu;
};

TEST_F(KvmAccel, is_a_child_of_accel_and_called_KVM) {
  EXPECT_STREQ(class_of<AccelClass>(accel.get())->name, "KVM");
  EXPECT_NE(object_dynamic_cast(accel.get(), TYPE_ACCEL), nullptr);
}

TEST_F(KvmAccel, more_cpus_than_the_kernel_can_do_are_refused_with_both_numbers) {
  MachineState huge;
  huge.smp_cpus = 1 << 20;
  Ref<AccelState> second(new_accel());

  try {
    class_of<AccelClass>(second.get())->init_machine(second.get(), &huge);
    FAIL() << "a million CPUs were accepted";
  } catch (const Error& e) {
    EXPECT_EQ(
        e.hint.find("Number of SMP cpus requested (1048576) exceeds the maximum cpus "
                    "supported by KVM ("),
        0u)
        << e.hint;
  }
}

TEST_F(KvmAccel, an_out_is_cores_io_exit_with_its_rip) {
  start("off", {0xb0, 0x41,    // mov $0x41, %al
                0xe6, 0x80});  // out %al, $0x80

  Exit e = vcpu->run();

  const auto* io = std::get_if<exit::Io>(&e);
  ASSERT_NE(io, nullptr);
  EXPECT_EQ(io->port, Port{0x80});
  EXPECT_EQ(io->data[0], std::byte{0x41});
  EXPECT_EQ(vcpu->exit_rip(), vcpu->regs().rip);
}

TEST_F(KvmAccel, reset_brings_back_the_power_on_state_after_a_run) {
  start("off", {0xb8, 0x34, 0x12,  // mov $0x1234, %ax
                0xf4});            // hlt
  vcpu->run();
  vcpu->set_msr(0x175, 0x8000);

  vcpu->reset();

  EXPECT_EQ(vcpu->regs().rip, 0xfff0u);
  EXPECT_EQ(vcpu->regs().rax, 0u);
  EXPECT_EQ(vcpu->sregs().cs.selector, 0xf000);
  EXPECT_EQ(vcpu->msr(0x175), 0u);
}

TEST_F(KvmAccel, a_reset_vcpu_runs_again) {
  start("off", {0xe6, 0x80,  // out %al, $0x80
                0xf4});      // hlt
  vcpu->run();
  vcpu->run();

  enter();

  EXPECT_TRUE(std::holds_alternative<exit::Io>(vcpu->run()));
}

TEST_F(KvmAccel, the_guest_is_told_that_it_is_one) {
  bool told = false;

  for (const CpuidEntry& entry : accel->vm->supported_cpuid()) {
    told |= entry.function == 1 && (entry.ecx & 1u << 31) != 0;
  }

  EXPECT_TRUE(told);
}

TEST_F(KvmAccel, with_irqchip_off_there_is_none_and_hlt_exits) {
  start("off", {0xf4});  // hlt

  EXPECT_EQ(accel->kernel_irqchip, nullptr);
  EXPECT_TRUE(std::holds_alternative<exit::Hlt>(vcpu->run()));
}

TEST_F(KvmAccel, with_irqchip_on_hlt_sleeps_in_the_kernel_until_asked_to_exit) {
  start("on", {0xf4});  // hlt

  ASSERT_NE(accel->kernel_irqchip, nullptr);
  std::thread other([this] { vcpu->request_exit(); });
  Exit e = vcpu->run();
  other.join();

  EXPECT_TRUE(std::holds_alternative<exit::Intr>(e));
}

TEST_F(KvmAccel, a_machine_without_a_CPU_gets_no_irqchip) {
  machine.kernel_irqchip = "on";

  class_of<AccelClass>(accel.get())->setup_post(accel.get(), &machine);

  EXPECT_EQ(accel->kernel_irqchip, nullptr);
}

TEST_F(KvmAccel, with_irqchip_on_a_raised_line_reaches_the_guest) {
  start("on", {0xb0, 0x11, 0xe6, 0x20,          // 8259: ICW1
               0xb0, 0x20, 0xe6, 0x21,          // ICW2: vectors from 0x20
               0xb0, 0x04, 0xe6, 0x21,          // ICW3
               0xb0, 0x01, 0xe6, 0x21,          // ICW4
               0xb0, 0xef, 0xe6, 0x21,          // mask: IRQ 4 only
               0xfb, 0xf4,                      // sti, hlt
               0xeb, 0xfd});                    // jmp back to hlt
  const std::uint8_t handler[] = {0xe6, 0x99};  // out %al, $0x99
  std::memcpy(&ram.bytes()[0x3000], handler, sizeof handler);
  const std::uint16_t vector[] = {0x3000, 0};
  std::memcpy(&ram.bytes()[0x24 * 4], vector, sizeof vector);
  Regs regs = vcpu->regs();
  regs.rsp = 0x8000;
  vcpu->set_regs(regs);

  ASSERT_NE(accel->kernel_irqchip, nullptr);
  // From another thread, again and again: the line is noticed once it is unmasked.
  std::jthread other([this](std::stop_token stop) {
    while (!stop.stop_requested()) {
      accel->kernel_irqchip->set_irq(4, true);
      accel->kernel_irqchip->set_irq(4, false);
    }
  });
  Exit e = vcpu->run();

  const auto* io = std::get_if<exit::Io>(&e);
  ASSERT_NE(io, nullptr);
  EXPECT_EQ(io->port, Port{0x99});
}

TEST_F(KvmAccel, with_irqchip_on_a_second_vcpu_waits_to_be_started_after_a_reset_too) {
  start("on", {0xf4});
  const std::unique_ptr<Vcpu> second = accel->vm->create_vcpu(1);
  const auto state = [&] {
    return static_cast<accel::KvmVcpu&>(*second).vcpu().mp_state().mp_state;
  };
  second->reset();
  ASSERT_EQ(state(), static_cast<unsigned>(KVM_MP_STATE_UNINITIALIZED));
  second->request_exit();
  second->run();

  second->reset();

  EXPECT_EQ(state(), static_cast<unsigned>(KVM_MP_STATE_UNINITIALIZED));
}

TEST_F(KvmAccel, a_request_before_run_ends_it) {
  start("off", {0xeb, 0xfe});  // jmp .

  vcpu->request_exit();

  EXPECT_TRUE(std::holds_alternative<exit::Intr>(vcpu->run()));
}

TEST_F(KvmAccel, a_slot_mapped_again_moves) {
  kvm::Mapping more = kvm::Mapping::anonymous(0x1000);
  accel->vm->map_memory(1, GuestPhysAddr{0x100000}, more.bytes(),
                        MemoryAccess::read_write);

  EXPECT_NO_THROW(accel->vm->map_memory(1, GuestPhysAddr{0x200000}, more.bytes(),
                                        MemoryAccess::read_write));
}

TEST_F(KvmAccel, an_instruction_kvm_cannot_do_is_an_internal_error_with_its_bytes) {
  start("off", {0x0f, 0xc7, 0x0e, 0x00, 0x20,  // cmpxchg8b 0x2000: fine everywhere
                0xd9, 0xff,                    // fcos
                0xf4});                        // hlt
  Exit e = vcpu->run();

  const auto* error = std::get_if<exit::InternalError>(&e);
  if (error == nullptr) {
    GTEST_SKIP() << "this host's KVM executes every instruction";
  }
  EXPECT_NE(error->why.find("suberror 1 (emulation failure)"), std::string::npos)
      << error->why;
  ASSERT_GE(error->byte_count, 2);
  EXPECT_EQ(error->bytes[0], 0xd9);
  EXPECT_EQ(error->bytes[1], 0xff);
}

}  // namespace
