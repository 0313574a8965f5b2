#include "trace/recorder.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <system_error>

#include <pthread.h>
#include <unistd.h>

#include "trace/catalogue.h"
#include "trace/recorder_state.h"

namespace trace::detail {

namespace {

std::uint64_t wall_clock() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

// As early as a program can look at the clock: before other constructors run.
__attribute__((constructor(101))) void note_process_start() {
  state();
}

// After fork() the child shares the ring's pages with its parent: it must not touch
// them again, whatever it runs until exec().
void leave_to_parent() {
  State& s = state();
  s.mode = Mode::off;
  for (Kind* kind = s.kinds; kind != nullptr; kind = kind->next) {
    kind->on.store(false, std::memory_order_relaxed);
  }
  ring.limit.store(nullptr, std::memory_order_relaxed);
  ring.cursor = nullptr;
  ring.base = nullptr;
  ++s.session;
  s.queue.clear();
  s.free_chunks.clear();
  if (s.file) {
    s.file->forget_path();
    s.left_mapped.push_back(std::move(s.file));
  }
  if (s.writer.joinable()) {
    s.writer.detach();
  }
}

void lock_for_fork() {
  state().lock.lock();
}

void unlock_in_parent() {
  state().lock.unlock();
}

void unlock_in_child() {
  leave_to_parent();
  state().lock.unlock();
}

void survive_forks() {
  static const int once =
      ::pthread_atfork(lock_for_fork, unlock_in_parent, unlock_in_child);
  static_cast<void>(once);
}

void start_writer(State& s) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals belong to the program's threads
  s.writer = std::thread(write_sealed_chunks);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void write_definitions(State& s) {
  for (const auto& [kind, site] : s.sites) {
    define_site(s, *kind, *site);
  }
  for (const auto& [key, value] : s.metadata) {
    define_text(s, Definition::metadata, key, value, 0);
  }
  for (const Thread* thread : s.threads) {
    define_thread(s, *thread);
  }
  // Kinds that the patterns switched off may have been recorded before the patterns
  // were known.
  const std::uint64_t now = timestamp();
  for (Kind* kind = s.kinds; kind != nullptr; kind = kind->next) {
    if (!kind->on.load(std::memory_order_relaxed)) {
      define_text(s, Definition::forget, kind->declaration->name, {}, now);
    }
  }
}

// Moves what a thread recorded in memory into the file. False if it has no room for it.
bool move_to_file(State& s, Thread& thread) {
  if (thread.session != s.session) {
    return true;
  }
  bool stored = true;
  for (const Chunk& chunk : thread.sealed) {
    stored = s.file->append_chunk(chunk.bytes) && stored;
    release(s, chunk);
  }
  thread.outstanding -= thread.sealed.size();
  thread.sealed.clear();
  if (thread.current.bytes == nullptr) {
    return stored;
  }
  stored = s.file->append_chunk(thread.current.bytes) && stored;
  if (thread.ring == &ring) {
    release(s, thread.current);
    thread.current = {};
    --thread.outstanding;
    next_chunk(s, thread);
  } else if (thread.ring != nullptr) {
    // Another thread's chunk: it goes on writing there until it looks at its limit,
    // then the chunk is sealed and copied again, longer.
    thread.ring->limit.store(nullptr, std::memory_order_relaxed);
  }
  return stored;
}

void free_memory(State& s) {
  for (Thread* thread : s.threads) {
    for (const Chunk& chunk : thread->sealed) {
      release(s, chunk);
    }
    thread->sealed.clear();
    if (thread->ring != nullptr) {
      thread->ring->limit.store(nullptr, std::memory_order_relaxed);
    }
  }
}

// Sealed chunks that the writer did not come to: those in the file are where they
// have to be already.
void finish_queue(State& s) {
  for (const Sealed& sealed : s.queue) {
    if (sealed.chunk.home != Home::file) {
      s.file->append_chunk(sealed.chunk.bytes);
      release(s, sealed.chunk);
    }
  }
  s.queue.clear();
}

void turn_off(State& s) {
  s.mode = Mode::off;
  forget_window(s);
  switch_all(s);
  free_memory(s);
  ++s.session;
  s.patterns.clear();
  s.metadata.clear();
}

}  // namespace

State& state() {
  static State* const the_state = [] {
    auto* made = new State;
    made->start = sample_clocks();
    made->wall_ns = wall_clock();
    return made;
  }();
  return *the_state;
}

Mode mode() {
  State& s = state();
  const std::lock_guard guard(s.lock);
  return s.mode;
}

std::uint64_t nanoseconds_since_start() {
  return sample_clocks().ns - state().start.ns;
}

bool add_kind(Kind& kind) {
  State& s = state();
  const std::lock_guard guard(s.lock);
  if (!kind.listed) {
    kind.listed = true;
    kind.next = s.kinds;
    s.kinds = &kind;
    switch_kind(s, kind);
  }
  return true;
}

const Site* add_site(Kind& kind, const char* file, int line) {
  add_kind(kind);
  State& s = state();
  const std::lock_guard guard(s.lock);
  const Site* first = kind.sites.load(std::memory_order_relaxed);
  for (const Site* site = first; site != nullptr; site = site->next) {
    if (site->file == file && site->line == line) {
      return site;
    }
  }
  Site* site = &s.site_store.emplace_back(Site{file, line, s.next_site++, nullptr});
  site->next = kind.sites.load(std::memory_order_relaxed);
  s.sites.emplace_back(&kind, site);
  if (s.mode == Mode::file) {
    define_site(s, kind, *site);
  }
  kind.sites.store(site, std::memory_order_release);
  return site;
}

void for_each_kind(void (*visit)(const Kind& kind, void* context), void* context) {
  State& s = state();
  const std::lock_guard guard(s.lock);
  for (const Kind* kind = s.kinds; kind != nullptr; kind = kind->next) {
    visit(*kind, context);
  }
}

void switch_kind(State& s, Kind& kind) {
  const bool wanted = s.mode != Mode::off &&
                      (!s.paused || outlasts_window(*kind.declaration)) &&
                      pattern_list_enables(s.patterns, *kind.declaration);
  kind.on.store(wanted, std::memory_order_relaxed);
}

void switch_all(State& s) {
  for (Kind* kind = s.kinds; kind != nullptr; kind = kind->next) {
    switch_kind(s, *kind);
  }
}

bool apply_pattern(std::string_view pattern) {
  State& s = state();
  const std::lock_guard guard(s.lock);
  s.patterns.emplace_back(pattern);
  bool matched = false;
  const std::string_view bare = pattern.starts_with('-') ? pattern.substr(1) : pattern;
  for (Kind* kind = s.kinds; kind != nullptr; kind = kind->next) {
    matched = matched || pattern_matches(bare, *kind->declaration);
    switch_kind(s, *kind);
  }
  return matched;
}

void define_metadata(std::string_view key, std::string_view value) {
  State& s = state();
  const std::lock_guard guard(s.lock);
  s.metadata.emplace_back(key, value);
  if (s.mode == Mode::file) {
    define_text(s, Definition::metadata, key, value, 0);
  }
}

void start_file(const std::string& record_path, std::size_t bound) {
  State& s = state();
  const std::lock_guard guard(s.lock);
  s.file = std::make_unique<RecordFile>(record_path);
  s.bound_chunks =
      std::max<std::size_t>((bound == 0 ? default_ring_bytes : bound) / chunk_bytes, 2);
  s.file->header().start = s.start;
  s.file->header().last = sample_clocks();
  s.file->header().wall_ns = s.wall_ns;
  s.file->header().process = static_cast<std::uint64_t>(::getpid());
  s.mode = Mode::file;
  s.definitions = {};
  switch_all(s);
  write_definitions(s);
  bool stored = true;
  for (Thread* thread : s.threads) {
    stored = move_to_file(s, *thread) && stored;
  }
  s.stopping = false;
  survive_forks();
  if (!stored) {
    turn_off(s);
    s.file->remove();
    s.file.reset();
    throw std::system_error(
        ENOSPC, std::generic_category(),
        "trace: no room for what was recorded so far in " + record_path);
  }
}

void wake_writer(State& s) {
  if (s.writer.joinable()) {
    s.wake.notify_one();
  } else {
    start_writer(s);
  }
}

std::string stop_file() {
  State& s = state();
  {
    const std::lock_guard guard(s.lock);
    if (s.mode != Mode::file) {
      return {};
    }
    turn_off(s);
    s.stopping = true;
    s.wake.notify_one();
  }
  if (s.writer.joinable()) {
    s.writer.join();
  }
  const std::lock_guard guard(s.lock);
  finish_queue(s);
  s.file->update_clock();
  std::string path = s.file->path();
  s.free_chunks.clear();
  // Another thread may be in the middle of a record: its pages stay mapped.
  const bool alone = std::ranges::none_of(s.threads, [](const Thread* thread) {
    return thread->ring != nullptr && thread->ring != &ring;
  });
  if (alone) {
    s.file.reset();
  } else {
    s.left_mapped.push_back(std::move(s.file));
  }
  return path;
}

void remove_record_file(const std::string& path) {
  ::unlink(path.c_str());
}

long process_id() {
  return ::getpid();
}

void drop_everything() {
  const std::string path = stop_file();
  if (!path.empty()) {
    remove_record_file(path);
    return;
  }
  State& s = state();
  const std::lock_guard guard(s.lock);
  turn_off(s);
}

}  // namespace trace::detail
