#include "softcpu/memory.h"

#include <bit>
#include <cstring>
#include <stdexcept>
#include <string>

namespace softcpu {

static_assert(std::endian::native == std::endian::little,
              "guest memory is read with the host's byte order");

void Memory::map(u32 slot, u64 address, std::span<std::byte> host,
                 core::MemoryAccess access) {
  if (host.empty() || (address | host.size()) & page_offset_mask ||
      address + host.size() < address) {
    throw std::invalid_argument("software CPU: memory slot " + std::to_string(slot) +
                                " must be whole pages of 4096 bytes");
  }
  unmap(slot);
  for (const auto& [number, other] : slots_) {
    if (address < other.end && other.begin < address + host.size()) {
      throw std::invalid_argument("software CPU: memory slot " + std::to_string(slot) +
                                  " overlaps slot " + std::to_string(number));
    }
  }
  slots_[slot] = Slot{address, address + host.size(), host.data(),
                      access == core::MemoryAccess::read_write};
}

void Memory::unmap(u32 slot) {
  slots_.erase(slot);
  last_ = nullptr;
}

HostPage Memory::page(u64 physical) const {
  if (last_ == nullptr || physical < last_->begin || physical >= last_->end) {
    const Slot* found = nullptr;
    for (const auto& [number, slot] : slots_) {
      if (physical >= slot.begin && physical < slot.end) {
        found = &slot;
      }
    }
    if (found == nullptr) {
      return {};
    }
    last_ = found;
  }
  u64 page_start = (physical - last_->begin) & ~page_offset_mask;
  return {last_->host + page_start, last_->writable};
}

u64 Memory::load(u64 physical, unsigned size) const {
  u64 value = ~u64{0};
  HostPage where = page(physical);
  if (where.bytes != nullptr && (physical & page_offset_mask) + size <= page_size) {
    value = 0;
    std::memcpy(&value, where.bytes + (physical & page_offset_mask), size);
  }
  return value;
}

void Memory::store(u64 physical, unsigned size, u64 value) {
  HostPage where = page(physical);
  if (where.writable && (physical & page_offset_mask) + size <= page_size) {
    std::memcpy(where.bytes + (physical & page_offset_mask), &value, size);
  }
}

}  // namespace softcpu
