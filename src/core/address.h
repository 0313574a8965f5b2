// Guest addresses that cannot be mixed up: physical addresses, port numbers.
#pragma once

#include <compare>
#include <cstdint>

namespace core {

struct GuestPhysAddr {
  std::uint64_t value = 0;
  constexpr GuestPhysAddr() = default;

  constexpr explicit GuestPhysAddr(std::uint64_t v) : value(v) {}

  auto operator<=>(const GuestPhysAddr&) const = default;

  constexpr GuestPhysAddr operator+(std::uint64_t size) const {
    return GuestPhysAddr{value + size};
  }

  constexpr std::uint64_t operator-(GuestPhysAddr other) const {
    return value - other.value;
  }
};

struct Port {
  std::uint16_t value = 0;
  constexpr Port() = default;

  constexpr explicit Port(std::uint16_t v) : value(v) {}

  auto operator<=>(const Port&) const = default;
};

}  // namespace core
