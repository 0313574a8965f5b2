// The record file: binary records on their way to becoming JSON. It lies beside the
// trace it will become (`boot.json.rec`) and is removed once that is written.
//
//   header page   FileHeader, 4096 bytes
//   slot 0, 1...  chunks of 64 KiB: ChunkHeader, then records (see ring.h)
//
// A slot is a live ring chunk, a copy of one, or a hole of zeros. A chunk says which
// stream (thread) it belongs to and its place in it, so the order of slots means
// nothing and a copy found twice does no harm: this is what makes a file readable
// after the process was killed at any instruction. Stream 0 holds the definitions.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include "trace/ring.h"

namespace trace::detail {

inline constexpr std::uint64_t file_magic = 0x0143455254495600;  // "\0VITREC\1"
inline constexpr std::uint32_t chunk_magic = 0x4b4e4843;         // "CHNK"
inline constexpr std::uint32_t record_version = 3;
inline constexpr std::size_t file_header_bytes = 4096;

// One moment on both clocks: the raw timestamp of records, and nanoseconds.
struct ClockPair {
  std::uint64_t ticks = 0;
  std::uint64_t ns = 0;
};

ClockPair sample_clocks();

struct FileHeader {
  std::uint64_t magic = file_magic;
  std::uint32_t version = record_version;
  std::uint32_t chunk_size = chunk_bytes;
  ClockPair start;            // process start
  std::uint64_t wall_ns = 0;  // of `start`, since 1970
  ClockPair last;             // as late as known
  std::uint64_t process = 0;
  std::uint64_t lost = 0;  // records of threads that never had a chunk to say so in
};

struct ChunkHeader {
  std::uint32_t magic = chunk_magic;
  std::uint32_t stream = 0;
  std::uint32_t ordinal = 0;           // of this chunk in its stream: 0, 1, 2...
  std::atomic<std::uint32_t> used{0};  // valid bytes, header included
  ClockPair opened;
  std::atomic<std::uint64_t> lost{0};  // records that found no room after this chunk
  std::atomic<std::uint64_t> lost_ticks{0};  // when the first of them was lost
  std::uint64_t reserved[2] = {};
};

static_assert(sizeof(ChunkHeader) == 64 && sizeof(FileHeader) <= file_header_bytes);

// Definitions, the records of stream 0: same header as a record, then fields.
enum class Definition : std::uint8_t {
  site = 16,
  thread = 17,
  metadata = 18,
  forget = 19,
  kind = 20  // before the first site of it
};

// Owns the file and its mappings. Not thread-safe: the recorder's lock guards it,
// except append_chunk, which may run beside everything else.
class RecordFile {
 public:
  // Creates the file, or throws std::system_error naming it. A file left by an
  // earlier run is kept under NAME.old; one in use by a running program is refused.
  explicit RecordFile(std::string path);
  ~RecordFile();
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;

  // Whether a chunk's pages are made ready at once (a thread will fill it soon) or
  // one by one as they are touched.
  enum class Pages { now, on_touch };

  // A fresh zeroed slot mapped into memory, or null when the disk has no room. After
  // that it looks again once a second only: each event would ask.
  std::byte* map_chunk(Pages pages);

  // Writes a copy of a chunk into a fresh slot. False when the disk has no room.
  bool append_chunk(const std::byte* chunk);

  void update_clock();  // notes the present as the last known moment

  FileHeader& header() { return *header_; }

  const std::string& path() const { return path_; }

  int fd() const { return fd_; }

  void forget_path();  // leaves the file alone from here on (after fork)
  void remove();       // unlinks it

 private:
  void keep_leftover();
  [[noreturn]] void give_up(const char* what, int error);
  void write_zeros(const std::byte* chunk);
  bool write_at(off_t offset, std::span<const std::byte> bytes) const;
  bool reserve_extent();
  bool map_extent(std::uint64_t slots);

  std::string path_;
  int fd_ = -1;
  FileHeader* header_ = nullptr;
  std::atomic<std::uint64_t> next_slot_{0};
  std::byte* extent_ = nullptr;  // mapped slots not handed out yet
  std::size_t extent_left_ = 0;
  off_t extent_offset_ = 0;     // in the file, of the mapping last made
  std::uint64_t retry_ns_ = 0;  // the disk was full: when to ask again; 0: it was not
  std::vector<std::span<std::byte>> mappings_;
};

}  // namespace trace::detail
