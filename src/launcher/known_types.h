// What QEMU 4.0 knows by name, whether or not it is built here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace launcher {

enum class KnownDevice : std::uint8_t { unknown, pluggable, board_only, abstract };

KnownDevice known_device(std::string_view name);
std::span<const std::string_view> pci_nics();  // network cards, in 4.0's order
bool known_object(std::string_view name);      // a type for -object
bool known_chardev(std::string_view name);     // a backend for -chardev
// What a user may write: devices that can be plugged in and their second names...
std::vector<std::string> known_device_names();
std::vector<std::string> known_object_names();
std::vector<std::string> known_chardev_names();

// "virtio-net" -> "virtio-net-pci" and back; empty if there is none.
std::string_view device_of_alias(std::string_view alias);
std::string_view alias_of_device(std::string_view name);

}  // namespace launcher
