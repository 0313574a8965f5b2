// The slow half of emitting: a thread's first event, the end of a chunk, overflow.
#include "trace/ring.h"

#include <cstdlib>
#include <new>

#include <sys/mman.h>
#include <unistd.h>

#include "trace/recorder_state.h"

namespace trace::detail {

constinit thread_local Ring ring;

namespace {

// The first chunks are part of the program's image: recording costs no system call
// until they are full, and only pages that are touched become memory.
constexpr std::size_t image_chunks = 4;
alignas(4096) std::byte image_bytes[image_chunks * chunk_bytes];
std::size_t image_used = 0;

// Tells the recorder that the thread ends. Its ring is useless from then on.
struct ThreadEnd {
  Thread* thread = nullptr;
  bool ended = false;

  ~ThreadEnd() {
    ended = true;
    if (thread != nullptr) {
      State& s = state();
      const std::lock_guard guard(s.lock);
      ring.limit.store(nullptr, std::memory_order_relaxed);
      ring.cursor = nullptr;
      ring.base = nullptr;
      thread->ring = nullptr;
      if (thread->session == s.session && thread->current.bytes != nullptr) {
        seal(s, *thread);
      }
    }
  }
};

thread_local ThreadEnd this_thread;

Chunk take_chunk(State& s, const Thread& thread) {
  if (s.mode == Mode::file) {
    if (!s.free_chunks.empty()) {
      const Chunk chunk = s.free_chunks.back();
      s.free_chunks.pop_back();
      return chunk;
    }
    // A thread's first chunk may stay nearly empty: its pages come as it is filled.
    const bool first = thread.stream == 0 || thread.current.bytes == nullptr;
    return {
        s.file->map_chunk(first ? RecordFile::Pages::on_touch : RecordFile::Pages::now),
        Home::file};
  }
  if (image_used < image_chunks) {
    return {image_bytes + chunk_bytes * image_used++, Home::image};
  }
  void* at = ::mmap(nullptr, chunk_bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  return {at == MAP_FAILED ? nullptr : static_cast<std::byte*>(at), Home::memory};
}

Thread& register_thread(State& s) {
  auto* thread = new Thread;
  thread->ring = &ring;
  thread->stream = static_cast<std::uint32_t>(s.threads.size() + 1);
  const bool is_main = ::gettid() == ::getpid();
  thread->tid = is_main ? 1 : s.next_tid++;
  thread->name = is_main ? "main" : "thread " + std::to_string(thread->tid);
  thread->session = s.session;
  s.threads.push_back(thread);
  this_thread.thread = thread;
  if (s.mode == Mode::file) {
    define_thread(s, *thread);
  }
  return *thread;
}

// A thread's first event of a session starts a new stream of chunks.
void join_session(State& s, Thread& thread) {
  if (thread.session != s.session) {
    thread.session = s.session;
    thread.next_ordinal = 0;
    thread.current = {};
    thread.sealed.clear();
    thread.outstanding = 0;
    thread.lost = 0;
    ring.cursor = nullptr;
    ring.base = nullptr;
  }
}

void count_lost(State& s, Thread& thread) {
  const std::uint64_t now = timestamp();
  if (thread.current.bytes == nullptr) {
    if (s.mode == Mode::file) {
      ++s.file->header().lost;
      return;
    }
    thread.lost_ticks = thread.lost++ == 0 ? now : thread.lost_ticks;
    return;
  }
  ChunkHeader& header = thread.current.header();
  if (header.lost.fetch_add(1, std::memory_order_relaxed) == 0) {
    header.lost_ticks.store(now, std::memory_order_relaxed);
  }
}

}  // namespace

ChunkHeader& Chunk::header() const {
  return *std::launder(static_cast<ChunkHeader*>(static_cast<void*>(bytes)));
}

void release(State& s, const Chunk& chunk) {
  if (chunk.home == Home::memory) {
    ::munmap(chunk.bytes, chunk_bytes);
  } else if (chunk.home == Home::file) {
    s.free_chunks.push_back(chunk);
  }
}

void seal(State& s, Thread& thread) {
  if (s.mode == Mode::file) {
    s.queue.push_back({&thread, thread.current});
    // The writer looks by itself every few milliseconds. Waking it stops this thread
    // for longer than filling several chunks takes: only when the bound comes near.
    const bool first = s.queue.size() == 4 && !s.writer.joinable();
    if (first || thread.outstanding >= s.bound_chunks / 2) {
      wake_writer(s);
    }
  } else {
    thread.sealed.push_back(thread.current);
  }
  thread.current = {};
}

bool next_chunk(State& s, Thread& thread) {
  if (thread.outstanding >= s.bound_chunks) {
    return false;
  }
  const Chunk chunk = take_chunk(s, thread);
  if (chunk.bytes == nullptr) {
    return false;
  }
  if (thread.current.bytes != nullptr) {
    seal(s, thread);
  }
  ++thread.outstanding;
  // A chunk that is used again must not be taken for valid halfway through this.
  chunk.header().used.store(0, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  auto* header = new (chunk.bytes) ChunkHeader;
  header->stream = thread.stream;
  header->ordinal = thread.next_ordinal++;
  header->opened = sample_clocks();
  header->lost.store(thread.lost, std::memory_order_relaxed);
  header->lost_ticks.store(thread.lost_ticks, std::memory_order_relaxed);
  thread.lost = 0;
  header->used.store(sizeof(ChunkHeader), std::memory_order_release);
  thread.current = chunk;
  Ring& owner = *thread.ring;
  owner.base = chunk.bytes;
  owner.cursor = chunk.bytes + sizeof(ChunkHeader);
  owner.used = &header->used;
  owner.limit.store(chunk.bytes + chunk_bytes - end_reserve, std::memory_order_relaxed);
  return true;
}

std::byte* refill(std::size_t size, Op op) {
  if (this_thread.ended) {
    return nullptr;
  }
  State& s = state();
  const std::lock_guard guard(s.lock);
  if (s.mode == Mode::off) {
    return nullptr;
  }
  Thread& thread =
      this_thread.thread != nullptr ? *this_thread.thread : register_thread(s);
  join_session(s, thread);
  if (size <= chunk_bytes - end_reserve - sizeof(ChunkHeader) && next_chunk(s, thread)) {
    return ring.cursor;
  }
  if (op == Op::end && ring.base != nullptr &&
      ring.base + chunk_bytes - ring.cursor >= static_cast<std::ptrdiff_t>(size)) {
    return ring.cursor;
  }
  count_lost(s, thread);
  return nullptr;
}

void copy_cut(std::byte* at, std::string_view text) {
  constexpr std::string_view ellipsis = "\xe2\x80\xa6";
  std::size_t keep = max_text - ellipsis.size();
  while (keep > 0 && (static_cast<unsigned char>(text[keep]) & 0xc0) == 0x80) {
    --keep;
  }
  std::memcpy(at, text.data(), keep);
  std::memcpy(at + keep, ellipsis.data(), ellipsis.size());
  // The record has room for exactly max_text bytes; spaces fill what a cut
  // character left free.
  std::memset(at + keep + ellipsis.size(), ' ', max_text - keep - ellipsis.size());
}

}  // namespace trace::detail

namespace trace {

void name_thread(int tid, std::string_view name) {
  using namespace detail;
  if (this_thread.ended) {
    return;
  }
  State& s = state();
  const std::lock_guard guard(s.lock);
  Thread& thread =
      this_thread.thread != nullptr ? *this_thread.thread : register_thread(s);
  thread.tid = tid;
  thread.name = name;
  if (s.mode == Mode::file) {
    define_thread(s, thread);
  }
}

}  // namespace trace
