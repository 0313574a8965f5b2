#include "gdbstub/packet.h"

#include <array>

#include "gdbstub/hex.h"
#include "trace/event.h"

namespace gdbstub {

namespace {

struct Garbage {
  static constexpr trace::Declaration declaration{
      "gdbstub_err_garbage", trace::Category::host, trace::Shape::instant,
      "A byte from the debugger is in no packet."};
  std::uint32_t byte = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("byte", &Garbage::byte, "which"));
  }
};

struct Overrun {
  static constexpr trace::Declaration declaration{
      "gdbstub_err_overrun", trace::Category::host, trace::Shape::instant,
      "A packet is longer than what was offered; it is dropped."};

  static constexpr auto fields() { return trace::fields(); }
};

struct ChecksumIncorrect {
  static constexpr trace::Declaration declaration{
      "gdbstub_err_checksum_incorrect", trace::Category::host, trace::Shape::instant,
      "A packet's checksum is not that of its bytes; the debugger sends it again."};
  std::uint32_t expected = 0;

  static constexpr auto fields() {
    return trace::fields(
        trace::state("expected", &ChecksumIncorrect::expected, "of the bytes that came"));
  }
};

constexpr std::uint8_t escape = '}';
constexpr std::uint8_t escape_bit = 0x20;
constexpr std::uint8_t control_c = 3;

}  // namespace

Input PacketReader::feed(std::uint8_t byte) {
  switch (state_) {
    case State::outside:
      return outside(byte);
    case State::payload:
      if (byte == '$') {  // the rest of this one got lost
        state_ = State::outside;
        return outside(byte);
      }
      if (byte == '#') {
        state_ = State::checksum_1;
        return Input::nothing;
      }
      sum_ = static_cast<std::uint8_t>(sum_ + byte);
      if (byte == escape) {
        state_ = State::escaped;
        return Input::nothing;
      }
      return take(byte);
    case State::escaped:
      sum_ = static_cast<std::uint8_t>(sum_ + byte);
      state_ = State::payload;
      return take(byte ^ escape_bit);
    case State::checksum_1:
      high_digit_ = hex_digit(static_cast<char>(byte));
      state_ = State::checksum_2;
      return Input::nothing;
    case State::checksum_2:
      state_ = State::outside;
      return end(hex_digit(static_cast<char>(byte)));
  }
  return Input::nothing;
}

Input PacketReader::outside(std::uint8_t byte) {
  switch (byte) {
    case '$':
      payload_.clear();
      sum_ = 0;
      state_ = State::payload;
      return Input::nothing;
    case '+':
      return Input::ack;
    case '-':
      return Input::nack;
    case control_c:
      return Input::interrupt;
    default:
      trace::instant(Garbage{.byte = byte});
      return Input::nothing;
  }
}

Input PacketReader::take(std::uint8_t byte) {
  if (payload_.size() == largest) {
    trace::instant(Overrun{});
    state_ = State::outside;
    return Input::too_long;
  }
  payload_ += static_cast<char>(byte);
  return Input::nothing;
}

Input PacketReader::end(int low_digit) {
  const bool digits = high_digit_ >= 0 && low_digit >= 0;
  if (digits && (high_digit_ << 4 | low_digit) == sum_) {
    return Input::packet;
  }
  trace::instant(ChecksumIncorrect{.expected = sum_});
  return Input::bad_packet;
}

std::string packet_of(std::string_view payload) {
  std::string text = "$";
  std::uint8_t sum = 0;
  const auto put = [&](char c) {
    text += c;
    sum = static_cast<std::uint8_t>(sum + static_cast<std::uint8_t>(c));
  };
  for (const char c : payload) {
    if (c == '#' || c == '$' || c == '}' || c == '*') {  // '*' would be a repeat count
      put(static_cast<char>(escape));
      put(static_cast<char>(c ^ escape_bit));
    } else {
      put(c);
    }
  }
  text += '#';
  append_hex(text, sum, 2);
  return text;
}

}  // namespace gdbstub
