// KVM's variable-length structs: a header that begins with a 32-bit count, then
// that many entries (kvm_cpuid2, kvm_msr_list, kvm_msrs).
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <system_error>
#include <vector>

#include "kvm/ioctl.h"

namespace kvm {

// Owns the bytes of one such struct with room for `count` entries.
template <class Header, class Entry>
class List {
 public:
  explicit List(std::size_t count)
      : words_((sizeof(Header) + count * sizeof(Entry) + 7) / 8) {
    set_count(count);
  }

  explicit List(std::span<const Entry> entries) : List(entries.size()) {
    if (!entries.empty()) {
      std::memcpy(entry_bytes(), entries.data(), entries.size_bytes());
    }
  }

  Header* get() { return reinterpret_cast<Header*>(words_.data()); }

  std::uint32_t count() const {
    std::uint32_t n;
    std::memcpy(&n, words_.data(), sizeof n);
    return n;
  }

  std::vector<Entry> entries() {
    std::vector<Entry> result(count());
    std::memcpy(result.data(), entry_bytes(), result.size() * sizeof(Entry));
    return result;
  }

 private:
  void set_count(std::size_t count) {
    auto n = static_cast<std::uint32_t>(count);
    std::memcpy(words_.data(), &n, sizeof n);
  }

  std::byte* entry_bytes() {
    return reinterpret_cast<std::byte*>(words_.data()) + sizeof(Header);
  }

  std::vector<std::uint64_t> words_;  // 8-byte aligned, as the entries need
};

// Asks with room for `guess` entries; a kernel that has more says E2BIG and is
// asked again with twice the room.
template <class Header, class Entry>
std::vector<Entry> fetch_list(const Target& target, std::uint64_t request,
                              std::size_t guess) {
  for (std::size_t room = guess;; room *= 2) {
    List<Header, Entry> list(room);
    int answer = try_call(target, request, list.get());
    if (answer >= 0) {
      return list.entries();
    }
    if (answer != -E2BIG || room > 65536) {
      throw std::system_error(-answer, std::generic_category(),
                              "list of " + target.name + " could not be read");
    }
  }
}

}  // namespace kvm
