// The log of -d: what is written when, and the registers as text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/cpu_dump.h"
#include "core/log.h"
#include "qom/object.h"

namespace core {
namespace {

using testing::HasSubstr;

struct LogTest : testing::Test {
  std::string file = (std::filesystem::temp_directory_path() /
                      ("log_test_" + std::to_string(getpid()) + ".txt"))
                         .string();

  void TearDown() override {
    qemu_set_log(0);
    qemu_set_log_filename("");
    std::filesystem::remove(file);
  }

  std::string written() const {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

std::string error_of_filter(const std::string& text) {
  try {
    qemu_set_dfilter_ranges(text);
  } catch (const qom::Error& error) {
    return error.what();
  }
  return "";
}

TEST_F(LogTest, only_items_that_are_on_are_written) {
  qemu_set_log_filename(file);
  qemu_set_log(LOG_UNIMP);

  qemu_log_mask(LOG_GUEST_ERROR, "one %d\n", 1);
  qemu_log_mask(LOG_UNIMP, "two %d\n", 2);

  EXPECT_EQ(written(), "two 2\n");
}

TEST_F(LogTest, no_file_is_made_while_nothing_is_on) {
  qemu_set_log_filename(file);
  qemu_set_log(0);

  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(LogTest, a_d_in_the_files_name_becomes_the_process_number) {
  const std::string folder = std::filesystem::temp_directory_path().string();
  file = folder + "/log_test_d_" + std::to_string(getpid());
  qemu_set_log_filename(folder + "/log_test_d_%d");
  qemu_set_log(LOG_UNIMP);

  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST_F(LogTest, another_percent_sign_in_the_files_name_is_refused) {
  EXPECT_THROW(qemu_set_log_filename("a%s"), qom::Error);
}

TEST_F(LogTest, a_file_that_cannot_be_made_is_an_error) {
  qemu_set_log_filename("/nonexistent/log");

  EXPECT_THROW(qemu_set_log(LOG_UNIMP), qom::Error);
}

TEST(LogFilter, ranges_include_their_ends) {
  qemu_set_dfilter_ranges("0x1000..0x1fff,0x8000+0x10,0x9fff-0x100");

  EXPECT_TRUE(qemu_log_in_addr_range(0x1000));
  EXPECT_TRUE(qemu_log_in_addr_range(0x1fff));
  EXPECT_FALSE(qemu_log_in_addr_range(0x2000));
  EXPECT_TRUE(qemu_log_in_addr_range(0x800f));
  EXPECT_FALSE(qemu_log_in_addr_range(0x8010));
  EXPECT_TRUE(qemu_log_in_addr_range(0x9f00));
  EXPECT_FALSE(qemu_log_in_addr_range(0x9eff));
}

TEST(LogFilter, a_text_that_is_no_range_is_refused) {
  EXPECT_EQ(error_of_filter("4096"), "Bad range specifier");
  EXPECT_EQ(error_of_filter(""), "Bad range specifier");
  EXPECT_EQ(error_of_filter("5..4"), "Invalid range");
  EXPECT_THAT(error_of_filter("x..4"), HasSubstr("Invalid number to the left"));
  EXPECT_THAT(error_of_filter("4..x"), HasSubstr("Invalid number to the right"));
}

CpuDump protected_mode_cpu() {
  CpuDump cpu;
  cpu.regs.rax = 0x1234;
  cpu.regs.rip = 0x100000;
  cpu.regs.rflags = 0x46;
  cpu.sregs.cr0 = 0x11;
  Segment& cs = cpu.sregs.cs;
  cs.selector = 8, cs.limit = 0xffffffff, cs.type = 11;
  cs.present = cs.s = cs.db = cs.g = true;
  return cpu;
}

TEST(CpuDump, registers_of_32_bit_code_have_eight_digits) {
  const std::string text = cpu_dump_state(protected_mode_cpu());

  EXPECT_THAT(text, HasSubstr("EAX=00001234 EBX=00000000 ECX=00000000 EDX=00000000\n"));
  EXPECT_THAT(text, HasSubstr("EIP=00100000 EFL=00000046 [---Z-P-] CPL=0 II=0 A20=1"));
}

TEST(CpuDump, a_segment_is_told_as_its_descriptor_says) {
  EXPECT_THAT(cpu_dump_state(protected_mode_cpu()),
              HasSubstr("CS =0008 00000000 ffffffff 00cf9b00 DPL=0 CS32 [-RA]\n"));
}

TEST(CpuDump, registers_of_64_bit_code_have_sixteen_digits) {
  CpuDump cpu = protected_mode_cpu();
  cpu.sregs.efer = 1u << 10;
  cpu.sregs.cs.l = true;
  cpu.sregs.cs.db = false;

  const std::string text = cpu_dump_state(cpu);

  EXPECT_THAT(text, HasSubstr("RAX=0000000000001234 RBX="));
  EXPECT_THAT(text, HasSubstr("CS =0008 0000000000000000 ffffffff 00af9b00 DPL=0 CS64"));
}

}  // namespace
}  // namespace core
