// The page walk of SDM vol. 3 chapter 4, as much as decides where an address leads.
#include "gdbstub/guest_memory.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/memory.h"

namespace gdbstub {

using namespace core;

namespace {

constexpr std::uint64_t cr0_paging = 1ull << 31;
constexpr std::uint64_t cr4_page_size = 1u << 4;
constexpr std::uint64_t cr4_address_extension = 1u << 5;
constexpr std::uint64_t cr4_five_levels = 1u << 12;
constexpr std::uint64_t efer_long_mode_active = 1u << 10;
constexpr std::uint64_t entry_present = 1;
constexpr std::uint64_t entry_large = 1u << 7;
constexpr std::uint64_t entry_address = 0x000ffffffffff000;
constexpr std::uint64_t page_size = 4096;

// What lies at a physical address, if it is memory.
std::optional<std::uint64_t> load(std::uint64_t physical, std::size_t size) {
  const auto bytes = address_space_memory().ram(physical, size);
  if (bytes.empty()) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), size);
  return value;
}

bool canonical(std::uint64_t linear, int bits) {
  const int shift = 64 - bits;
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(linear << shift) >>
                                    shift) == linear;
}

// Tables of 512 entries of 8 bytes; `shift` of the first level.
std::optional<std::uint64_t> walk_wide(std::uint64_t table, std::uint64_t linear,
                                       int shift) {
  for (;; shift -= 9) {
    const auto entry = load(table + (linear >> shift & 511) * 8, 8);
    if (!entry || !(*entry & entry_present)) {
      return std::nullopt;
    }
    const bool last = shift == 12;
    const bool large = (shift == 21 || shift == 30) && (*entry & entry_large);
    if (last || large) {
      const std::uint64_t inside = (1ull << shift) - 1;
      return (*entry & entry_address & ~inside) | (linear & inside);
    }
    table = *entry & entry_address;
  }
}

// 32-bit paging with physical address extension: four entries, then two levels.
std::optional<std::uint64_t> walk_extended(const Sregs& sregs, std::uint64_t linear) {
  const auto pointer = load((sregs.cr3 & 0xffffffe0) + (linear >> 30 & 3) * 8, 8);
  if (!pointer || !(*pointer & entry_present)) {
    return std::nullopt;
  }
  return walk_wide(*pointer & entry_address, linear, 21);
}

std::optional<std::uint64_t> walk_narrow(const Sregs& sregs, std::uint64_t linear) {
  const auto directory = load((sregs.cr3 & 0xfffff000) + (linear >> 22 & 1023) * 4, 4);
  if (!directory || !(*directory & entry_present)) {
    return std::nullopt;
  }
  if ((*directory & entry_large) && (sregs.cr4 & cr4_page_size)) {
    const std::uint64_t high = (*directory >> 13 & 0xff) << 32;  // PSE-36
    return high | (*directory & 0xffc00000) | (linear & 0x3fffff);
  }
  const auto page = load((*directory & 0xfffff000) + (linear >> 12 & 1023) * 4, 4);
  if (!page || !(*page & entry_present)) {
    return std::nullopt;
  }
  return (*page & 0xfffff000) | (linear & (page_size - 1));
}

// The part of [linear, linear + size) that is on one page.
std::size_t on_page(std::uint64_t linear, std::size_t size) {
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(size, page_size - (linear & (page_size - 1))));
}

// Goes through the bytes piece by piece: `move(physical, offset, size)` says how many it
// moved.
template <class Move>
std::size_t each_page(const Sregs& sregs, std::uint64_t linear, std::size_t size,
                      Move move) {
  std::size_t done = 0;
  while (done < size) {
    const std::size_t piece = on_page(linear + done, size - done);
    const auto physical = translate(sregs, linear + done);
    const std::size_t moved = physical ? move(*physical, done, piece) : 0;
    done += moved;
    if (moved < piece) {
      break;
    }
  }
  return done;
}

// How many of `size` bytes from `physical` on belong to one region; 0: to nobody.
std::size_t one_region(std::uint64_t physical, std::size_t size) {
  const FlatRange* range = address_space_memory().find(physical);
  if (range == nullptr) {
    return 0;
  }
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(size, range->size - (physical - range->start)));
}

std::size_t read_physical(std::uint64_t physical, std::span<std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const std::size_t piece = one_region(physical + done, bytes.size() - done);
    if (piece == 0) {
      break;
    }
    address_space_memory().read(physical + done, bytes.subspan(done, piece));
    done += piece;
  }
  return done;
}

std::size_t write_physical(std::uint64_t physical, std::span<const std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const std::size_t piece = one_region(physical + done, bytes.size() - done);
    if (piece == 0) {
      break;
    }
    const auto part = bytes.subspan(done, piece);
    if (const auto ram = address_space_memory().ram(physical + done, piece);
        !ram.empty()) {
      std::memcpy(ram.data(), part.data(), piece);
      memory_invalidate(physical + done, piece);
    } else {
      address_space_memory().write(physical + done, part);
    }
    done += piece;
  }
  return done;
}

}  // namespace

std::optional<std::uint64_t> translate(const Sregs& sregs, std::uint64_t linear) {
  if (!(sregs.cr0 & cr0_paging)) {
    return linear & 0xffffffff;
  }
  if (sregs.efer & efer_long_mode_active) {
    const bool five = (sregs.cr4 & cr4_five_levels) != 0;
    if (!canonical(linear, five ? 57 : 48)) {
      return std::nullopt;
    }
    return walk_wide(sregs.cr3 & entry_address, linear, five ? 48 : 39);
  }
  linear &= 0xffffffff;
  return sregs.cr4 & cr4_address_extension ? walk_extended(sregs, linear)
                                           : walk_narrow(sregs, linear);
}

std::size_t read_guest(const Sregs& sregs, std::uint64_t linear,
                       std::span<std::byte> bytes) {
  const auto move = [&](std::uint64_t physical, std::size_t offset, std::size_t size) {
    return read_physical(physical, bytes.subspan(offset, size));
  };
  return each_page(sregs, linear, bytes.size(), move);
}

std::size_t write_guest(const Sregs& sregs, std::uint64_t linear,
                        std::span<const std::byte> bytes) {
  const auto move = [&](std::uint64_t physical, std::size_t offset, std::size_t size) {
    return write_physical(physical, bytes.subspan(offset, size));
  };
  return each_page(sregs, linear, bytes.size(), move);
}

}  // namespace gdbstub
