// "socket": a TCP or local socket, waiting for somebody (server=on) or connecting.
//
//   host=ADDRESS,port=NUMBER   a number address or "localhost"; with server=on an empty
//                              host is every address of this host, port=0 any free port
//   path=FILE                  a local socket
//   fd=NUMBER                  one that the parent opened
//   server=on|off  wait=on|off (server: the start waits for the first connection; on)
//   nodelay=on|off             every byte leaves at once
//
// One connection at a time; when it ends a server waits for the next. What is written
// while nobody is there is gone, as on a serial line without a cable. A reader that takes
// nothing for five seconds loses its connection: the machine does not wait for ever.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>

#include "backend/chardev_fd.h"
#include "backend/chardev_options.h"
#include "core/report.h"
#include "core/run_state.h"
#include "qom/module.h"

namespace backend {

using namespace core;
using qom::Error;

namespace {

struct SocketEvent {
  static constexpr trace::Declaration declaration{
      "chr_socket_event", trace::Category::host, trace::Shape::instant,
      "Somebody connected to a socket character device, or left."};
  std::string_view id;
  std::string_view what;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("id", &SocketEvent::id, "the character device"),
        trace::identity("what", &SocketEvent::what, "listening, opened or closed"));
  }
};

// An open descriptor; closed with it.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}

  ~Fd() { reset(); }

  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  Fd& operator=(Fd&& other) noexcept {
    reset();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }

  int get() const { return fd_; }

  bool valid() const { return fd_ >= 0; }

  void reset() {
    if (fd_ >= 0) {
      ::close(std::exchange(fd_, -1));
    }
  }

 private:
  int fd_;
};

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;

  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&bytes); }

  int family() const { return bytes.ss_family; }
};

struct SocketChardev : Chardev {
  static constexpr const char* qom_type = "chardev-socket";
  Fd listener{};
  Fd connection{};
  std::string path{};  // of a local socket made here
  bool nodelay = false;
};

SocketChardev* as_socket(Chardev* chr) {
  return static_cast<SocketChardev*>(chr);
}

[[noreturn]] void fail(const std::string& what) {
  throw Error(what + ": " + std::strerror(errno));
}

void make_private(int fd, bool blocking) {
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  ::fcntl(fd, F_SETFL, blocking ? 0 : O_NONBLOCK);
}

// ---- addresses ------------------------------------------------------------------------

std::uint16_t port_of(const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw Error("'" + text + "' is not a port: a number from 0 to 65535 is");
  }
  return port;
}

Address local_address(const std::string& path) {
  Address address;
  auto* name = reinterpret_cast<sockaddr_un*>(&address.bytes);
  if (path.size() >= sizeof name->sun_path) {
    throw Error("UNIX socket path '" + path + "' is too long: it may have " +
                std::to_string(sizeof name->sun_path - 1) + " characters");
  }
  name->sun_family = AF_UNIX;
  std::memcpy(name->sun_path, path.data(), path.size());
  address.size = sizeof *name;
  return address;
}

Address internet_address(std::string host, const std::string& port) {
  if (host == "localhost") {
    host = "127.0.0.1";
  }
  Address address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.bytes);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.bytes);
  const std::uint16_t number = htons(port_of(port));
  if (::inet_pton(AF_INET, host.empty() ? "0.0.0.0" : host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = number;
    address.size = sizeof *v4;
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = number;
    address.size = sizeof *v6;
  } else {
    throw Error("address resolution failed for " + host + ":" + port +
                ": names are not looked up, give the address as a number");
  }
  return address;
}

// "127.0.0.1:1234", with the port the kernel chose.
std::string bound_name(int fd) {
  Address address;
  address.size = sizeof address.bytes;
  char text[INET6_ADDRSTRLEN] = "";
  if (::getsockname(fd, address.generic(), &address.size) != 0) {
    return {};
  }
  if (address.family() == AF_INET6) {
    const auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.bytes);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
    return "[" + std::string(text) + "]:" + std::to_string(ntohs(v6->sin6_port));
  }
  const auto* v4 = reinterpret_cast<sockaddr_in*>(&address.bytes);
  ::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
  return std::string(text) + ":" + std::to_string(ntohs(v4->sin_port));
}

// ---- one connection -------------------------------------------------------------------

void hang_up(SocketChardev* self) {
  if (!self->connection.valid()) {
    return;
  }
  main_loop_remove_fd(self->connection.get());
  self->connection.reset();
  self->is_open = false;
  trace::instant(SocketEvent{.id = self->label, .what = "closed"});
  if (self->event) {
    self->event(ChardevEvent::closed);
  }
}

void answer(SocketChardev* self, Fd connection) {
  make_private(connection.get(), false);
  if (self->nodelay) {
    const int on = 1;  // a local socket has no such option, and no delay
    ::setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  self->connection = std::move(connection);
  self->is_open = true;
  trace::instant(SocketEvent{.id = self->label, .what = "opened"});
  if (self->event) {
    self->event(ChardevEvent::opened);
  }
  main_loop_add_fd(
      self->connection.get(),
      [self] {
        if (!chardev_read_and_deliver(self, self->connection.get())) {
          hang_up(self);
        }
      },
      [self] { return self->can_read && self->can_read() > 0; });
}

void accept_one(SocketChardev* self) {
  Fd connection(::accept(self->listener.get(), nullptr, nullptr));
  if (connection.valid()) {
    answer(self, std::move(connection));
  }
}

void write_socket(Chardev* chr, std::span<const std::uint8_t> bytes) {
  constexpr int patience_ms = 5000;
  SocketChardev* self = as_socket(chr);
  while (self->connection.valid() && !bytes.empty()) {
    const int fd = self->connection.get();
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    const int error = errno;
    pollfd entry{fd, POLLOUT, 0};
    if (error == EINTR || (error == EAGAIN && ::poll(&entry, 1, patience_ms) == 1)) {
      continue;
    }
    chardev_write_lost(chr, bytes.size(), error);
    hang_up(self);
  }
}

// Nobody there: the bytes are gone.
std::size_t write_some(Chardev* chr, std::span<const std::uint8_t> bytes) {
  SocketChardev* self = as_socket(chr);
  if (!self->connection.valid()) {
    return bytes.size();
  }
  const ssize_t sent = ::send(self->connection.get(), bytes.data(), bytes.size(),
                              MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) {
    return static_cast<std::size_t>(sent);
  }
  if (errno == EAGAIN || errno == EINTR) {
    return 0;
  }
  chardev_write_lost(chr, bytes.size(), errno);
  hang_up(self);
  return bytes.size();
}

// ---- opening --------------------------------------------------------------------------

// A socket that an earlier run left behind; a file that is none stays, and bind() says
// so.
void remove_old_socket(const std::string& path) {
  struct stat status {};

  if (::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) {
    ::unlink(path.c_str());
  }
}

Fd bind_to(Address address, const std::string& name) {
  Fd fd(::socket(address.family(), SOCK_STREAM, 0));
  if (!fd.valid()) {
    fail("Failed to create socket");
  }
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool local = address.family() == AF_UNIX;
  if (::bind(fd.get(), address.generic(), address.size) != 0) {
    fail(local ? "Failed to bind socket to " + name : "Failed to find an available port");
  }
  if (::listen(fd.get(), 1) != 0) {
    // Two may bind to one port; only one may listen.
    fail(local ? "Failed to listen on socket" : "Failed to find an available port");
  }
  return fd;
}

Fd connect_to(Address address, const std::string& name) {
  Fd fd(::socket(address.family(), SOCK_STREAM, 0));
  if (!fd.valid()) {
    fail("Failed to create socket");
  }
  if (::connect(fd.get(), address.generic(), address.size) != 0) {
    fail("Failed to connect socket" +
         (address.family() == AF_UNIX ? " " + name : std::string()));
  }
  return fd;
}

Fd inherited(const std::string& text) {
  int fd = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), fd);

  struct stat status {};

  if (error != std::errc{} || end != text.data() + text.size() || fd < 0 ||
      ::fstat(fd, &status) != 0 || !S_ISSOCK(status.st_mode)) {
    throw Error("File descriptor '" + text + "' is not a socket");
  }
  return Fd(fd);
}

Fd open_socket(SocketChardev* self, const ChardevOptions& options, bool server) {
  const std::string* host = option_text(options, "host");
  const std::string* port = option_text(options, "port");
  const std::string* path = option_text(options, "path");
  const std::string* fd = option_text(options, "fd");
  if ((host != nullptr) + (path != nullptr) + (fd != nullptr) != 1) {
    throw Error("Exactly one of 'path', 'fd' or 'host' required");
  }
  if (fd != nullptr) {
    self->filename = "fd:" + *fd;
    return inherited(*fd);
  }
  if (path != nullptr) {
    self->filename = "unix:" + *path;
    Address address = local_address(*path);
    if (!server) {
      return connect_to(address, *path);
    }
    remove_old_socket(*path);
    Fd listener = bind_to(address, *path);
    self->path = *path;
    return listener;
  }
  if (port == nullptr) {
    throw Error("chardev: socket: no port given");
  }
  const Address address = internet_address(*host, *port);
  Fd socket = server ? bind_to(address, *host + ":" + *port)
                     : connect_to(address, *host + ":" + *port);
  self->filename = "tcp:" + (server ? bound_name(socket.get()) : *host + ":" + *port);
  return socket;
}

void wait_for_somebody(SocketChardev* self) {
  info_report("QEMU waiting for connection on: disconnected:" + self->filename +
              ",server");
  while (!self->connection.valid()) {
    Fd connection(::accept(self->listener.get(), nullptr, nullptr));
    if (connection.valid()) {
      answer(self, std::move(connection));
    } else if (errno != ECONNABORTED) {
      fail("nobody connected to " + self->filename);
    }
  }
}

void socket_open(Chardev* chr, const ChardevOptions& options) {
  SocketChardev* self = as_socket(chr);
  const bool server = option_bool(options, "server", false);
  const bool wait = option_bool(options, "wait", true);
  self->nodelay =
      option_bool(options, "nodelay", false) || !option_bool(options, "delay", true);
  self->is_open = false;
  Fd socket = open_socket(self, options, server);
  if (!server) {
    if (option_text(options, "wait") != nullptr) {
      warn_report("'wait' option is deprecated with socket in client connect mode");
    }
    answer(self, std::move(socket));
    return;
  }
  self->listener = std::move(socket);
  trace::instant(SocketEvent{.id = self->label, .what = "listening"});
  make_private(self->listener.get(), wait);
  if (wait) {
    wait_for_somebody(self);
    make_private(self->listener.get(), false);
  }
  main_loop_add_fd(
      self->listener.get(), [self] { accept_one(self); },
      [self] { return !self->connection.valid(); });
}

void socket_close(Chardev* chr) {
  SocketChardev* self = as_socket(chr);
  self->event = nullptr;
  hang_up(self);
  if (self->listener.valid()) {
    main_loop_remove_fd(self->listener.get());
    self->listener.reset();
  }
  if (!self->path.empty()) {
    ::unlink(std::exchange(self->path, {}).c_str());
  }
}

void class_init(qom::ObjectClass* klass, void*) {
  auto* cc = qom::class_cast<ChardevClass>(klass);
  cc->open = socket_open;
  cc->write = write_socket;
  cc->write_some = write_some;
  cc->close = socket_close;
}

constinit const qom::TypeInfo info{
    .name = "chardev-socket",
    .parent = TYPE_CHARDEV,
    .instance = qom::instance_struct<SocketChardev>(),
    .class_init = class_init,
};

void chardev_socket_register_types() {
  qom::type_register_static(info);
}

}  // namespace

type_init(chardev_socket_register_types)

}  // namespace backend
