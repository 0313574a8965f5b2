// The modes end to end: a guest in each prints through Vcpu::run().
#include <gtest/gtest.h>

#include "machine.h"

namespace softcpu_test {
namespace {

// mov al,'H' / out 0xe9,al / mov al,'i' / out 0xe9,al: the same bytes in every mode.
const std::vector<u8> hello = {0xb0, 'H', 0xe6, 0xe9, 0xb0, 'i', 0xe6, 0xe9};

TEST(SoftCpuModes, self_check_walks_from_real_to_long_mode) {
  EXPECT_EQ(softcpu::self_check(), "");
}

TEST(SoftCpuModes, hello_in_real_mode) {
  Machine machine;
  machine.real_mode();

  EXPECT_TRUE(machine.run_code(hello));
  EXPECT_EQ(machine.text, "Hi");
}

TEST(SoftCpuModes, hello_in_protected_mode) {
  Machine machine;
  machine.protected_mode();

  EXPECT_TRUE(machine.run_code(hello));
  EXPECT_EQ(machine.text, "Hi");
}

TEST(SoftCpuModes, hello_in_long_mode) {
  Machine machine;
  machine.long_mode();

  EXPECT_TRUE(machine.run_code(hello));
  EXPECT_EQ(machine.text, "Hi");
}

TEST(SoftCpuModes, reset_vector_is_sixteen_bytes_below_4_gib) {
  Machine machine;
  machine.vcpu->reset();

  core::Sregs sregs = machine.vcpu->sregs();

  EXPECT_EQ(sregs.cs.base + machine.vcpu->regs().rip, 0xfffffff0u);
}

}  // namespace
}  // namespace softcpu_test
