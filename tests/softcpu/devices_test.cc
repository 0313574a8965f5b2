// Ports and device memory: exits, their data, and instructions that complete after.
#include <gtest/gtest.h>

#include "machine.h"

namespace softcpu_test {
namespace {

constexpr u64 device_at = 0x300000;  // no memory there

template <class E>
E expect_exit(Machine& machine) {
  core::Exit exit = machine.vcpu->run();
  if (auto* wanted = std::get_if<E>(&exit)) {
    return *wanted;
  }
  ADD_FAILURE() << "exit " << exit.index();
  return E{};
}

template <class E>
void fill(E& exit, std::initializer_list<int> bytes) {
  ASSERT_LE(bytes.size(), exit.data.size());
  std::size_t i = 0;
  for (int byte : bytes) {
    exit.data[i++] = static_cast<std::byte>(byte);
  }
}

void set_up(Machine& machine, std::vector<u8> code) {
  machine.protected_mode();
  code.push_back(0xf4);
  machine.write(code_at, code);
}

TEST(SoftCpuDevices, out_completes_before_the_exit) {
  Machine machine;
  set_up(machine, {0xe7, 0x80});  // out 0x80,eax
  core::Regs regs = machine.vcpu->regs();
  regs.rax = 0x11223344;
  machine.vcpu->set_regs(regs);

  auto io = expect_exit<core::exit::Io>(machine);

  EXPECT_EQ(io.port.value, 0x80);
  EXPECT_EQ(io.data.size(), 4u);
  EXPECT_EQ(io.data[0], std::byte{0x44});
  EXPECT_EQ(machine.vcpu->regs().rip, code_at + 2);
}

TEST(SoftCpuDevices, in_takes_the_data_at_the_next_run) {
  Machine machine;
  set_up(machine, {0xed});  // in eax,dx
  core::Regs regs = machine.vcpu->regs();
  regs.rdx = 0x1f0;
  machine.vcpu->set_regs(regs);

  auto io = expect_exit<core::exit::Io>(machine);
  EXPECT_EQ(io.direction, core::Direction::in);
  EXPECT_FALSE(machine.vcpu->ready_for_irq());
  fill(io, {1, 2, 3, 4});

  EXPECT_TRUE(machine.halts());
  EXPECT_EQ(machine.vcpu->regs().rax, 0x04030201u);
}

TEST(SoftCpuDevices, rep_outs_is_one_exit_with_a_count) {
  Machine machine;
  set_up(machine, {0xf3, 0x66, 0x6f});  // rep outsw
  core::Regs regs = machine.vcpu->regs();
  regs.rdx = 0x1f0;
  regs.rsi = data_at;
  regs.rcx = 5;
  machine.vcpu->set_regs(regs);
  machine.put<u64>(data_at, 0x4444333322221111);

  auto io = expect_exit<core::exit::Io>(machine);

  EXPECT_EQ(io.count, 5u);
  EXPECT_EQ(io.size, 2u);
  EXPECT_EQ(io.data[2], std::byte{0x22});
  EXPECT_EQ(machine.vcpu->regs().rcx, 0u);
  EXPECT_EQ(machine.vcpu->regs().rsi, data_at + 10);
}

TEST(SoftCpuDevices, rep_outs_stops_at_the_page) {
  Machine machine;
  set_up(machine, {0xf3, 0x6e});  // rep outsb
  core::Regs regs = machine.vcpu->regs();
  regs.rsi = data_at + 0xffd;
  regs.rcx = 5;
  machine.vcpu->set_regs(regs);

  auto first = expect_exit<core::exit::Io>(machine);
  u32 first_count = first.count;
  EXPECT_EQ(machine.vcpu->regs().rip, code_at);
  auto second = expect_exit<core::exit::Io>(machine);

  EXPECT_EQ(first_count, 3u);
  EXPECT_EQ(second.count, 2u);
  EXPECT_EQ(machine.vcpu->regs().rip, code_at + 2);
}

TEST(SoftCpuDevices, rep_ins_stores_what_the_machine_filled_in) {
  Machine machine;
  set_up(machine, {0xf3, 0x6c});  // rep insb
  core::Regs regs = machine.vcpu->regs();
  regs.rdi = data_at;
  regs.rcx = 3;
  machine.vcpu->set_regs(regs);

  auto io = expect_exit<core::exit::Io>(machine);
  EXPECT_EQ(io.count, 3u);
  fill(io, {'a', 'b', 'c'});
  EXPECT_TRUE(machine.halts());

  EXPECT_EQ(machine.get<u8>(data_at + 2), 'c');
  EXPECT_EQ(machine.vcpu->regs().rdi, data_at + 3);
}

TEST(SoftCpuDevices, device_read_completes_at_the_next_run) {
  Machine machine;
  set_up(machine, {0x66, 0x03, 0x07});  // add ax,[edi]
  core::Regs regs = machine.vcpu->regs();
  regs.rdi = device_at;
  regs.rax = 1;
  machine.vcpu->set_regs(regs);

  auto mmio = expect_exit<core::exit::Mmio>(machine);
  EXPECT_EQ(mmio.address.value, device_at);
  EXPECT_EQ(mmio.data.size(), 2u);
  fill(mmio, {0x10, 0x20});

  EXPECT_TRUE(machine.halts());
  EXPECT_EQ(machine.vcpu->regs().rax, 0x2011u);
}

TEST(SoftCpuDevices, device_write_completes_before_the_exit) {
  Machine machine;
  set_up(machine, {0x89, 0x07});  // mov [edi],eax
  core::Regs regs = machine.vcpu->regs();
  regs.rdi = device_at;
  regs.rax = 0xaabbccdd;
  machine.vcpu->set_regs(regs);

  auto mmio = expect_exit<core::exit::Mmio>(machine);

  EXPECT_EQ(mmio.direction, core::Direction::out);
  EXPECT_EQ(mmio.data[3], std::byte{0xaa});
  EXPECT_EQ(machine.vcpu->regs().rip, code_at + 2);
  EXPECT_TRUE(machine.halts());
}

TEST(SoftCpuDevices, read_modify_write_reads_and_writes_once) {
  Machine machine;
  set_up(machine, {0x80, 0x07, 0x05});  // add byte [edi],5
  core::Regs regs = machine.vcpu->regs();
  regs.rdi = device_at;
  machine.vcpu->set_regs(regs);

  auto read = expect_exit<core::exit::Mmio>(machine);
  EXPECT_EQ(read.direction, core::Direction::in);
  fill(read, {0x10});
  auto write = expect_exit<core::exit::Mmio>(machine);

  EXPECT_EQ(write.direction, core::Direction::out);
  EXPECT_EQ(write.data[0], std::byte{0x15});
  EXPECT_TRUE(machine.halts());
}

TEST(SoftCpuDevices, rep_movs_tells_every_device_item) {
  Machine machine;
  set_up(machine, {0xf3, 0xa4});  // rep movsb
  core::Regs regs = machine.vcpu->regs();
  regs.rsi = data_at;
  regs.rdi = device_at;
  regs.rcx = 2;
  machine.vcpu->set_regs(regs);
  machine.put<u16>(data_at, 0x4241);

  auto first = expect_exit<core::exit::Mmio>(machine);
  EXPECT_EQ(first.data[0], std::byte{0x41});
  auto second = expect_exit<core::exit::Mmio>(machine);

  EXPECT_EQ(second.address.value, device_at + 1);
  EXPECT_EQ(second.data[0], std::byte{0x42});
  EXPECT_TRUE(machine.halts());
}

TEST(SoftCpuDevices, write_to_read_only_memory_goes_to_the_machine) {
  Machine machine;
  set_up(machine, {0x89, 0x07, 0x8b, 0x1f});  // mov [edi],eax / mov ebx,[edi]
  auto rom = std::make_unique<Page>();
  u32 content = 0x524f4d21;
  std::memcpy(rom.get(), &content, 4);
  machine.vm->map_memory(1, core::GuestPhysAddr{device_at},
                         {reinterpret_cast<std::byte*>(rom.get()), sizeof(Page)},
                         core::MemoryAccess::read_only);
  core::Regs regs = machine.vcpu->regs();
  regs.rdi = device_at;
  machine.vcpu->set_regs(regs);

  auto mmio = expect_exit<core::exit::Mmio>(machine);
  EXPECT_EQ(mmio.direction, core::Direction::out);
  EXPECT_TRUE(machine.halts());

  EXPECT_EQ(machine.vcpu->regs().rbx, content);
  machine.vm->unmap_memory(1);
}

TEST(SoftCpuDevices, request_exit_is_sticky) {
  Machine machine;
  set_up(machine, {0xeb, 0xfe});  // jmp self
  machine.vcpu->request_exit();

  expect_exit<core::exit::Intr>(machine);
}

TEST(SoftCpuDevices, deadline_ends_the_run_at_its_instruction) {
  Machine machine;
  set_up(machine, {0xeb, 0xfe});
  machine.time->set_deadline(1000);

  expect_exit<core::exit::Intr>(machine);

  EXPECT_EQ(machine.time->now(), 1000);
}

TEST(SoftCpuDevices, single_step_reports_every_instruction) {
  Machine machine;
  set_up(machine, {0x90, 0x90});
  core::DebugControl debug;
  debug.enabled = debug.single_step = true;
  machine.vcpu->set_debug(debug);

  auto first = expect_exit<core::exit::Debug>(machine);
  auto second = expect_exit<core::exit::Debug>(machine);

  EXPECT_EQ(first.rip, code_at + 1);
  EXPECT_EQ(second.rip, code_at + 2);
}

TEST(SoftCpuDevices, breakpoint_stops_before_its_instruction) {
  Machine machine;
  set_up(machine, {0x90, 0x40, 0x40});  // nop / inc eax / inc eax
  core::DebugControl debug;
  debug.enabled = true;
  debug.breakpoint[2] = code_at + 2;
  debug.breakpoint_mask = 4;
  machine.vcpu->set_debug(debug);

  auto hit = expect_exit<core::exit::Debug>(machine);

  EXPECT_EQ(hit.rip, code_at + 2);
  EXPECT_EQ(hit.dr6, 4u);
  EXPECT_EQ(machine.vcpu->regs().rax, 1u);
  EXPECT_TRUE(machine.halts());
}

TEST(SoftCpuDevices, an_sse_instruction_ends_the_run_with_its_name_and_what_to_do) {
  Machine machine;
  machine.long_mode();
  machine.write(code_at, {0x0f, 0x58, 0xc1});  // addps xmm0,xmm1

  auto error = expect_exit<core::exit::InternalError>(machine);

  EXPECT_NE(error.why.find("addps xmm0, xmm1"), std::string::npos) << error.why;
  EXPECT_NE(error.why.find("SSE is not built"), std::string::npos) << error.why;
  EXPECT_NE(error.why.find("-accel kvm"), std::string::npos) << error.why;
  EXPECT_EQ(error.rip, code_at);
  EXPECT_EQ(error.byte_count, 3);
  EXPECT_EQ(error.bytes[2], 0xc1);
}

TEST(SoftCpuDevices, an_instruction_not_built_is_named) {
  Machine machine;
  set_up(machine, {0xd9, 0xe8});  // fld1

  auto error = expect_exit<core::exit::InternalError>(machine);

  EXPECT_NE(error.why.find("fld1"), std::string::npos) << error.why;
  EXPECT_EQ(error.rip, code_at);
  EXPECT_EQ(error.byte_count, 2);
  EXPECT_EQ(error.bytes[1], 0xe8);
}

}  // namespace
}  // namespace softcpu_test
