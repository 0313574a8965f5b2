// Reading thousands of traces into a fleet: several at a time, each file once. A file is
// known again by its path, size and time of change, and, where those differ, by its
// bytes: the same trace under another name is no second boot.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "viz/fleet/fleet.h"

namespace viz::fleet {

struct Progress {
  std::size_t done = 0, of = 0;  // files
  std::uint64_t events = 0;      // read so far
};

struct Loaded {
  std::size_t files = 0;     // asked for
  std::size_t loaded = 0;    // became boots now
  std::size_t known = 0;     // were in the database already, unchanged
  std::size_t changed = 0;   // of the loaded: had other bytes before
  std::size_t same = 0;      // hold the same bytes as another file
  std::size_t bad = 0;       // cannot be read as traces; the database says why
  std::size_t left_out = 0;  // in the folders, but not traces by their names
  std::uint64_t events = 0;
};

struct LoadOptions {
  unsigned threads = 0;      // 0: one for each processor
  std::size_t at_once = 64;  // files in one transaction
  diff::LoadOptions tree;
  std::function<void(const Progress&)> progress;  // called after each file
};

// What a list of files and folders means: folders are searched for names that end in
// .json or .ndjson, with .zst or .gz behind or not; a file that is named is taken as it
// is. Sorted, each once. Throws std::system_error for what is not there.
struct Found {
  std::vector<std::string> files;
  std::size_t left_out = 0;
};

Found find_traces(const std::vector<std::string>& files_and_folders);

// Loads what is not known yet. What cannot be read is recorded as bad, with the reason;
// nothing is thrown for it.
Loaded load(Fleet& fleet, const Found& found, const LoadOptions& options = {});

}  // namespace viz::fleet
