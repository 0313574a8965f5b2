// decode() on pages made by hand: no /dev/kvm needed.
#include "kvm/exit.h"

#include <cstring>
#include <vector>

#include <gtest/gtest.h>
#include "kvm/linux_kvm.h"

namespace {

namespace ex = kvm::exit;

// A run page of 12 KiB, as the kernel's, with `reason` in it.
struct Page {
  explicit Page(std::uint32_t reason) { run().exit_reason = reason; }

  kvm_run& run() { return *reinterpret_cast<kvm_run*>(words.data()); }

  std::span<std::byte> bytes() { return std::as_writable_bytes(std::span(words)); }

  kvm::Exit decode() { return kvm::decode(bytes()); }

  std::vector<std::uint64_t> words = std::vector<std::uint64_t>(12288 / 8);
};

Page io_page(std::uint8_t size, std::uint32_t count, std::uint64_t offset) {
  Page page(KVM_EXIT_IO);
  page.run().io.direction = KVM_EXIT_IO_OUT;
  page.run().io.size = size;
  page.run().io.port = 0x1f0;
  page.run().io.count = count;
  page.run().io.data_offset = offset;
  return page;
}

template <class T>
bool is(const kvm::Exit& e) {
  return std::holds_alternative<T>(e);
}

TEST(KvmExit, string_io_spans_all_items) {
  Page page = io_page(2, 256, 4096);

  kvm::Exit e = page.decode();

  ASSERT_TRUE(is<ex::Io>(e));
  EXPECT_EQ(std::get<ex::Io>(e).count, 256u);
  EXPECT_EQ(std::get<ex::Io>(e).data.size(), 512u);
  EXPECT_EQ(std::get<ex::Io>(e).data.data(), page.bytes().data() + 4096);
}

TEST(KvmExit, io_data_may_end_exactly_at_the_pages_end) {
  EXPECT_TRUE(is<ex::Io>(io_page(4, 1024, 8192).decode()));
}

TEST(KvmExit, io_data_one_item_beyond_the_page_is_malformed) {
  EXPECT_TRUE(is<ex::Malformed>(io_page(4, 1025, 8192).decode()));
}

TEST(KvmExit, io_offsets_that_would_wrap_around_are_malformed) {
  EXPECT_TRUE(is<ex::Malformed>(io_page(1, 1, ~0ull).decode()));
}

TEST(KvmExit, io_counts_that_would_wrap_around_are_malformed) {
  EXPECT_TRUE(is<ex::Malformed>(io_page(4, 0xffffffff, 4096).decode()));
}

TEST(KvmExit, io_of_size_zero_three_or_eight_is_malformed) {
  for (std::uint8_t size : {0, 3, 8}) {
    EXPECT_TRUE(is<ex::Malformed>(io_page(size, 1, 4096).decode())) << int{size};
  }
}

TEST(KvmExit, mmio_data_has_the_length_of_the_access) {
  Page page(KVM_EXIT_MMIO);
  page.run().mmio.phys_addr = 0xfee00020;
  page.run().mmio.len = 4;
  page.run().mmio.is_write = 0;

  kvm::Exit e = page.decode();

  ASSERT_TRUE(is<ex::Mmio>(e));
  EXPECT_EQ(std::get<ex::Mmio>(e).address, 0xfee00020u);
  EXPECT_EQ(std::get<ex::Mmio>(e).data.size(), 4u);
  EXPECT_EQ(std::get<ex::Mmio>(e).direction, ex::Direction::in);
}

TEST(KvmExit, mmio_longer_than_eight_bytes_is_malformed) {
  Page page(KVM_EXIT_MMIO);
  page.run().mmio.len = 9;

  EXPECT_TRUE(is<ex::Malformed>(page.decode()));
}

TEST(KvmExit, an_emulation_failure_carries_the_instruction) {
  Page page(KVM_EXIT_INTERNAL_ERROR);
  auto& failure = page.run().emulation_failure;
  failure.suberror = KVM_INTERNAL_ERROR_EMULATION;
  failure.ndata = 3;
  failure.flags = KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES;
  failure.insn_size = 2;
  std::memcpy(failure.insn_bytes, "\xcd\x03", 2);

  kvm::Exit e = page.decode();

  ASSERT_TRUE(is<ex::InternalError>(e));
  const auto& error = std::get<ex::InternalError>(e);
  EXPECT_EQ(error.suberror, 1u);
  EXPECT_EQ(error.name, "emulation failure");
  ASSERT_EQ(error.byte_count, 2);
  EXPECT_EQ(error.bytes[0], 0xcd);
}

TEST(KvmExit, an_instruction_longer_than_fifteen_bytes_is_cut) {
  Page page(KVM_EXIT_INTERNAL_ERROR);
  auto& failure = page.run().emulation_failure;
  failure.suberror = KVM_INTERNAL_ERROR_EMULATION;
  failure.ndata = 3;
  failure.flags = KVM_INTERNAL_ERROR_EMULATION_FLAG_INSTRUCTION_BYTES;
  failure.insn_size = 255;

  EXPECT_EQ(std::get<ex::InternalError>(page.decode()).byte_count, 15);
}

TEST(KvmExit, without_the_bytes_flag_there_are_no_bytes) {
  Page page(KVM_EXIT_INTERNAL_ERROR);
  page.run().emulation_failure.suberror = KVM_INTERNAL_ERROR_EMULATION;
  page.run().emulation_failure.ndata = 3;
  page.run().emulation_failure.insn_size = 2;

  EXPECT_EQ(std::get<ex::InternalError>(page.decode()).byte_count, 0);
}

TEST(KvmExit, plain_reasons_are_their_own_values) {
  EXPECT_TRUE(is<ex::Hlt>(Page(KVM_EXIT_HLT).decode()));
  EXPECT_TRUE(is<ex::Shutdown>(Page(KVM_EXIT_SHUTDOWN).decode()));
  EXPECT_TRUE(is<ex::IrqWindow>(Page(KVM_EXIT_IRQ_WINDOW_OPEN).decode()));
  EXPECT_TRUE(is<ex::Interrupted>(Page(KVM_EXIT_INTR).decode()));
  EXPECT_TRUE(is<ex::FailEntry>(Page(KVM_EXIT_FAIL_ENTRY).decode()));
  EXPECT_TRUE(is<ex::SystemEvent>(Page(KVM_EXIT_SYSTEM_EVENT).decode()));
}

TEST(KvmExit, a_reason_without_a_use_is_named) {
  kvm::Exit e = Page(KVM_EXIT_X86_BUS_LOCK).decode();

  ASSERT_TRUE(is<ex::Other>(e));
  EXPECT_EQ(std::get<ex::Other>(e).name, "KVM_EXIT_X86_BUS_LOCK");
}

TEST(KvmExit, a_reason_without_a_name_keeps_its_number) {
  kvm::Exit e = Page(0xdead).decode();

  ASSERT_TRUE(is<ex::Other>(e));
  EXPECT_EQ(std::get<ex::Other>(e).reason, 0xdeadu);
  EXPECT_EQ(std::get<ex::Other>(e).name, "");
}

TEST(KvmExit, a_page_too_small_for_the_struct_is_malformed) {
  std::vector<std::uint64_t> small(8);

  EXPECT_TRUE(is<ex::Malformed>(kvm::decode(std::as_writable_bytes(std::span(small)))));
}

}  // namespace
