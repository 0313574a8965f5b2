// Character devices over host descriptors. See chardev_fd.h.
//
// Output is written at once and completely: a guest that prints is as fast as the
// reader of its output. Input is read by the main loop, never more than the device's
// FIFO has room for.
#include "backend/chardev_fd.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/run_state.h"
#include "qom/module.h"

namespace backend {

using namespace core;

namespace {

struct BeWrite {
  static constexpr trace::Declaration declaration{
      "qemu_chr_be_write", trace::Category::host, trace::Shape::instant,
      "Input from the host reaches a device."};
  std::string_view id;
  std::uint32_t bytes = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("id", &BeWrite::id, "the character device"),
                         trace::state("bytes", &BeWrite::bytes, "how many"));
  }
};

struct WriteLost {
  static constexpr trace::Declaration declaration{
      "chardev_write_lost", trace::Category::host, trace::Shape::instant,
      "Guest output was lost: the host did not take it."};
  std::string_view id;
  std::uint32_t bytes = 0;
  std::string_view why;

  static constexpr auto fields() {
    return trace::fields(trace::identity("id", &WriteLost::id, "the character device"),
                         trace::volatile_field("bytes", &WriteLost::bytes, "how many"),
                         trace::state("why", &WriteLost::why, "the host's error"));
  }
};

constexpr std::size_t largest_read = 4096;

FdChardev* as_fd(Chardev* chr) {
  return static_cast<FdChardev*>(chr);
}

// Waits until a descriptor in non-blocking mode takes bytes again.
bool wait_writable(int fd) {
  pollfd entry{fd, POLLOUT, 0};
  return poll(&entry, 1, -1) == 1 || errno == EINTR;
}

// What a pipe takes at once when it says that it takes something.
constexpr std::size_t certain_room = 512;

// An error loses the bytes, as for fd_chardev_write.
std::size_t write_some(Chardev* chr, std::span<const std::uint8_t> bytes) {
  const int fd = as_fd(chr)->fd_out;
  std::size_t done = 0;
  while (fd >= 0 && done < bytes.size()) {
    pollfd entry{fd, POLLOUT, 0};
    if (poll(&entry, 1, 0) == 0)
      return done;
    const auto part = bytes.subspan(done, std::min(certain_room, bytes.size() - done));
    const ssize_t written = ::write(fd, part.data(), part.size());
    if (written < 0 && errno == EAGAIN)
      return done;
    if (written < 0 && errno != EINTR) {
      chardev_write_lost(chr, bytes.size() - done, errno);
      return bytes.size();
    }
    done += written < 0 ? 0 : static_cast<std::size_t>(written);
  }
  return bytes.size();
}

void class_init(ObjectClass* klass, void*) {
  auto* cc = class_cast<ChardevClass>(klass);
  cc->write = fd_chardev_write;
  cc->write_some = write_some;
  cc->close = fd_chardev_close;
}

constinit const TypeInfo info{
    .name = TYPE_CHARDEV_FD,
    .parent = TYPE_CHARDEV,
    .instance = instance_struct<FdChardev>(),
    .abstract = true,
    .class_init = class_init,
};

void chardev_fd_register_types() {
  type_register_static(info);
}

}  // namespace

void chardev_write_lost(const Chardev* chr, std::size_t bytes, int error) {
  trace::instant(WriteLost{.id = chr->label,
                           .bytes = static_cast<std::uint32_t>(bytes),
                           .why = std::strerror(error)});
}

void chardev_deliver(Chardev* chr, std::span<const std::uint8_t> bytes) {
  trace::instant(
      BeWrite{.id = chr->label, .bytes = static_cast<std::uint32_t>(bytes.size())});
  if (chr->read)
    chr->read(bytes);
}

bool chardev_read_and_deliver(Chardev* chr, int fd) {
  const int room = chr->can_read ? chr->can_read() : 0;
  if (room <= 0)
    return true;
  std::array<std::uint8_t, largest_read> buffer;
  const std::size_t wanted = std::min(buffer.size(), static_cast<std::size_t>(room));
  const ssize_t got = ::read(fd, buffer.data(), wanted);
  if (got < 0)
    return errno == EINTR || errno == EAGAIN;
  if (got == 0)
    return false;
  chardev_deliver(chr, std::span(buffer).first(static_cast<std::size_t>(got)));
  return true;
}

void fd_chardev_listen(FdChardev* chr) {
  main_loop_add_fd(
      chr->fd_in,
      [chr] {
        if (!chardev_read_and_deliver(chr, chr->fd_in))
          main_loop_remove_fd(chr->fd_in);
      },
      [chr] { return chr->can_read && chr->can_read() > 0; });
}

void fd_chardev_write(Chardev* chr, std::span<const std::uint8_t> bytes) {
  const int fd = as_fd(chr)->fd_out;
  while (fd >= 0 && !bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      continue;
    }
    if (errno == EINTR || (errno == EAGAIN && wait_writable(fd)))
      continue;
    chardev_write_lost(chr, bytes.size(), errno);
    return;
  }
}

void fd_chardev_close(Chardev* chr) {
  FdChardev* self = as_fd(chr);
  if (self->fd_in >= 0)
    main_loop_remove_fd(self->fd_in);
  const int in = std::exchange(self->fd_in, -1);
  const int out = std::exchange(self->fd_out, -1);
  if (!self->owns_fd)
    return;
  if (in >= 0)
    ::close(in);
  if (out >= 0 && out != in)
    ::close(out);
}

type_init(chardev_fd_register_types)

}  // namespace backend
