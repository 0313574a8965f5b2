// "chardev-fd": what character devices over host descriptors share.
#pragma once

#include "core/chardev.h"

namespace backend {

inline constexpr const char* TYPE_CHARDEV_FD = "chardev-fd";

struct FdChardev : core::Chardev {
  static constexpr const char* qom_type = "chardev-fd";
  int fd_in = -1;       // -1: no input
  int fd_out = -1;      // -1: no output
  bool owns_fd = true;  // closed at the end
};

// Watches fd_in and hands what arrives to the front end, as much as it has room for.
void fd_chardev_listen(FdChardev* chr);
// The class functions; a type that adds to them calls them.
void fd_chardev_write(core::Chardev* chr, std::span<const std::uint8_t> bytes);
void fd_chardev_close(core::Chardev* chr);

// An error lost bytes of guest output: a trace event for every write it happened to.
void chardev_write_lost(const core::Chardev* chr, std::size_t bytes, int error);
// Bytes from the host reach the front end.
void chardev_deliver(core::Chardev* chr, std::span<const std::uint8_t> bytes);
// Reads what is there, at most what the front end takes, and delivers it. False at
// end of file or on an error that will not go away.
bool chardev_read_and_deliver(core::Chardev* chr, int fd);

}  // namespace backend
