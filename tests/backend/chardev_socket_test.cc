// The socket character device with real sockets of this host.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/chardev.h"
#include "core/memory.h"
#include "core/run_state.h"
#include "types.h"

namespace {

using namespace core;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Options = std::vector<std::pair<std::string, std::string>>;

class Sockets : public ::testing::Test {
 protected:
  Sockets() {
    register_types();
    address_spaces_init();
    std::string pattern =
        (std::filesystem::temp_directory_path() / "socketXXXXXX").string();
    folder = mkdtemp(pattern.data());
    path = folder + "/s";
  }

  ~Sockets() override {
    chardev_close_all();
    memory_reset_for_test();
    std::filesystem::remove_all(folder);
  }

  static std::string error_of(const Options& options) {
    try {
      chardev_new("socket", "bad", options);
    } catch (const qom::Error& error) {
      return error.what();
    }
    return "";
  }

  // A server at `path` that notes what happens to it and ends the main loop after
  // `events` of that.
  Chardev* listen(std::size_t events) {
    Chardev* chr =
        chardev_new("socket", "c0", {{"path", path}, {"server", "on"}, {"wait", "off"}});
    const auto note = [this, events](const std::string& what) {
      happened.push_back(what);
      if (happened.size() == events) {
        request_shutdown(ShutdownCause::host_quit);
      }
    };
    chr->can_read = [] { return 100; };
    chr->read = [note](std::span<const std::uint8_t> bytes) {
      note(std::string(bytes.begin(), bytes.end()));
    };
    chr->event = [note](ChardevEvent event) {
      note(event == ChardevEvent::opened ? "opened" : "closed");
    };
    return chr;
  }

  int connect_to_path() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
  }

  std::string folder, path;
  std::vector<std::string> happened;
};

TEST_F(Sockets, what_a_client_writes_is_read_and_its_leaving_is_noticed) {
  listen(3);
  const int client = connect_to_path();
  ASSERT_EQ(::write(client, "hello", 5), 5);
  ::close(client);

  run_machine({});

  EXPECT_THAT(happened, ElementsAre("opened", "hello", "closed"));
}

TEST_F(Sockets, after_one_client_the_next_is_served) {
  listen(6);
  const int first = connect_to_path();
  ASSERT_EQ(::write(first, "1", 1), 1);
  ::close(first);
  const int second = connect_to_path();
  ASSERT_EQ(::write(second, "2", 1), 1);
  ::close(second);

  run_machine({});

  EXPECT_THAT(happened, ElementsAre("opened", "1", "closed", "opened", "2", "closed"));
}

TEST_F(Sockets, what_is_written_reaches_the_client) {
  Chardev* chr = listen(1);
  const int client = connect_to_path();
  run_machine({});

  chardev_write(chr, std::vector<std::uint8_t>{'o', 'k'});

  char bytes[8] = {};
  EXPECT_EQ(::read(client, bytes, sizeof bytes), 2);
  EXPECT_STREQ(bytes, "ok");
  ::close(client);
}

TEST_F(Sockets, what_is_written_to_nobody_is_gone) {
  Chardev* chr = listen(1);

  chardev_write(chr, std::vector<std::uint8_t>{'o', 'k'});

  EXPECT_FALSE(chr->is_open);
}

TEST_F(Sockets, a_client_that_left_is_noticed_by_writing_too) {
  Chardev* chr = listen(1);
  const int client = connect_to_path();
  run_machine({});
  ::close(client);

  chardev_write(chr, std::vector<std::uint8_t>(10, 'x'));

  EXPECT_FALSE(chr->is_open);
  EXPECT_THAT(happened, ElementsAre("opened", "closed"));
}

TEST_F(Sockets, a_local_socket_is_taken_away_at_the_end) {
  listen(1);
  ASSERT_TRUE(std::filesystem::exists(path));

  chardev_close_all();

  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Sockets, a_file_in_the_way_is_left_alone) {
  std::ofstream(path) << "precious";

  EXPECT_THAT(error_of({{"path", path}, {"server", "on"}, {"wait", "off"}}),
              StartsWith("Failed to bind socket to " + path));
  EXPECT_EQ(std::filesystem::file_size(path), 8u);
}

TEST_F(Sockets, port_0_is_a_free_port_of_the_named_address) {
  const Chardev* chr = chardev_new(
      "socket", "c0",
      {{"host", "127.0.0.1"}, {"port", "0"}, {"server", "on"}, {"wait", "off"}});

  EXPECT_THAT(chr->filename, StartsWith("tcp:127.0.0.1:"));
  EXPECT_NE(chr->filename, "tcp:127.0.0.1:0");
}

TEST_F(Sockets, a_port_in_use_is_an_error) {
  const Chardev* chr = chardev_new(
      "socket", "c0",
      {{"host", "localhost"}, {"port", "0"}, {"server", "on"}, {"wait", "off"}});
  const std::string port = chr->filename.substr(chr->filename.rfind(':') + 1);

  EXPECT_EQ(
      error_of(
          {{"host", "127.0.0.1"}, {"port", port}, {"server", "on"}, {"wait", "off"}}),
      "Failed to find an available port: Address already in use");
}

TEST_F(Sockets, a_client_whose_server_is_not_there_is_an_error) {
  EXPECT_EQ(error_of({{"path", path}}),
            "Failed to connect socket " + path + ": No such file or directory");
}

TEST_F(Sockets, one_place_and_only_one_is_named) {
  const std::string text = "Exactly one of 'path', 'fd' or 'host' required";

  EXPECT_EQ(error_of({}), text);
  EXPECT_EQ(error_of({{"path", path}, {"host", "::1"}}), text);
  EXPECT_EQ(error_of({{"host", "::1"}}), "chardev: socket: no port given");
}

TEST_F(Sockets, addresses_that_are_none_are_refused) {
  EXPECT_THAT(error_of({{"host", "a.b.c"}, {"port", "1"}}),
              StartsWith("address resolution failed for a.b.c:1"));
  EXPECT_THAT(error_of({{"host", ""}, {"port", "70000"}}), HasSubstr("is not a port"));
  EXPECT_THAT(error_of({{"path", std::string(200, 'a')}}), HasSubstr("is too long"));
  EXPECT_THAT(error_of({{"fd", "999"}}), HasSubstr("is not a socket"));
}

}  // namespace
