// Character devices: the host end of a serial line. Types "chardev" and
// "chardev-*" as in QEMU; a device talks to its end through CharBackend.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "qom/object.h"
#include "qom/property.h"

namespace core {

inline constexpr const char* TYPE_CHARDEV = "chardev";

struct Chardev;

struct ChardevClass : qom::ObjectClass {
  static constexpr const char* qom_type = "chardev";
  // Opens the host side from its options (key, value); throws qom::Error.
  void (*open)(Chardev* chr,
               const std::vector<std::pair<std::string, std::string>>& options) = nullptr;
  // Writes all bytes; a host error loses them and is traced, never thrown.
  void (*write)(Chardev* chr, std::span<const std::uint8_t> bytes) = nullptr;
  void (*close)(Chardev* chr) = nullptr;
  // Writes what the host side takes without waiting and says how much that was. Missing:
  // everything, by `write`.
  std::size_t (*write_some)(Chardev* chr, std::span<const std::uint8_t> bytes) = nullptr;
};

enum class ChardevEvent : std::uint8_t { opened, closed };

struct Chardev : qom::Object {
  static constexpr const char* qom_type = "chardev";
  std::string label;     // its id
  std::string filename;  // its host side as people name it; may be empty
  bool in_use = false;
  bool is_open = true;  // somebody is at the host side
  // Set by the front end. Called on the main loop thread with the big lock held.
  std::function<int()> can_read;  // how many bytes fit
  std::function<void(std::span<const std::uint8_t>)> read;
  std::function<void(ChardevEvent)> event;  // somebody came to the host side, or left
};

// Write through `chr`; nullptr is a line that leads nowhere.
void chardev_write(Chardev* chr, std::span<const std::uint8_t> bytes);
// The same without waiting for the host side; returns how many bytes it took.
std::size_t chardev_write_some(Chardev* chr, std::span<const std::uint8_t> bytes);

// From now on the guest's output ends after so many bytes in all, and `reached` is called
// when more comes. 0: no limit.
void chardev_limit_output(std::uint64_t bytes, std::function<void()> reached);

// qemu_chr_new_from_opts: makes /chardevs/<id>. Throws qom::Error in 4.0's words.
Chardev* chardev_new(const std::string& backend, const std::string& id,
                     const std::vector<std::pair<std::string, std::string>>& options);
Chardev* chardev_find(const std::string& id);  // nullptr if unknown
void chardev_close_all();

// The monitor: what a command typed on a shared terminal is given to, whole lines. Until
// somebody sets it nobody listens. On the main loop thread with the big lock held.
void set_monitor(std::function<void(const std::string&)> command);
void monitor_command(const std::string& line);

// Standard input and output have one user, a character device or the monitor. Throws
// Error if they have one already.
void stdio_claim();
void stdio_release();

}  // namespace core
