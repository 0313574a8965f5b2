// Which keys of a shared terminal reach the guest, which the monitor, which neither.
#include "backend/escape_keys.h"

#include <gtest/gtest.h>

namespace {

struct Terminal {
  std::string guest, printed;
  std::vector<std::string> commands;
  int quits = 0;
  backend::EscapeKeys keys{{
      .guest =
          [this](std::span<const std::uint8_t> bytes) {
            guest.append(bytes.begin(), bytes.end());
          },
      .monitor = [this](const std::string& line) { commands.push_back(line); },
      .print = [this](const std::string& text) { printed += text; },
      .quit = [this] { ++quits; },
  }};

  void type(const std::string& text) {
    keys.typed({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }
};

TEST(EscapeKeys, ordinary_keys_reach_the_guest) {
  Terminal terminal;

  terminal.type("ls\r\x03");

  EXPECT_EQ(terminal.guest, "ls\r\x03");
}

TEST(EscapeKeys, C_a_x_quits_and_the_guest_sees_nothing_of_it) {
  Terminal terminal;

  terminal.type("\x01");
  terminal.type("x");

  EXPECT_EQ(terminal.quits, 1);
  EXPECT_EQ(terminal.guest, "");
}

TEST(EscapeKeys, C_a_twice_is_one_C_a_for_the_guest) {
  Terminal terminal;

  terminal.type("\x01\x01x");

  EXPECT_EQ(terminal.guest, "\x01x");
  EXPECT_EQ(terminal.quits, 0);
}

TEST(EscapeKeys, C_a_h_lists_the_keys) {
  Terminal terminal;

  terminal.type("\x01h");

  EXPECT_NE(terminal.printed.find("C-a x    quit"), std::string::npos);
  EXPECT_EQ(terminal.guest, "");
}

TEST(EscapeKeys, C_a_c_gives_whole_lines_to_the_monitor_until_the_next_one) {
  Terminal terminal;

  terminal.type(
      "a\x01"
      "cquix\x7ft\r\x01"
      "cb");

  EXPECT_EQ(terminal.guest, "ab");
  EXPECT_EQ(terminal.commands, std::vector<std::string>{"quit"});
}

TEST(EscapeKeys, the_monitor_echoes_what_is_typed) {
  Terminal terminal;

  terminal.type(
      "\x01"
      "chi");

  EXPECT_EQ(terminal.printed, "\r\n(vitrine) hi");
}

}  // namespace
