// kvm/ against the kernel itself: tiny guests of a few bytes each.
#include "kvm/vcpu.h"

#include <cstring>
#include <thread>

#include "machine_code.h"

namespace kvm_test {
namespace {

using KvmVcpu = MachineCode;

template <class T>
const T* as(const kvm::Exit& e) {
  return std::get_if<T>(&e);
}

TEST_F(KvmVcpu, out_arrives_with_port_size_and_data) {
  start({0xb0, 0x41,    // mov $0x41, %al
         0xe6, 0xe9});  // out %al, $0xe9

  kvm::Exit e = vcpu->run();

  const auto* io = as<kvm::exit::Io>(e);
  ASSERT_NE(io, nullptr);
  EXPECT_EQ(io->port, 0xe9);
  EXPECT_EQ(io->size, 1);
  EXPECT_EQ(io->count, 1u);
  EXPECT_EQ(io->direction, kvm::exit::Direction::out);
  EXPECT_EQ(text(io->data), "A");
}

TEST_F(KvmVcpu, what_we_write_into_an_in_exit_reaches_the_guest) {
  start({0xe4, 0x60,  // in $0x60, %al
         0xf4});      // hlt
  kvm::Exit e = vcpu->run();
  const auto* io = as<kvm::exit::Io>(e);
  ASSERT_NE(io, nullptr);
  ASSERT_EQ(io->direction, kvm::exit::Direction::in);

  io->data[0] = std::byte{0x5a};
  kvm::Exit next = vcpu->run();

  EXPECT_NE(as<kvm::exit::Hlt>(next), nullptr);
  EXPECT_EQ(vcpu->regs().rax & 0xff, 0x5au);
}

TEST_F(KvmVcpu, rep_outsb_delivers_every_byte_in_order) {
  start({0xbe, 0x0b, 0x10,  // mov $0x100b, %si
         0xb9, 0x05, 0x00,  // mov $5, %cx
         0xba, 0xf8, 0x03,  // mov $0x3f8, %dx
         0xf3, 0x6e,        // rep outsb
         'h', 'e', 'l', 'l', 'o'});
  ram.bytes()[0x1010] = std::byte{0xf4};  // hlt
  std::string seen;

  for (kvm::Exit e = vcpu->run(); as<kvm::exit::Io>(e); e = vcpu->run()) {
    const auto* io = as<kvm::exit::Io>(e);
    EXPECT_EQ(io->data.size(), std::size_t{io->size} * io->count);
    seen += text(io->data);
    if (seen.size() >= 5) {
      break;
    }
  }

  EXPECT_EQ(seen, "hello");
}

TEST_F(KvmVcpu, rep_insb_fills_guest_memory_from_all_items) {
  start({0xbf, 0x00, 0x20,  // mov $0x2000, %di
         0xb9, 0x04, 0x00,  // mov $4, %cx
         0xba, 0x01, 0x05,  // mov $0x501, %dx
         0xf3, 0x6c,        // rep insb
         0xf4});            // hlt
  int next = 0;

  kvm::Exit e = vcpu->run();
  for (; as<kvm::exit::Io>(e); e = vcpu->run()) {
    for (std::byte& item : as<kvm::exit::Io>(e)->data) {
      item = std::byte("QEMU"[next++ % 4]);
    }
  }

  EXPECT_NE(as<kvm::exit::Hlt>(e), nullptr);
  EXPECT_EQ(text(ram.bytes().subspan(0x2000, 4)), "QEMU");
}

TEST_F(KvmVcpu, memory_without_a_slot_exits_as_mmio) {
  start({0xb8, 0x00, 0x90,                      // mov $0x9000, %ax
         0x8e, 0xd8,                            // mov %ax, %ds
         0xc7, 0x06, 0x10, 0x00, 0x34, 0x12});  // movw $0x1234, 0x10

  kvm::Exit e = vcpu->run();

  const auto* mmio = as<kvm::exit::Mmio>(e);
  ASSERT_NE(mmio, nullptr);
  EXPECT_EQ(mmio->address, 0x90010u);
  EXPECT_EQ(mmio->direction, kvm::exit::Direction::out);
  EXPECT_EQ(text(mmio->data), "\x34\x12");
}

TEST_F(KvmVcpu, a_write_to_a_read_only_slot_exits_as_mmio_and_changes_nothing) {
  kvm::Mapping rom = kvm::Mapping::anonymous(0x1000);
  vm->set_memory_slot(1, 0x90000, rom.bytes(), KVM_MEM_READONLY);
  start({0xb8, 0x00, 0x90,                // mov $0x9000, %ax
         0x8e, 0xd8,                      // mov %ax, %ds
         0xc6, 0x06, 0x00, 0x00, 0x77});  // movb $0x77, 0

  kvm::Exit e = vcpu->run();

  ASSERT_NE(as<kvm::exit::Mmio>(e), nullptr);
  EXPECT_EQ(rom.bytes()[0], std::byte{0});
}

TEST_F(KvmVcpu, hlt_exits_when_no_irqchip_is_in_the_kernel) {
  start({0xf4});  // hlt

  EXPECT_NE(as<kvm::exit::Hlt>(vcpu->run()), nullptr);
}

TEST_F(KvmVcpu, a_triple_fault_exits_as_shutdown) {
  start({0x0f, 0x0b});  // ud2: #UD has no vector, nor has #DF
  kvm_sregs sregs = vcpu->sregs();
  sregs.cr0 |= 1;  // protected mode: an IDT of limit 0 has no vectors
  sregs.cs.db = 1;
  sregs.idt.limit = 0;
  vcpu->set_sregs(sregs);

  EXPECT_NE(as<kvm::exit::Shutdown>(vcpu->run()), nullptr);
}

TEST_F(KvmVcpu, a_request_before_run_ends_it_at_once_and_only_once) {
  start({0xf4});  // hlt

  vcpu->request_exit();

  EXPECT_NE(as<kvm::exit::Interrupted>(vcpu->run()), nullptr);
  EXPECT_NE(as<kvm::exit::Hlt>(vcpu->run()), nullptr);
}

TEST_F(KvmVcpu, another_thread_stops_an_endless_loop) {
  start({0xe6, 0x80,    // out %al, $0x80
         0xeb, 0xfe});  // jmp .
  ASSERT_NE(as<kvm::exit::Io>(vcpu->run()), nullptr);

  std::thread other([this] { vcpu->request_exit(); });
  kvm::Exit e = vcpu->run();
  other.join();

  EXPECT_NE(as<kvm::exit::Interrupted>(e), nullptr);
}

TEST_F(KvmVcpu, single_step_exits_after_one_instruction) {
  start({0x90,    // nop
         0x90});  // nop
  kvm_guest_debug debug{};
  debug.control = KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_SINGLESTEP;
  vcpu->set_guest_debug(debug);

  kvm::Exit e = vcpu->run();

  const auto* step = as<kvm::exit::Debug>(e);
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->pc, code_address + 1);
}

TEST_F(KvmVcpu, registers_after_an_exit_need_no_ioctl_and_are_the_kernels) {
  start({0xb8, 0x34, 0x12,  // mov $0x1234, %ax
         0xf4});            // hlt
  vcpu->run();

  kvm_regs from_page = vcpu->regs();
  kvm_guest_debug off{};
  vcpu->set_guest_debug(off);  // makes the page's copy stale
  kvm_regs from_kernel = vcpu->regs();

  EXPECT_EQ(from_page.rax & 0xffff, 0x1234u);
  EXPECT_EQ(from_page.rip, from_kernel.rip);
  EXPECT_EQ(from_page.rax, from_kernel.rax);
}

TEST_F(KvmVcpu, registers_that_were_set_are_read_back) {
  start({0xf4});  // hlt
  kvm_regs regs = vcpu->regs();
  regs.r15 = 0x1122334455667788;

  vcpu->set_regs(regs);

  EXPECT_EQ(vcpu->regs().r15, 0x1122334455667788u);
}

TEST_F(KvmVcpu, an_msr_is_set_and_read_back) {
  start({0xf4});  // hlt

  EXPECT_TRUE(vcpu->set_msr(0x175, 0x8000));  // IA32_SYSENTER_ESP

  EXPECT_EQ(vcpu->msr(0x175), 0x8000u);
}

TEST_F(KvmVcpu, an_msr_that_does_not_exist_is_no_value) {
  start({0xf4});  // hlt

  EXPECT_EQ(vcpu->msr(0x12345678), std::nullopt);
}

TEST_F(KvmVcpu, an_interrupt_of_ours_reaches_its_vector) {
  start({0xfb,                                  // sti
         0x90,                                  // nop
         0xe6, 0x80,                            // out %al, $0x80
         0xeb, 0xfc});                          // jmp back to the out
  const std::uint8_t handler[] = {0xe6, 0x99};  // out %al, $0x99
  std::memcpy(&ram.bytes()[0x3000], handler, sizeof handler);
  const std::uint16_t vector[] = {0x3000, 0};  // IP and CS in the real-mode table
  std::memcpy(&ram.bytes()[0x20 * 4], vector, sizeof vector);
  vcpu->request_interrupt_window(true);
  int port = 0;

  for (int i = 0; i < 10 && port != 0x99; ++i) {
    kvm::Exit e = vcpu->run();
    if (const auto* io = as<kvm::exit::Io>(e)) {
      port = io->port;
    }
    if (vcpu->ready_for_interrupt() && port != 0x99) {
      vcpu->request_interrupt_window(false);
      vcpu->interrupt(0x20);
    }
  }

  EXPECT_EQ(port, 0x99);
}

TEST_F(KvmVcpu, an_injected_exception_reaches_its_vector) {
  start({0x90,                                  // nop
         0xeb, 0xfe});                          // jmp .
  const std::uint8_t handler[] = {0xe6, 0x06};  // out %al, $0x06
  std::memcpy(&ram.bytes()[0x3000], handler, sizeof handler);
  const std::uint16_t vector[] = {0x3000, 0};
  std::memcpy(&ram.bytes()[6 * 4], vector, sizeof vector);

  vcpu->inject_exception(6, std::nullopt);
  kvm::Exit e = vcpu->run();

  const auto* io = as<kvm::exit::Io>(e);
  ASSERT_NE(io, nullptr);
  EXPECT_EQ(io->port, 6);
}

TEST_F(KvmVcpu, an_nmi_reaches_vector_two) {
  start({0x90,                                  // nop
         0xeb, 0xfe});                          // jmp .
  const std::uint8_t handler[] = {0xe6, 0x02};  // out %al, $0x02
  std::memcpy(&ram.bytes()[0x3000], handler, sizeof handler);
  const std::uint16_t vector[] = {0x3000, 0};
  std::memcpy(&ram.bytes()[2 * 4], vector, sizeof vector);

  vcpu->nmi();
  kvm::Exit e = vcpu->run();

  const auto* io = as<kvm::exit::Io>(e);
  ASSERT_NE(io, nullptr);
  EXPECT_EQ(io->port, 2);
}

TEST_F(KvmVcpu, a_failed_request_names_itself_and_the_vcpu) {
  start({0xf4});  // hlt
  kvm_sregs sregs = vcpu->sregs();
  sregs.cr0 = 0xffffffff00000000;  // upper bits are reserved

  try {
    vcpu->set_sregs(sregs);
    FAIL() << "KVM took a CR0 with reserved bits";
  } catch (const std::system_error& e) {
    EXPECT_STREQ(e.what(), "KVM_SET_SREGS on vcpu 0: Invalid argument");
  }
}

}  // namespace
}  // namespace kvm_test
