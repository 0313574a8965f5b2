// The recorder: every thread's ring, the chunks they are made of, the record file
// and the writer thread. event.h emits into it; session.h steers it. One exists, as
// constant data, so that it works before main() and after everything else is gone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "trace/kind.h"

namespace trace::detail {

// memory: recording, not yet told where to. file: into a record file. off: not at all.
enum class Mode : std::uint8_t { memory, file, off };

Mode mode();

// Where recorded time starts, and how long ago that is.
std::uint64_t nanoseconds_since_start();

// memory or off -> file. `bound` is the most one thread's ring may grow to.
void start_file(const std::string& record_path, std::size_t bound);

// file -> off: stops the writer; the record file holds everything. Returns its name.
std::string stop_file();

// Any mode -> off, leaving nothing behind.
void drop_everything();

// Removes a record file whose JSON has been written.
void remove_record_file(const std::string& path);

long process_id();

void define_metadata(std::string_view key, std::string_view value);

// Switches kinds by pattern; true if any kind matched. The first positive pattern
// switches off everything it does not name.
bool apply_pattern(std::string_view pattern);

// Calls visit(kind) for every kind of the catalogue, in no particular order.
void for_each_kind(void (*visit)(const Kind& kind, void* context), void* context);

}  // namespace trace::detail
