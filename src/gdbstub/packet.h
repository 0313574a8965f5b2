// The frame of the remote protocol: $payload#checksum, acknowledgements, ^C (GDB manual,
// "Remote Protocol", Overview).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gdbstub {

// What one byte from the debugger completed.
enum class Input : std::uint8_t {
  nothing,
  packet,     // PacketReader::packet() holds it
  interrupt,  // ^C
  ack,
  nack,
  bad_packet,  // checksum wrong, or not two digits
  too_long,
};

// Any bytes: what is no packet is passed over up to the next '$'.
class PacketReader {
 public:
  static constexpr std::size_t largest = 0x1000;  // bytes of payload, as 4.0 offers

  Input feed(std::uint8_t byte);

  // After Input::packet: the payload, escapes undone.
  const std::string& packet() const { return payload_; }

  // In the middle of a packet?
  bool inside() const { return state_ != State::outside; }

 private:
  enum class State : std::uint8_t { outside, payload, escaped, checksum_1, checksum_2 };

  Input outside(std::uint8_t byte);
  Input take(std::uint8_t byte);
  Input end(int low_digit);

  State state_ = State::outside;
  std::string payload_;
  std::uint8_t sum_ = 0;
  int high_digit_ = 0;  // of the checksum; -1: no digit
};

// `payload` as it goes over the line: escaped, with its checksum.
std::string packet_of(std::string_view payload);

}  // namespace gdbstub
