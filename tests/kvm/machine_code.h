// A machine of one page and one vCPU for tests: machine code goes to address
// 0x1000 and starts there in real mode. Skips the test where KVM is not usable.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kvm/mapping.h"
#include "kvm/system.h"
#include "kvm/vm.h"

namespace kvm_test {

inline constexpr std::uint64_t code_address = 0x1000;
inline constexpr std::size_t ram_size = 0x10000;

class MachineCode : public testing::Test {
 protected:
  void SetUp() override {
    try {
      system = std::make_unique<kvm::System>();
    } catch (const kvm::Unavailable& e) {
      GTEST_SKIP() << e.what() << ": " << e.hint;
    }
    ram = kvm::Mapping::anonymous(ram_size);
    vm = std::make_unique<kvm::Vm>(*system);
    vm->set_memory_slot(0, 0, ram.bytes(), 0);
  }

  // Bytes are given with their disassembly beside them.
  void start(std::initializer_list<std::uint8_t> code) {
    std::size_t at = code_address;
    for (std::uint8_t byte : code) {
      ram.bytes()[at++] = std::byte{byte};
    }
    if (!vcpu) {
      vcpu.emplace(vm->create_vcpu(0));
    }
    kvm_sregs sregs = vcpu->sregs();
    sregs.cs.base = 0;
    sregs.cs.selector = 0;
    vcpu->set_sregs(sregs);
    kvm_regs regs{};
    regs.rip = code_address;
    regs.rsp = 0x8000;
    regs.rflags = 2;
    vcpu->set_regs(regs);
  }

  std::unique_ptr<kvm::System> system;
  kvm::Mapping ram;
  std::unique_ptr<kvm::Vm> vm;
  std::optional<kvm::Vcpu> vcpu;
};

// The bytes of an exit as text, to compare with a string.
inline std::string text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace kvm_test
