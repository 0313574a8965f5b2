// The virtio disk, driven through both of its faces.
#include <cerrno>

#include "driver.h"

namespace virtio_test {
namespace {

enum : std::uint32_t {
  in = 0,
  out = 1,
  scsi = 2,
  flush = 4,
  get_id = 8,
  discard = 11,
  write_zeroes = 13
};

enum : std::uint8_t { ok = 0, ioerr = 1, unsupp = 2, no_answer = 0xff };

class VirtioBlk : public ::testing::TestWithParam<Face> {
 protected:
  Face face() const { return GetParam(); }
};

INSTANTIATE_TEST_SUITE_P(Faces, VirtioBlk, ::testing::Values(Face::legacy, Face::modern),
                         [](const auto& param) {
                           return param.param == Face::legacy ? "legacy" : "modern";
                         });

Bytes part_of(const MemoryDisk& disk, std::size_t sector, std::size_t count) {
  const auto begin = disk.bytes.begin() + static_cast<long>(sector * 512);
  return {begin, begin + static_cast<long>(count * 512)};
}

TEST_P(VirtioBlk, reads_what_is_on_the_disk) {
  DiskBoard it(face());
  it.driver().start();

  EXPECT_EQ(it.driver().request(in, 3, {}, 1024), ok);

  EXPECT_EQ(it.driver().data(1024), part_of(*it.disk, 3, 2));
}

TEST_P(VirtioBlk, says_how_much_it_wrote_the_status_included) {
  DiskBoard it(face());
  it.driver().start();

  it.driver().request(in, 0, {}, 512);

  EXPECT_EQ(it.driver().used_index(), 1);
  EXPECT_EQ(it.driver().used_length(0), 513u);
}

TEST_P(VirtioBlk, writes_to_the_disk) {
  DiskBoard it(face());
  it.driver().start();
  const Bytes bytes(512, 0xa5);

  EXPECT_EQ(it.driver().request(out, 63, bytes, 0), ok);

  EXPECT_EQ(part_of(*it.disk, 63, 1), bytes);
}

TEST_P(VirtioBlk, flushes) {
  DiskBoard it(face());
  it.driver().start(1ull << 9);
  const int before = it.disk->flushes;

  EXPECT_EQ(it.driver().request(flush, 0, {}, 0), ok);

  EXPECT_EQ(it.disk->flushes, before + 1);
}

TEST_P(VirtioBlk, makes_writes_durable_for_a_driver_that_knows_no_flush) {
  DiskBoard it(face());
  it.driver().start();
  const int before = it.disk->flushes;

  it.driver().request(out, 0, Bytes(512), 0);

  EXPECT_EQ(it.disk->flushes, before + 1);
}

TEST_P(VirtioBlk, tells_its_serial_number) {
  DiskBoard it(face(), {{"serial", "VITRINE-1"}});
  it.driver().start();

  EXPECT_EQ(it.driver().request(get_id, 0, {}, 20), ok);

  const Bytes id = it.driver().data(10);
  EXPECT_EQ(std::string(id.begin(), id.end()), std::string("VITRINE-1\0", 10));
}

TEST_P(VirtioBlk, does_not_support_what_it_does_not_know) {
  DiskBoard it(face());
  it.driver().start();

  EXPECT_EQ(it.driver().request(99, 0, {}, 0), unsupp);
  EXPECT_EQ(it.driver().request(scsi, 0, {}, 0), unsupp);
}

TEST_P(VirtioBlk, fails_beyond_its_end) {
  DiskBoard it(face());
  it.driver().start();

  EXPECT_EQ(it.driver().request(in, 64, {}, 512), ioerr);
  EXPECT_EQ(it.driver().request(in, 63, {}, 1024), ioerr);
  EXPECT_EQ(it.driver().request(in, ~0ull, {}, 512), ioerr);
  EXPECT_EQ(it.driver().request(in, 1ull << 55, {}, 512), ioerr);
}

TEST_P(VirtioBlk, fails_for_parts_of_a_sector) {
  DiskBoard it(face());
  it.driver().start();

  EXPECT_EQ(it.driver().request(in, 0, {}, 100), ioerr);
}

TEST_P(VirtioBlk, fails_when_the_host_fails) {
  DiskBoard it(face());
  it.driver().start();
  it.disk->fail_with = EIO;

  EXPECT_EQ(it.driver().request(in, 0, {}, 512), ioerr);
  EXPECT_EQ(it.driver().request(out, 0, Bytes(512), 0), ioerr);
}

TEST_P(VirtioBlk, hides_the_errors_of_the_host_if_it_should) {
  DiskBoard it(face(), {{"rerror", "ignore"}});
  it.driver().start();
  it.disk->fail_with = EIO;

  EXPECT_EQ(it.driver().request(in, 0, {}, 512), ok);
}

TEST_P(VirtioBlk, says_that_it_is_read_only_and_is) {
  DiskBoard it(face(), {{"test-read-only", ""}});
  it.driver().start();
  const Bytes before = it.disk->bytes;

  EXPECT_EQ(it.driver().offered() >> 5 & 1, 1u);
  EXPECT_EQ(it.driver().request(out, 0, Bytes(512), 0), ioerr);
  EXPECT_EQ(it.disk->bytes, before);
}

// sector (8), count (4), flags (4)
Bytes range(std::uint8_t sector, std::uint8_t count, std::uint8_t flags) {
  return {sector, 0, 0, 0, 0, 0, 0, 0, count, 0, 0, 0, flags, 0, 0, 0};
}

TEST_P(VirtioBlk, writes_zeroes) {
  DiskBoard it(face());
  it.driver().start();

  EXPECT_EQ(it.driver().request(write_zeroes, 0, range(5, 2, 0), 0), ok);

  EXPECT_EQ(part_of(*it.disk, 5, 2), Bytes(1024, 0));
  EXPECT_NE(part_of(*it.disk, 7, 1), Bytes(512, 0));
}

TEST_P(VirtioBlk, discards) {
  DiskBoard it(face());
  it.driver().start();

  EXPECT_EQ(it.driver().request(discard, 0, range(5, 2, 0), 0), ok);
  EXPECT_EQ(it.disk->discards, 1);
  EXPECT_EQ(it.driver().request(discard, 0, range(63, 2, 0), 0), ioerr);
  EXPECT_EQ(it.driver().request(discard, 0, range(0, 2, 1), 0), unsupp);
  EXPECT_EQ(it.driver().request(discard, 0, Bytes(15), 0), unsupp);
}

TEST_P(VirtioBlk, configuration_tells_capacity_geometry_and_blocks) {
  DiskBoard it(face(), {{"num-queues", "3"}, {"physical_block_size", "4096"}});
  it.driver().start();

  EXPECT_EQ(it.driver().config(0x00, 4), 64u);
  EXPECT_EQ(it.driver().config(0x0c, 4), 126u);
  EXPECT_EQ(it.driver().config(0x12, 1), 16u);
  EXPECT_EQ(it.driver().config(0x14, 4), 512u);
  EXPECT_EQ(it.driver().config(0x18, 1), 3u);
  EXPECT_EQ(it.driver().config(0x22, 2), 3u);
}

TEST_P(VirtioBlk, a_driver_may_switch_the_write_cache_and_nothing_else) {
  DiskBoard it(face());
  it.driver().start(1ull << 11 | 1ull << 9);

  it.driver().write_config(0x20, 0, 1);
  it.driver().write_config(0x00, 7, 4);

  EXPECT_EQ(it.driver().config(0x20, 1), 0u);
  EXPECT_EQ(it.driver().config(0x00, 4), 64u);
}

TEST_P(VirtioBlk, beyond_its_configuration_there_are_ones) {
  DiskBoard it(face());
  it.driver().start();

  EXPECT_EQ(it.driver().config(0x3a, 2), 0xffffu);
}

TEST_P(VirtioBlk, pulls_its_pin_until_the_reason_is_read) {
  DiskBoard it(face());
  it.driver().start();

  it.driver().request(in, 0, {}, 512);

  EXPECT_EQ(it.card->irq_state, 1);
  EXPECT_EQ(it.driver().take_interrupt_reason(), 1);
  EXPECT_EQ(it.card->irq_state, 0);
  EXPECT_EQ(it.driver().take_interrupt_reason(), 0);
}

TEST_P(VirtioBlk, does_not_interrupt_a_driver_that_does_not_want_it) {
  DiskBoard it(face());
  it.driver().start();
  it.driver().set_avail_flags(1);

  EXPECT_EQ(it.driver().request(in, 0, {}, 512), ok);

  EXPECT_EQ(it.card->irq_state, 0);
}

TEST_P(VirtioBlk, interrupts_when_the_used_index_passes_the_event_index) {
  DiskBoard it(face());
  it.driver().start(1ull << 29);
  it.driver().request(in, 0, {}, 512);  // the first is told in any case
  it.driver().take_interrupt_reason();
  it.driver().set_used_event(2);

  it.driver().request(in, 0, {}, 512);
  EXPECT_EQ(it.card->irq_state, 0);
  it.driver().request(in, 0, {}, 512);
  EXPECT_EQ(it.card->irq_state, 1);
}

TEST_P(VirtioBlk, a_reset_takes_the_pin_down_and_the_queue_away) {
  DiskBoard it(face());
  it.driver().start();
  it.driver().request(in, 0, {}, 512);

  it.driver().reset();

  EXPECT_EQ(it.card->irq_state, 0);
  EXPECT_EQ(it.driver().status(), 0);
  EXPECT_EQ(it.driver().request(in, 0, {}, 512), no_answer);
}

TEST_P(VirtioBlk, works_again_after_a_reset) {
  DiskBoard it(face());
  it.driver().start();
  it.driver().request(in, 0, {}, 512);

  it.driver().start();

  EXPECT_EQ(it.driver().request(in, 9, {}, 512), ok);
  EXPECT_EQ(it.driver().data(512), part_of(*it.disk, 9, 1));
}

TEST_P(VirtioBlk, takes_a_request_cut_into_many_pieces) {
  DiskBoard it(face());
  Driver& driver = it.driver();
  driver.start();
  write_number(address_space_memory(), header_at, 0, 8);
  write_number(address_space_memory(), header_at + 8, 2, 8);

  driver.describe(0, {{header_at, 5, false},
                      {header_at + 5, 11, false},
                      {data_at, 100, true},
                      {data_at + 100, 412, true},
                      {status_at, 1, true}});
  driver.make_available(0);
  driver.notify();

  EXPECT_EQ(driver.used_index(), 1);
  EXPECT_EQ(driver.data(512), part_of(*it.disk, 2, 1));
}

TEST_P(VirtioBlk, follows_an_indirect_table) {
  DiskBoard it(face());
  Driver& driver = it.driver();
  driver.start(1ull << 28);
  driver.request(in, 4, {}, 512);  // leaves its descriptors in the table
  Bytes table(48);
  address_space_memory().read(driver.desc(), std::as_writable_bytes(std::span(table)));
  address_space_memory().write(indirect_at, std::as_bytes(std::span(table)));
  write_number(address_space_memory(), data_at, 0, 8);

  write_number(address_space_memory(), driver.desc(), indirect_at, 8);
  write_number(address_space_memory(), driver.desc() + 8, 48, 4);
  write_number(address_space_memory(), driver.desc() + 12, 4, 2);
  driver.make_available(0);
  driver.notify();

  EXPECT_EQ(driver.used_index(), 2);
  EXPECT_EQ(driver.data(512), part_of(*it.disk, 4, 1));
}

TEST_P(VirtioBlk, serves_all_that_is_waiting_at_one_notification) {
  DiskBoard it(face());
  Driver& driver = it.driver();
  driver.start();
  driver.describe(0,
                  {{header_at, 16, false}, {data_at, 512, true}, {status_at, 1, true}});
  for (int i = 0; i < 5; ++i) {
    driver.make_available(0);
  }

  driver.notify();

  EXPECT_EQ(driver.used_index(), 5);
}

// ---- mistakes on the command line ---------------------------------------------------

std::string realize_error(const std::map<std::string, std::string>& properties) {
  return error_of([&] { const DiskBoard it(Face::legacy, properties); });
}

TEST(VirtioBlkProperties, are_refused_in_the_words_of_4_0) {
  EXPECT_EQ(realize_error({{"num-queues", "0"}}),
            "num-queues property must be larger than 0");
  EXPECT_EQ(realize_error({{"queue-size", "3"}}),
            "invalid queue-size property (3), must be a power of 2 (max 1024)");
  EXPECT_EQ(
      realize_error({{"logical_block_size", "600"}}),
      "Property .logical_block_size doesn't take value '600', it's not a power of 2");
  EXPECT_EQ(realize_error({{"logical_block_size", "4096"}}),
            "logical_block_size > physical_block_size not supported");
  EXPECT_EQ(realize_error({{"max-discard-sectors", "0"}}),
            "invalid max-discard-sectors property (0), must be between 1 and 4194303");
  EXPECT_EQ(realize_error({{"scsi", "on"}}),
            "Please set scsi=off for virtio-blk devices in order to use virtio 1.0");
  EXPECT_EQ(realize_error({{"cyls", "2"}}), "heads must be between 1 and 255");
  EXPECT_EQ(realize_error({{"disable-legacy", "on"}, {"disable-modern", "on"}}),
            "device cannot work as neither modern nor legacy mode is enabled");
}

TEST(VirtioBlkProperties, a_disk_needs_a_drive_with_a_medium_of_its_own) {
  const Board board("pc-i440fx-4.0");
  block_close_all();
  blk_add(std::make_unique<BlockBackend>("empty"));
  blk_add(std::make_unique<BlockBackend>("d0", std::make_shared<MemoryDisk>(512)));
  const auto add = [](const std::map<std::string, std::string>& properties) {
    return error_of([&] { add_card(DiskBoard::bus(), "virtio-blk-pci", properties); });
  };

  EXPECT_EQ(add({}), "drive property not set");
  EXPECT_EQ(add({{"drive", "empty"}}), "Device needs media, but drive is empty");
  EXPECT_EQ(add({{"drive", "nosuch"}}),
            "Property 'virtio-blk-device.drive' can't find value 'nosuch'");
  EXPECT_EQ(add({{"drive", "d0"}}), "");
  EXPECT_EQ(add({{"drive", "d0"}}), "Drive 'd0' is already in use by another device");
}

}  // namespace
}  // namespace virtio_test
