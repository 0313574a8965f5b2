// What the recorder's own files share. Everything here is guarded by `state.lock`.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "trace/record_file.h"
#include "trace/recorder.h"
#include "trace/ring.h"

namespace trace::detail {

inline constexpr std::size_t default_ring_bytes = 16 * 1024 * 1024;
// The end of every chunk that only span ends may use, so that spans recorded before
// an overflow still get their ends.
inline constexpr std::size_t end_reserve = 2048;

// Where a chunk's bytes come from: the static first ones, anonymous memory, the file.
enum class Home : std::uint8_t { image, memory, file };

struct Chunk {
  std::byte* bytes = nullptr;
  Home home = Home::memory;

  ChunkHeader& header() const;
};

// One thread that has emitted something. Never freed: a stream outlives its thread.
struct Thread {
  Ring* ring = nullptr;  // null once the thread has ended
  std::uint32_t stream = 0;
  std::uint32_t next_ordinal = 0;
  std::uint32_t session = 0;  // the session `current` and `sealed` belong to
  int tid = 0;
  std::string name;
  Chunk current;
  std::vector<Chunk> sealed;    // memory mode: full chunks
  std::size_t outstanding = 0;  // chunks handed out and not yet drained
  std::uint64_t lost = 0;       // lost while there was no chunk to say so in
  std::uint64_t lost_ticks = 0;
};

struct Sealed {
  Thread* thread = nullptr;
  Chunk chunk;
};

struct State {
  std::mutex lock;
  Mode mode = Mode::memory;
  std::uint32_t session = 1;
  std::size_t bound_chunks = default_ring_bytes / chunk_bytes;
  ClockPair start;
  std::uint64_t wall_ns = 0;

  Kind* kinds = nullptr;
  std::uint32_t next_site = 1;
  std::deque<Site> site_store;  // those first used one after the other are neighbours
  std::vector<std::pair<Kind*, const Site*>> sites;
  bool paused = false;  // outside the window: only its own kinds are recorded
  std::vector<std::string> patterns;
  std::vector<Thread*> threads;
  int next_tid = 100;
  std::vector<std::pair<std::string, std::string>> metadata;

  std::unique_ptr<RecordFile> file;
  // Of sessions that ended while another thread may have been in the middle of a record:
  // its pages stay mapped for good.
  std::vector<std::unique_ptr<RecordFile>> left_mapped;
  Thread definitions;              // stream 0
  std::vector<Chunk> free_chunks;  // file chunks, last drained first
  std::vector<Sealed> queue;       // for the writer
  std::condition_variable wake;
  std::thread writer;
  bool stopping = false;
};

// Made on first use, never destroyed: constructors and destructors of other files
// may emit.
State& state();

// Gives `thread` a chunk with room, sealing the one it had. False if there is none.
bool next_chunk(State& s, Thread& thread);

// Ends a thread's current chunk: to the writer, or onto its list.
void seal(State& s, Thread& thread);

void release(State& s, const Chunk& chunk);

// Tells the writer thread that chunks wait for it. The thread is started when it is
// first wanted: most starts record less than it takes to make a thread worth while.
void wake_writer(State& s);

void define_site(State& s, const Kind& kind, const Site& site);
void define_thread(State& s, const Thread& thread);
void define_text(State& s, Definition what, std::string_view first,
                 std::string_view second, std::uint64_t number);

// Switches `kind` to what the patterns, the window and the mode say.
void switch_kind(State& s, Kind& kind);
void switch_all(State& s);

bool is_checkpoint(std::string_view name);

// ---- window.cc ----
// Kinds that are recorded also outside the window.
bool outlasts_window(const Declaration& declaration);
void forget_window(State& s);

// Body of the writer thread: copies sealed chunks to fresh slots and reuses them.
void write_sealed_chunks();

}  // namespace trace::detail
