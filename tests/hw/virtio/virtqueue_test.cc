// Rings that no honest driver makes: the device answers with silence, and with "needs
// reset" where the driver is modern enough to know what that means. Nothing else happens.
#include "driver.h"

namespace virtio_test {
namespace {

constexpr std::uint8_t needs_reset = 0x40, no_answer = 0xff;

void poke(std::uint64_t address, std::uint64_t value, unsigned size) {
  write_number(address_space_memory(), address, value, size);
}

class HostileRing : public ::testing::Test {
 protected:
  HostileRing() {
    driver.start(1ull << 28);
    poke(header_at, 0, 8);
    poke(header_at + 8, 0, 8);
  }

  // The chain of `pieces` is refused, and the device says so.
  void expect_refused(const std::vector<Piece>& pieces) {
    driver.describe(0, pieces);
    driver.make_available(0);
    driver.notify();
    expect_broken();
  }

  void expect_broken() {
    EXPECT_EQ(driver.status() & needs_reset, needs_reset);
    EXPECT_EQ(driver.used_index(), 0);
    EXPECT_EQ(driver.request(0, 0, {}, 512), no_answer);
  }

  DiskBoard it{Face::modern};
  Driver& driver = it.driver();
};

TEST_F(HostileRing, a_head_beyond_the_table_is_refused) {
  driver.make_available(128);
  driver.notify();

  expect_broken();
}

TEST_F(HostileRing, more_requests_than_places_are_refused) {
  poke(driver.avail() + 2, 129, 2);
  driver.notify();

  expect_broken();
}

TEST_F(HostileRing, a_chain_that_leaves_its_table_is_refused) {
  driver.describe(0, {{header_at, 16, false}, {status_at, 1, true}});
  poke(driver.desc() + 14, 128, 2);
  driver.make_available(0);
  driver.notify();

  expect_broken();
}

TEST_F(HostileRing, a_chain_that_bites_its_tail_is_refused) {
  driver.describe(0, {{header_at, 16, false}, {header_at, 16, false}});
  poke(driver.desc() + 16 + 12, 1, 2);
  poke(driver.desc() + 16 + 14, 0, 2);
  driver.make_available(0);
  driver.notify();

  expect_broken();
}

TEST_F(HostileRing, what_the_device_reads_after_what_it_writes_is_refused) {
  expect_refused({{header_at, 16, false}, {status_at, 1, true}, {data_at, 512, false}});
}

TEST_F(HostileRing, a_buffer_of_no_bytes_is_refused) {
  expect_refused({{header_at, 16, false}, {data_at, 0, true}, {status_at, 1, true}});
}

TEST_F(HostileRing, a_buffer_where_there_is_no_memory_is_refused) {
  expect_refused({{header_at, 16, false}, {1ull << 40, 512, true}});
}

TEST_F(HostileRing, a_buffer_that_ends_beyond_memory_is_refused) {
  expect_refused({{header_at, 16, false}, {(16 << 20) - 256, 512, true}});
}

TEST_F(HostileRing, a_buffer_around_the_end_of_addresses_is_refused) {
  expect_refused({{header_at, 16, false}, {~0ull - 100, 512, true}});
}

TEST_F(HostileRing, a_buffer_of_the_greatest_length_is_refused) {
  expect_refused({{header_at, 16, false}, {data_at, 0xffffffff, true}});
}

TEST_F(HostileRing, a_buffer_among_the_registers_of_a_device_is_refused) {
  expect_refused({{header_at, 16, false}, {0xe0100000, 16, true}});
}

TEST_F(HostileRing, a_request_without_a_place_for_the_status_is_refused) {
  expect_refused({{header_at, 16, false}});
}

TEST_F(HostileRing, a_request_without_a_header_is_refused) {
  expect_refused({{status_at, 1, true}});
  driver.start();
  expect_refused({{header_at, 15, false}, {status_at, 1, true}});
}

TEST_F(HostileRing, an_indirect_table_of_an_odd_size_is_refused) {
  for (const std::uint32_t size : {0u, 15u, 17u}) {
    driver.start(1ull << 28);
    poke(driver.desc(), indirect_at, 8);
    poke(driver.desc() + 8, size, 4);
    poke(driver.desc() + 12, 4, 2);
    driver.make_available(0);
    driver.notify();
    expect_broken();
  }
}

TEST_F(HostileRing, an_indirect_table_that_leads_to_itself_is_refused) {
  poke(driver.desc(), indirect_at, 8);
  poke(driver.desc() + 8, 16, 4);
  poke(driver.desc() + 12, 4, 2);
  poke(indirect_at, indirect_at, 8);
  poke(indirect_at + 8, 16, 4);
  poke(indirect_at + 12, 4, 2);
  driver.make_available(0);
  driver.notify();

  expect_broken();
}

TEST_F(HostileRing, a_chain_of_more_than_1024_is_refused) {
  constexpr unsigned count = 2000;
  for (unsigned i = 0; i < count; ++i) {
    poke(indirect_at + 16ull * i, header_at, 8);
    poke(indirect_at + 16ull * i + 8, 1, 4);
    poke(indirect_at + 16ull * i + 12, 1, 2);
    poke(indirect_at + 16ull * i + 14, i + 1, 2);
  }
  poke(driver.desc(), indirect_at, 8);
  poke(driver.desc() + 8, 16 * count, 4);
  poke(driver.desc() + 12, 4, 2);
  driver.make_available(0);
  driver.notify();

  expect_broken();
}

TEST_F(HostileRing, a_reset_makes_the_device_work_again) {
  expect_refused({{header_at, 16, false}});

  driver.start();

  EXPECT_EQ(driver.request(0, 0, {}, 512), 0);
}

TEST(HostileLegacyRing, silences_the_device_until_it_is_reset) {
  DiskBoard it(Face::legacy);
  it.driver().start();
  it.driver().make_available(999);
  it.driver().notify();

  EXPECT_EQ(it.driver().request(0, 0, {}, 512), no_answer);
  it.driver().start();
  EXPECT_EQ(it.driver().request(0, 0, {}, 512), 0);
}

TEST(HostileLegacyRing, a_queue_beyond_memory_does_nothing) {
  DiskBoard it(Face::legacy);
  it.driver().start();
  write_number(address_space_io(), 0xc008, 0xffffffff, 4);

  it.driver().notify();

  EXPECT_EQ(it.card->irq_state, 0);
}

TEST(HostileRegisters, of_queues_that_do_not_exist_do_nothing) {
  DiskBoard it(Face::legacy);
  for (const unsigned queue : {1u, 1023u, 1024u, 65535u}) {
    write_number(address_space_io(), 0xc00e, queue, 2);
    write_number(address_space_io(), 0xc008, 0x100, 4);
    write_number(address_space_io(), 0xc010, queue, 2);
  }

  EXPECT_EQ(read_number(address_space_io(), 0xc00c, 2), 0u);
  it.driver().start();
  EXPECT_EQ(it.driver().request(0, 0, {}, 512), 0);
}

}  // namespace
}  // namespace virtio_test
