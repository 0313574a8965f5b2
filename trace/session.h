// Turning the recorder on, sending it to a file, ending it: what a program does
// with tracing as a whole. Emitting code does not need this header (event.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace trace {

// The recorder starts enabled for every kind, before main(), into memory. A
// program that gets no `-trace file=` calls discard() to stop paying for it.

struct SessionOptions {
  std::string file;            // .json (default form) or .ndjson, may end in .zst or .gz
  std::size_t ring_bytes = 0;  // bound of one thread's ring; 0 = the default
};

// Sends everything recorded so far and from now on to a crash-safe record file
// beside `options.file`, drained by one writer thread. Throws std::system_error
// naming the file if it cannot be created.
void open(const SessionOptions& options);

// The record file being written, for programs that follow the run (read/follow.h).
// Empty when nothing is recorded into a file.
std::string record_file();

// Writes the JSON from the records, removes the record file, stops the writer.
// Idempotent; also run at normal exit. Throws std::system_error on a write error
// (the record file is kept then, and its name is in the message).
void close();

// Turns recording off and frees what was recorded. Idempotent.
void discard();

// QEMU's patterns: `*` and `?`; a leading '-' disables. True if any kind matched.
// Patterns match kind names ("type_*") and categories ("cat:kvm"). Without any, every
// kind is on. The first pattern without '-' switches off all it does not name; later
// ones add or remove, the last that matches a kind decides. Patterns given before
// open() also count for what was recorded before them. They end with the session.
bool enable(std::string_view pattern);

// Header metadata: argv, accelerator, host... shown, never compared unless noted.
void set_metadata(std::string_view key, std::string_view value);

// Nanoseconds since process start, on the trace's clock.
std::uint64_t now_ns();

}  // namespace trace
