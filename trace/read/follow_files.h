// What trace/read/follow.h keeps to itself. follow_chunks.cc finds what is new in the
// file, follow_events.cc makes events of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "trace/read/follow.h"
#include "trace/record_reader.h"

namespace trace {

namespace detail {

struct FollowedSpan {
  std::uint16_t depth = 0;
  std::uint32_t site = 0;
  std::uint64_t seq = 0;  // of a hidden one: that of the step around it
  std::uint64_t par = 0;
  std::uint64_t start_ns = 0;
  bool hidden = false;
  std::size_t told = 0;  // its place among this look's events, + 1; 0: told earlier
  std::vector<std::byte> record;  // kept from an earlier look
};

// A chunk's place in the file may be given away between two looks; its copy is found at
// the next. One that is not found that often was never written.
inline constexpr int most_patience = 8;

// How far one thread has been read.
struct FollowedThread {
  std::uint32_t ordinal = 0;
  std::size_t offset = sizeof(ChunkHeader);
  int missed = 0;
  std::uint64_t last_ns = 0;
  std::vector<FollowedSpan> open;
};

struct ChunkSlot {
  std::uint64_t at = 0;
  std::uint32_t used = 0;
};

// A record and when it was.
struct FoundRecord {
  std::uint64_t ns = 0;
  FollowedThread* place = nullptr;
  std::uint32_t stream = 0;
  RecordView record;
};

// An event to be told, still as records.
struct PendingEvent {
  Phase phase = Phase::instant;
  std::uint32_t site = 0;
  std::uint32_t stream = 0;
  std::uint64_t ts_ns = 0, dur_ns = 0, seq = 0, par = 0;
  RecordView record;
  const std::byte* result = nullptr;
};

}  // namespace detail

class Follower::Files {
 public:
  explicit Files(const std::string& path);

  ~Files();

  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  std::size_t poll(const Visit& visit);

  std::vector<std::pair<int, std::string>> threads() const;

  std::uint64_t lost() const { return lost_; }

  bool ended() const;

 private:
  using Chunks = std::map<std::pair<std::uint32_t, std::uint32_t>, detail::ChunkSlot>;

  bool read_at(std::uint64_t at, void* to, std::size_t size) const;
  Chunks find_chunks();
  bool read_stream(std::uint32_t stream, const Chunks& chunks);
  std::optional<std::uint32_t> used_now(std::uint32_t stream,
                                        const detail::FollowedThread& place,
                                        std::uint64_t at) const;
  bool read_chunk(std::uint32_t stream, detail::FollowedThread& place, std::uint64_t at);
  void take_definitions(std::span<const std::byte> records);
  void take_records(std::uint32_t stream, detail::FollowedThread& place,
                    std::span<const std::byte> records);
  void set_clock();
  void take(const detail::FoundRecord& item);
  void begin(const detail::FoundRecord& item, const detail::KindText& site);
  void end(const detail::FoundRecord& item, const detail::KindText& site);
  void close_from(detail::FollowedThread& place, std::uint16_t depth);
  void tell(const detail::PendingEvent& pending, const Visit& visit);
  void add_args(std::span<const std::byte> bytes,
                const std::vector<detail::FieldText>& fields);
  const trace::KindText& kind_of(std::uint32_t site);

  std::string path_;
  int fd_ = -1;
  detail::RecordImage image_;  // its chunks are not used
  std::map<std::uint32_t, detail::FollowedThread> places_;
  std::deque<std::optional<trace::KindText>> kinds_;  // by site; their addresses stay
  std::map<std::uint32_t, int> tids_;
  std::uint64_t last_seq_ = 0, lost_ = 0;

  // Of one look.
  std::deque<std::vector<std::byte>> buffers_;
  std::vector<detail::FoundRecord> items_;
  std::vector<detail::PendingEvent> pending_;
  Event event_;
  std::deque<std::string> texts_;
};

}  // namespace trace
