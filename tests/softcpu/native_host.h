// Executes a few bytes of user-level code on the host CPU itself: an executable page
// loads the registers of a UserState, runs the code, and stores them again.
#pragma once

#if defined(__x86_64__) && defined(__linux__)

#include <sys/mman.h>

#include <cstring>
#include <stdexcept>

#include "random_insn.h"
#include "sequence.h"

namespace softcpu_test {

class NativeHost {
 public:
  NativeHost() {
    void* wanted = reinterpret_cast<void*>(scratch_at);
    scratch_ = static_cast<std::uint8_t*>(
        map(wanted, PROT_READ | PROT_WRITE, MAP_FIXED_NOREPLACE));
    page_ =
        static_cast<std::uint8_t*>(map(nullptr, PROT_READ | PROT_WRITE | PROT_EXEC, 0));
  }

  ~NativeHost() {
    munmap(scratch_, size);
    munmap(page_, size);
  }

  NativeHost(const NativeHost&) = delete;
  NativeHost& operator=(const NativeHost&) = delete;

  UserState run(const Case& test) {
    std::memcpy(page_ + state_at, test.start.gpr.data(), 128);
    std::memcpy(page_ + flags_at, &test.start.flags, 8);
    std::memcpy(scratch_ + 0x800, test.start.memory.data(), test.start.memory.size());
    execute(test.code, false);
    UserState result;
    std::memcpy(result.gpr.data(), page_ + state_at, 128);
    std::memcpy(&result.flags, page_ + flags_at, 8);
    std::memcpy(result.memory.data(), scratch_ + 0x800, result.memory.size());
    result.flags &= all_flags;
    return result;
  }

  // 64-bit code that may use the stack at start.gpr[4].
  SequenceState run(const std::vector<std::uint8_t>& code, const SequenceState& start) {
    std::memcpy(page_ + state_at, start.gpr.data(), 128);
    std::memcpy(page_ + flags_at, &start.flags, 8);
    std::memcpy(scratch_, start.memory.data(), window_size);
    execute(code, true);
    SequenceState result;
    std::memcpy(result.gpr.data(), page_ + state_at, 128);
    std::memcpy(&result.flags, page_ + flags_at, 8);
    std::memcpy(result.memory.data(), scratch_, window_size);
    result.flags &= all_flags;
    return result;
  }

 private:
  static constexpr std::size_t size = 8192, state_at = 4096, flags_at = 4096 + 128,
                               host_stack_at = flags_at + 8;

  void execute(const std::vector<std::uint8_t>& code, bool own_stack) {
    at_ = 0;
    emit({0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41,
          0x57});                      // push callee-saved
    relative({0xff, 0x35}, flags_at);  // push [flags]
    emit({0x9d});                      // popfq
    move_registers(0x8b);              // mov reg,[state]
    if (own_stack) {
      relative({0x48, 0x89, 0x25}, host_stack_at);     // mov [host stack],rsp
      relative({0x48, 0x8b, 0x25}, state_at + 4 * 8);  // mov rsp,[state]
    }
    emit(code);
    if (own_stack) {
      relative({0x48, 0x89, 0x25}, state_at + 4 * 8);
      relative({0x48, 0x8b, 0x25}, host_stack_at);
    }
    move_registers(0x89);              // mov [state],reg
    emit({0x9c});                      // pushfq
    relative({0x8f, 0x05}, flags_at);  // pop [flags]
    emit({0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5d, 0x5b});
    emit({0xc3});
    reinterpret_cast<void (*)()>(page_)();
  }

  static void* map(void* at, int rights, int flags) {
    void* got = mmap(at, size, rights, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
    if (got == MAP_FAILED) {
      throw std::runtime_error("cannot map a page for native execution");
    }
    return got;
  }

  void emit(const std::vector<std::uint8_t>& bytes) {
    std::memcpy(page_ + at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

  void relative(const std::vector<std::uint8_t>& opcode, std::size_t target) {
    emit(opcode);
    std::int32_t distance = static_cast<std::int32_t>(target - (at_ + 4));
    std::memcpy(page_ + at_, &distance, 4);
    at_ += 4;
  }

  void move_registers(std::uint8_t opcode) {
    for (unsigned reg = 0; reg < 16; ++reg) {
      if (reg != 4) {
        auto rex = static_cast<std::uint8_t>(0x48 | (reg >> 3) << 2);
        auto modrm = static_cast<std::uint8_t>(0x05 | (reg & 7) << 3);
        relative({rex, opcode, modrm}, state_at + reg * 8);
      }
    }
  }

  std::uint8_t* scratch_;
  std::uint8_t* page_;
  std::size_t at_ = 0;
};

}  // namespace softcpu_test

#endif
