// The frame of the remote protocol, and the numbers in it.
#include "gdbstub/packet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gdbstub/hex.h"
#include "gdbstub/thread_id.h"

namespace gdbstub {
namespace {

std::vector<Input> feed(PacketReader& reader, std::string_view bytes) {
  std::vector<Input> inputs;
  for (const char c : bytes) {
    const Input input = reader.feed(static_cast<std::uint8_t>(c));
    if (input != Input::nothing) {
      inputs.push_back(input);
    }
  }
  return inputs;
}

TEST(Packet, a_packet_with_its_checksum_is_one) {
  PacketReader reader;

  EXPECT_THAT(feed(reader, "$m10,4#2e"), ::testing::ElementsAre(Input::packet));
  EXPECT_EQ(reader.packet(), "m10,4");
}

TEST(Packet, a_wrong_checksum_is_no_packet) {
  PacketReader reader;

  EXPECT_THAT(feed(reader, "$m10,4#2b"), ::testing::ElementsAre(Input::bad_packet));
}

TEST(Packet, a_checksum_that_is_no_number_is_no_packet) {
  PacketReader reader;

  EXPECT_THAT(feed(reader, "$#zz"), ::testing::ElementsAre(Input::bad_packet));
}

TEST(Packet, an_escaped_byte_comes_out_as_it_was_meant) {
  PacketReader reader;

  feed(reader, "$X}\x03#f8");  // '}' and 0x23 ^ 0x20 stand for '#'

  EXPECT_EQ(reader.packet(), "X#");
}

TEST(Packet, a_dollar_in_the_middle_begins_anew) {
  PacketReader reader;

  EXPECT_THAT(feed(reader, "$m10,$g#67"), ::testing::ElementsAre(Input::packet));
  EXPECT_EQ(reader.packet(), "g");
}

TEST(Packet, a_packet_longer_than_offered_is_dropped_and_the_next_one_read) {
  PacketReader reader;
  const std::string endless(PacketReader::largest + 1, 'a');

  EXPECT_THAT(feed(reader, "$" + endless + "#00$g#67"),
              ::testing::ElementsAre(Input::too_long, Input::packet));
}

TEST(Packet, control_c_counts_outside_of_packets_only) {
  PacketReader reader;

  EXPECT_THAT(feed(reader, "\x03$\x03#03"),
              ::testing::ElementsAre(Input::interrupt, Input::packet));
}

TEST(Packet, acknowledgements_are_told_apart) {
  PacketReader reader;

  EXPECT_THAT(feed(reader, "+-"), ::testing::ElementsAre(Input::ack, Input::nack));
}

TEST(Packet, what_is_written_reads_back) {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all += static_cast<char>(i);
  }
  PacketReader reader;

  EXPECT_THAT(feed(reader, packet_of(all)), ::testing::ElementsAre(Input::packet));
  EXPECT_EQ(reader.packet(), all);
}

TEST(Hex, a_number_of_more_than_64_bits_is_none) {
  EXPECT_EQ(Cursor("ffffffffffffffff").number(), ~std::uint64_t{0});
  EXPECT_FALSE(Cursor("10000000000000000").number());
}

TEST(Hex, half_a_byte_is_none) {
  EXPECT_FALSE(bytes_of_hex("abc"));
  EXPECT_FALSE(bytes_of_hex("0g"));
}

TEST(ThreadName, with_and_without_a_process) {
  Cursor with("p1.2"), without("2"), every("-1"), process("p1");

  EXPECT_EQ(take_thread_id(with)->thread, 2);
  EXPECT_EQ(take_thread_id(without)->thread, 2);
  EXPECT_EQ(take_thread_id(every)->thread, ThreadId::all);
  EXPECT_EQ(take_thread_id(process)->thread, ThreadId::all);
}

TEST(ThreadName, another_process_has_no_CPU_of_ours) {
  Cursor text("p2.1");

  EXPECT_FALSE(take_thread_id(text)->includes(0));
}

}  // namespace
}  // namespace gdbstub
