// Character devices on real files, pipes and terminals of the host.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "backend/chardev_ringbuf.h"
#include "core/chardev.h"
#include "core/run_state.h"
#include "qom/composition.h"
#include "types.h"

namespace {

using namespace core;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Options = std::vector<std::pair<std::string, std::string>>;

std::string error_of(const std::string& backend, const Options& options,
                     const std::string& id = "c0") {
  try {
    chardev_new(backend, id, options);
  } catch (const qom::Error& error) {
    return error.what();
  }
  return "";
}

void write_text(Chardev* chr, const std::string& text) {
  std::vector<std::uint8_t> bytes(text.begin(), text.end());
  chardev_write(chr, bytes);
}

class Chardevs : public ::testing::Test {
 protected:
  Chardevs() {
    register_types();
    std::string pattern =
        (std::filesystem::temp_directory_path() / "chardevXXXXXX").string();
    folder = mkdtemp(pattern.data());
  }

  ~Chardevs() override {
    chardev_close_all();
    std::filesystem::remove_all(folder);
  }

  std::string file(const char* name) const { return folder + "/" + name; }

  static std::string contents(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  std::string folder;
};

// ---- making -------------------------------------------------------------------------

TEST_F(Chardevs, an_unknown_backend_is_refused_in_the_words_of_4_0) {
  EXPECT_EQ(error_of("foo", {}), "'foo' is not a valid char driver");
}

TEST_F(Chardevs, the_abstract_parent_is_no_backend) {
  EXPECT_EQ(error_of("fd", {}), "'fd' is not a valid char driver");
}

TEST_F(Chardevs, an_id_is_used_once) {
  chardev_new("null", "c0", {});

  EXPECT_EQ(error_of("null", {}), "Duplicate ID 'c0' for chardev");
}

TEST_F(Chardevs, they_live_in_the_tree_under_chardevs) {
  Chardev* chr = chardev_new("null", "c0", {});

  EXPECT_EQ(qom::object_get_canonical_path(chr), "/chardevs/c0");
  EXPECT_EQ(chardev_find("c0"), chr);
  EXPECT_EQ(chardev_find("c1"), nullptr);
}

TEST_F(Chardevs, types_have_the_measured_parents) {
  const std::pair<const char*, const char*> parents[] = {
      {"chardev-null", "chardev"},          {"chardev-fd", "chardev"},
      {"chardev-file", "chardev-fd"},       {"chardev-stdio", "chardev-fd"},
      {"chardev-pty", "chardev"},           {"chardev-ringbuf", "chardev"},
      {"chardev-memory", "chardev-ringbuf"}};
  for (const auto& [type, parent] : parents)
    EXPECT_STREQ(qom::type_parent_name(qom::type_get_by_name(type)), parent) << type;
}

TEST_F(Chardevs, writing_to_nothing_does_nothing) {
  write_text(nullptr, "x");
}

TEST_F(Chardevs, null_swallows_everything) {
  write_text(chardev_new("null", "c0", {}), "x");
}

// ---- file ---------------------------------------------------------------------------

TEST_F(Chardevs, file_gets_what_is_written) {
  write_text(chardev_new("file", "c0", {{"path", file("out")}}), "hello\n");

  EXPECT_EQ(contents(file("out")), "hello\n");
}

TEST_F(Chardevs, file_starts_anew_unless_told_to_append) {
  std::ofstream(file("out")) << "old ";
  std::ofstream(file("kept")) << "old ";

  write_text(chardev_new("file", "c0", {{"path", file("out")}}), "new");
  write_text(chardev_new("file", "c1", {{"path", file("kept")}, {"append", "on"}}),
             "new");

  EXPECT_EQ(contents(file("out")), "new");
  EXPECT_EQ(contents(file("kept")), "old new");
}

TEST_F(Chardevs, file_needs_a_name) {
  EXPECT_EQ(error_of("file", {}), "chardev: file: no filename given");
}

TEST_F(Chardevs, a_file_that_cannot_be_made_is_named) {
  EXPECT_EQ(error_of("file", {{"path", "/nosuch/dir/x"}}),
            "Could not open '/nosuch/dir/x': No such file or directory");
}

TEST_F(Chardevs, a_bad_switch_is_refused) {
  EXPECT_EQ(error_of("file", {{"path", file("out")}, {"append", "maybe"}}),
            "Parameter 'append' expects 'on' or 'off'");
}

TEST_F(Chardevs, a_failed_open_leaves_no_chardev) {
  error_of("file", {});

  EXPECT_EQ(chardev_find("c0"), nullptr);
  EXPECT_EQ(error_of("null", {}), "");
}

TEST_F(Chardevs, a_full_disk_loses_output_and_nothing_else) {
  if (access("/dev/full", W_OK) != 0)
    GTEST_SKIP() << "needs /dev/full";
  Chardev* chr = chardev_new("file", "c0", {{"path", "/dev/full"}});

  write_text(chr, "lost");
}

// ---- ring buffer ----------------------------------------------------------------------

TEST_F(Chardevs, a_ring_buffer_keeps_the_newest) {
  Chardev* chr = chardev_new("ringbuf", "c0", {{"size", "4"}});
  write_text(chr, "abcdef");

  EXPECT_EQ(backend::ringbuf_take(chr), "cdef");
  EXPECT_EQ(backend::ringbuf_take(chr), "");
}

TEST_F(Chardevs, a_ring_buffer_has_a_power_of_two_of_bytes) {
  EXPECT_EQ(error_of("ringbuf", {{"size", "5"}}),
            "size of ringbuf chardev must be power of two");
}

// ---- pty ------------------------------------------------------------------------------

// The far end's name, as it was printed.
std::string make_pty(Chardev** chr) {
  ::testing::internal::CaptureStderr();
  *chr = chardev_new("pty", "c0", {});
  const std::string told = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(told, StartsWith("char device redirected to "));
  EXPECT_THAT(told, HasSubstr(" (label c0)\n"));
  const auto begin = std::string("char device redirected to ").size();
  return told.substr(begin, told.find(" (label") - begin);
}

TEST_F(Chardevs, a_pty_says_where_it_is_and_carries_bytes_out) {
  Chardev* chr = nullptr;
  const std::string name = make_pty(&chr);
  const int fd = open(name.c_str(), O_RDWR | O_NOCTTY);
  ASSERT_GE(fd, 0) << name;

  write_text(chr, "hi\n");

  char text[8] = {};
  ASSERT_EQ(read(fd, text, sizeof text), 3);
  EXPECT_STREQ(text, "hi\n");
  close(fd);
}

TEST_F(Chardevs, a_pty_nobody_reads_never_blocks_the_guest) {
  Chardev* chr = nullptr;
  make_pty(&chr);

  write_text(chr, std::string(1 << 20, 'x'));
}

TEST_F(Chardevs, keys_typed_at_a_pty_reach_the_device) {
  Chardev* chr = nullptr;
  const std::string name = make_pty(&chr);
  const int fd = open(name.c_str(), O_RDWR | O_NOCTTY);
  ASSERT_GE(fd, 0);
  std::string got;
  chr->can_read = [] { return 16; };
  chr->read = [&](std::span<const std::uint8_t> bytes) {
    got.assign(bytes.begin(), bytes.end());
    request_shutdown(ShutdownCause::host_quit);
  };
  ASSERT_EQ(write(fd, "key", 3), 3);

  run_machine({.start_stopped = true});

  EXPECT_EQ(got, "key");
  close(fd);
}

// ---- stdio ----------------------------------------------------------------------------

TEST_F(Chardevs, there_is_one_stdio) {
  const pid_t child = fork();
  if (child == 0) {
    chardev_new("stdio", "c0", {});
    const std::string error = error_of("stdio", {}, "c1");
    _exit(error == "cannot use stdio by multiple character devices" ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

// A terminal whose far end is the standard input of a child that opens stdio and then
// ends as `end` says. True if the terminal is as it was before.
bool terminal_is_restored(void (*end)()) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
    return false;
  const int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
  termios before, after;
  tcgetattr(terminal, &before);
  const pid_t child = fork();
  if (child == 0) {
    dup2(terminal, STDIN_FILENO);
    chardev_new("stdio", "c0", {});
    termios during;
    tcgetattr(STDIN_FILENO, &during);
    if (during.c_lflag & ICANON)
      _exit(9);
    end();
    _exit(8);
  }
  int status = 0;
  waitpid(child, &status, 0);
  tcgetattr(terminal, &after);
  close(terminal);
  close(master);
  return !(WIFEXITED(status) && WEXITSTATUS(status) >= 8) &&
         before.c_lflag == after.c_lflag && before.c_iflag == after.c_iflag &&
         before.c_oflag == after.c_oflag;
}

TEST_F(Chardevs, stdio_puts_the_terminal_back_when_it_closes) {
  EXPECT_TRUE(terminal_is_restored([] {
    chardev_close_all();
    _exit(0);
  }));
}

TEST_F(Chardevs, stdio_puts_the_terminal_back_at_exit) {
  EXPECT_TRUE(terminal_is_restored([] { std::exit(0); }));
}

TEST_F(Chardevs, stdio_puts_the_terminal_back_when_a_signal_kills) {
  EXPECT_TRUE(terminal_is_restored([] { raise(SIGTERM); }));
  EXPECT_TRUE(terminal_is_restored([] { abort(); }));
}

}  // namespace
