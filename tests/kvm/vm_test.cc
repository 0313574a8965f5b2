#include "kvm/vm.h"

#include <algorithm>

#include "machine_code.h"

namespace kvm_test {
namespace {

using KvmVm = MachineCode;

TEST_F(KvmVm, the_dirty_log_names_exactly_the_written_page) {
  vm->set_memory_slot(0, 0, ram.bytes(), KVM_MEM_LOG_DIRTY_PAGES);
  start({0xc6, 0x06, 0x10, 0x50, 0x01,  // movb $1, 0x5010
         0xf4});                        // hlt
  vm->dirty_log(0, ram_size);
  vcpu->run();

  std::vector<std::uint64_t> log = vm->dirty_log(0, ram_size);

  ASSERT_EQ(log.size(), 1u);
  // Page 1 holds the code: an emulated processor may map it for writing to fetch it.
  EXPECT_EQ(log[0] & ~(1ull << 1), 1ull << 5);
}

TEST_F(KvmVm, the_irqchip_state_is_set_and_read_back) {
  vm->create_irqchip();
  kvm_irqchip state = vm->irqchip(KVM_IRQCHIP_PIC_MASTER);
  state.chip.pic.imr = 0xa5;

  vm->set_irqchip(state);

  EXPECT_EQ(vm->irqchip(KVM_IRQCHIP_PIC_MASTER).chip.pic.imr, 0xa5);
}

TEST_F(KvmVm, an_irq_line_shows_in_the_8259s_request_register) {
  vm->create_irqchip();

  vm->irq_line(4, true);

  EXPECT_NE(vm->irqchip(KVM_IRQCHIP_PIC_MASTER).chip.pic.irr & (1 << 4), 0);
}

TEST_F(KvmVm, the_pit_can_be_created_and_its_state_read_back) {
  vm->create_irqchip();
  vm->create_pit2(KVM_PIT_SPEAKER_DUMMY);
  kvm_pit_state2 state = vm->pit2();
  state.channels[0].count = 1000;
  state.channels[0].mode = 2;

  vm->set_pit2(state);

  EXPECT_EQ(vm->pit2().channels[0].count, 1000u);
}

TEST_F(KvmVm, the_clock_does_not_run_backwards_after_it_was_set) {
  vm->set_clock(1'000'000'000);

  EXPECT_GE(vm->clock().clock, 1'000'000'000u);
}

TEST_F(KvmVm, a_second_irqchip_is_refused_by_name) {
  vm->create_irqchip();

  try {
    vm->create_irqchip();
    FAIL() << "a second irqchip was accepted";
  } catch (const std::system_error& e) {
    EXPECT_STREQ(e.what(), "KVM_CREATE_IRQCHIP on vm: File exists");
  }
}

TEST_F(KvmVm, overlapping_slots_are_refused) {
  kvm::Mapping more = kvm::Mapping::anonymous(0x1000);

  EXPECT_THROW(vm->set_memory_slot(1, 0x2000, more.bytes(), 0), std::system_error);
}

TEST_F(KvmVm, a_deleted_slot_frees_its_addresses) {
  vm->delete_memory_slot(0);

  EXPECT_NO_THROW(vm->set_memory_slot(1, 0x2000, ram.bytes(), 0));
}

TEST_F(KvmVm, supported_cpuid_has_leaf_zero_and_one) {
  std::vector<kvm_cpuid_entry2> entries = system->supported_cpuid();

  for (std::uint32_t leaf : {0u, 1u}) {
    EXPECT_TRUE(std::any_of(entries.begin(), entries.end(), [leaf](const auto& e) {
      return e.function == leaf;
    })) << leaf;
  }
}

TEST_F(KvmVm, the_msr_list_has_the_syscall_register) {
  std::vector<std::uint32_t> list = system->msr_index_list();

  EXPECT_EQ(std::count(list.begin(), list.end(), 0xc0000081u), 1);  // STAR
}

}  // namespace
}  // namespace kvm_test
