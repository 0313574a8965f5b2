// A guest of about 200 bytes that walks from real through protected to long mode,
// prints a letter at each station and takes an interrupt and an exception. An
// accelerator that prints anything else must not be trusted with a guest.
#include <cstring>

#include "softcpu/softcpu.h"

namespace softcpu {
namespace {

constexpr std::uint64_t load_address = 0x1000;
constexpr std::uint64_t idt_address = 0x2000;
constexpr const char* expected_output = "RPLIU.";

// clang-format off
constexpr std::uint8_t guest[] = {
    0xb0, 0x52,  // mov al,0x52
    0xe6, 0xe9,  // out 0xe9,al
    0xfa,  // cli
    0x66, 0x0f, 0x01, 0x16, 0xc0, 0x10,  // lgdtd ds:0x10c0
    0x0f, 0x20, 0xc0,  // mov eax,cr0
    0x0c, 0x01,  // or al,0x1
    0x0f, 0x22, 0xc0,  // mov cr0,eax
    0xea, 0x18, 0x10, 0x08, 0x00,  // jmp 0x8:0x1018
    0xb8, 0x10, 0x00, 0x00, 0x00,  // mov eax,0x10
    0x8e, 0xd8,  // mov ds,eax
    0x8e, 0xc0,  // mov es,eax
    0x8e, 0xd0,  // mov ss,eax
    0xbc, 0x00, 0x80, 0x00, 0x00,  // mov esp,0x8000
    0xb0, 0x50,  // mov al,0x50
    0xe6, 0xe9,  // out 0xe9,al
    0xc7, 0x05, 0x00, 0x00, 0x01, 0x00, 0x03, 0x10, 0x01, 0x00,  // mov DWORD PTR ds:0x10000,0x11003
    0xc7, 0x05, 0x00, 0x10, 0x01, 0x00, 0x03, 0x20, 0x01, 0x00,  // mov DWORD PTR ds:0x11000,0x12003
    0xc7, 0x05, 0x00, 0x20, 0x01, 0x00, 0x83, 0x00, 0x00, 0x00,  // mov DWORD PTR ds:0x12000,0x83
    0xb8, 0x00, 0x00, 0x01, 0x00,  // mov eax,0x10000
    0x0f, 0x22, 0xd8,  // mov cr3,eax
    0xb8, 0x20, 0x00, 0x00, 0x00,  // mov eax,0x20
    0x0f, 0x22, 0xe0,  // mov cr4,eax
    0xb9, 0x80, 0x00, 0x00, 0xc0,  // mov ecx,0xc0000080
    0xb8, 0x00, 0x01, 0x00, 0x00,  // mov eax,0x100
    0x31, 0xd2,  // xor edx,edx
    0x0f, 0x30,  // wrmsr
    0xb8, 0x11, 0x00, 0x00, 0x80,  // mov eax,0x80000011
    0x0f, 0x22, 0xc0,  // mov cr0,eax
    0xea, 0x77, 0x10, 0x00, 0x00, 0x18, 0x00,  // jmp 0x18:0x1077
    0xb0, 0x4c,  // mov al,0x4c
    0xe6, 0xe9,  // out 0xe9,al
    0x0f, 0x01, 0x1d, 0x46, 0x00, 0x00, 0x00,  // lidt [rip+0x46] # 0xc8
    0xcd, 0x01,  // int 0x1
    0x0f, 0x0b,  // ud2
    0xb0, 0x2e,  // mov al,0x2e
    0xe6, 0xe9,  // out 0xe9,al
    0xf4,  // hlt
    0xb0, 0x49,  // mov al,0x49
    0xe6, 0xe9,  // out 0xe9,al
    0x48, 0xcf,  // iretq
    0xb0, 0x55,  // mov al,0x55
    0xe6, 0xe9,  // out 0xe9,al
    0x48, 0x83, 0x04, 0x24, 0x02,  // add QWORD PTR [rsp],0x2
    0x48, 0xcf,  // iretq
    0x0f, 0x1f, 0x40, 0x00,  // padding
    // GDT: null, code 32, data, code 64
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0xff, 0xff, 0x00, 0x00, 0x00, 0x9b, 0xcf, 0x00,
    0xff, 0xff, 0x00, 0x00, 0x00, 0x93, 0xcf, 0x00,
    0xff, 0xff, 0x00, 0x00, 0x00, 0x9b, 0xaf, 0x00,
    0x1f, 0x00, 0xa0, 0x10, 0x00, 0x00,  // GDTR image
    0x66, 0x90,
    0x6f, 0x00, 0x00, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  // IDTR image
};
// clang-format on

constexpr std::uint64_t trap_handler = 0x8b, undefined_handler = 0x91;

void write_gate(std::span<std::byte> memory, unsigned vector, std::uint64_t handler) {
  std::uint64_t offset = load_address + handler;
  std::uint64_t low = (offset & 0xffff) | 24u << 16 | 0x8e00ull << 32;
  std::memcpy(memory.data() + idt_address + vector * 16, &low, sizeof low);
}

void start_in_real_mode(core::Vcpu& vcpu) {
  core::Sregs sregs = vcpu.sregs();
  sregs.cs.base = 0;
  sregs.cs.selector = 0;
  vcpu.set_sregs(sregs);
  core::Regs regs;
  regs.rip = load_address;
  regs.rsp = 0x8000;
  vcpu.set_regs(regs);
}

// Collects what the guest writes to port 0xe9 until it halts.
std::string run_to_halt(core::Vcpu& vcpu) {
  std::string output;
  for (int exits = 0; exits < 100; ++exits) {
    core::Exit exit = vcpu.run();
    if (auto* io = std::get_if<core::exit::Io>(&exit)) {
      for (std::byte item : io->data) {
        output += static_cast<char>(item);
      }
    } else if (std::holds_alternative<core::exit::Hlt>(exit)) {
      return output;
    } else if (auto* error = std::get_if<core::exit::InternalError>(&exit)) {
      return output + " [" + error->why + "]";
    } else {
      return output + " [exit " + std::to_string(exit.index()) + "]";
    }
  }
  return output + " [did not halt]";
}

}  // namespace

std::string self_check() {
  constexpr std::size_t size = 0x20000;
  struct alignas(4096) Page {
    std::byte bytes[4096];
  };
  auto pages = std::make_unique<Page[]>(size / sizeof(Page));
  std::span<std::byte> memory(reinterpret_cast<std::byte*>(pages.get()), size);
  std::memcpy(memory.data() + load_address, guest, sizeof guest);
  write_gate(memory, 1, trap_handler);
  write_gate(memory, 6, undefined_handler);
  auto vm = make_vm();
  vm->map_memory(0, core::GuestPhysAddr{0}, memory, core::MemoryAccess::read_write);
  auto vcpu = vm->create_vcpu(0);
  start_in_real_mode(*vcpu);
  std::string output = run_to_halt(*vcpu);
  return output == expected_output ? std::string()
                                   : "software CPU self-check: expected \"" +
                                         std::string(expected_output) + "\", got \"" +
                                         output + "\"";
}

}  // namespace softcpu
