// The per-thread ring: where a record is copied when an event is emitted.
//
// A ring is a chain of chunks of 64 KiB. A thread fills its current chunk and then
// takes the next; the writer thread copies full chunks to the record file and gives
// them back. Once a file is open the chunks themselves are pages of that file
// (MAP_SHARED), so what was emitted survives even SIGKILL.
//
//   record   u64 timestamp | u16 size | u8 op | u24 site | u16 depth | fields, padded to
//   8 fields   bool 1 byte; numbers 8; text u16 length + bytes; object u32 number + text
//
// Only the owning thread writes a ring; the recorder may set `limit` to null from
// another thread, which sends the owner into refill() at its next record.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if !defined(__x86_64__)
#include <ctime>
#endif

#include "trace/kind.h"

namespace trace::detail {

inline constexpr std::size_t chunk_bytes = 64 * 1024;
inline constexpr std::size_t record_header_bytes = 16;

// result: the end of a span that has a Result, with its fields.
enum class Op : std::uint8_t { begin = 1, end = 2, instant = 3, counter = 4, result = 5 };

struct alignas(64) Ring {
  std::byte* cursor = nullptr;                 // where the next record goes
  std::atomic<std::byte*> limit{nullptr};      // the first byte it may not touch
  std::byte* base = nullptr;                   // start of the current chunk
  std::atomic<std::uint32_t>* used = nullptr;  // in the chunk: bytes that are valid
  std::uint16_t depth = 0;                     // open recorded spans of this thread
  bool muted = false;                          // nothing begins here now (window.h)
};

extern constinit thread_local Ring ring;

// Makes room for `size` bytes or returns null and counts the record as lost.
[[gnu::cold]] std::byte* refill(std::size_t size, Op op);

// Finds or creates the site of `kind` for this place in the source.
const Site* add_site(Kind& kind, const char* file, int line);

// Copies text longer than max_text, cut at a character and ended with U+2026.
void copy_cut(std::byte* at, std::string_view text);

inline std::uint64_t timestamp() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
#endif
}

template <class V>
std::byte* put_raw(std::byte* at, V value) {
  std::memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

// Two moves that overlap copy any length between V's size and twice that.
template <class V>
void copy_ends(std::byte* at, const char* from, std::size_t size) {
  V first, last;
  std::memcpy(&first, from, sizeof first);
  std::memcpy(&last, from + size - sizeof last, sizeof last);
  std::memcpy(at, &first, sizeof first);
  std::memcpy(at + size - sizeof last, &last, sizeof last);
}

// Most texts are names of up to sixteen bytes; for those memcpy's own choosing costs
// more than the copy.
[[gnu::always_inline]] inline void copy_text(std::byte* at, const char* from,
                                             std::size_t size) {
  if (size > 16) {
    std::memcpy(at, from, size);
  } else if (size >= 8) {
    copy_ends<std::uint64_t>(at, from, size);
  } else if (size >= 4) {
    copy_ends<std::uint32_t>(at, from, size);
  } else if (size >= 2) {
    copy_ends<std::uint16_t>(at, from, size);
  } else if (size == 1) {
    *at = static_cast<std::byte>(*from);
  }
}

// The bytes a value takes in a record.
template <class T>
[[gnu::always_inline]] inline std::size_t room(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return 1;
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    return 2 + (value.size() < max_text ? value.size() : max_text);
  } else if constexpr (std::is_same_v<T, ObjectId>) {
    return 4 + room(value.type);
  } else {
    return 8;
  }
}

template <class T>
[[gnu::always_inline]] inline std::byte* put(std::byte* at, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return put_raw(at, static_cast<std::uint8_t>(value));
  } else if constexpr (std::is_same_v<T, double>) {
    return put_raw(at, value);
  } else if constexpr (std::is_same_v<T, Hex>) {
    return put_raw(at, value.value);
  } else if constexpr (std::is_same_v<T, ObjectId>) {
    return put(put_raw(at, value.number), value.type);
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    const std::size_t size = room(value) - 2;
    at = put_raw(at, static_cast<std::uint16_t>(size));
    if (value.size() > max_text) {
      copy_cut(at, value);
    } else {
      copy_text(at, value.data(), size);
    }
    return at + size;
  } else if constexpr (std::is_signed_v<T>) {
    return put_raw(at, static_cast<std::int64_t>(value));
  } else {
    return put_raw(at, static_cast<std::uint64_t>(value));
  }
}

// Site and depth as a record's header holds them.
inline std::uint64_t place(std::uint32_t site, std::uint16_t depth) {
  return static_cast<std::uint64_t>(site) << 24 | static_cast<std::uint64_t>(depth) << 48;
}

// Copies one record into the ring. False if it was lost. Inlined, so that a field that
// is a constant where the event is emitted is written by one move.
template <class S>
[[gnu::always_inline]] inline bool record(Op op, std::uint64_t place, std::uint64_t time,
                                          const S& values) {
  static_assert(std::tuple_size_v<decltype(S::fields())> <= 24, "too many fields");
  const std::size_t content = std::apply(
      [&](const auto&... field) {
        return (record_header_bytes + ... + room(values.*field.member));
      },
      S::fields());
  const std::size_t size = (content + 7) & ~std::size_t{7};
  std::byte* at = ring.cursor;
  if (ring.limit.load(std::memory_order_relaxed) - at <
      static_cast<std::ptrdiff_t>(size)) {
    at = refill(size, op);
    if (at == nullptr) {
      return false;
    }
  }
  put_raw(at, time);
  put_raw(at + 8, static_cast<std::uint64_t>(size) |
                      static_cast<std::uint64_t>(op) << 16 | place);
  std::byte* field_at = at + record_header_bytes;
  std::apply(
      [&](const auto&... field) {
        ((field_at = put(field_at, values.*field.member)), ...);
      },
      S::fields());
  ring.cursor = at + size;
  ring.used->store(static_cast<std::uint32_t>(ring.cursor - ring.base),
                   std::memory_order_release);
  return true;
}

// The site's id for this kind and place: one or two comparisons after the first time.
inline std::uint32_t site_id(Kind& kind, const char* file, int line) {
  const Site* site = kind.sites.load(std::memory_order_acquire);
  while (site != nullptr && (site->file != file || site->line != line)) {
    site = site->next;
  }
  return site != nullptr ? site->id : add_site(kind, file, line)->id;
}

}  // namespace trace::detail
