// The replay page: one trace as one HTML file to step through, with no network.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace viz {

struct ReplayOptions {
  std::string title;                   // shown as given; may hold anything
  std::uint64_t max_events = 500'000;  // more than a browser steps through with ease
  std::string notes = {};              // a lesson's text (viz/lesson.h); empty: none
  std::string notes_name = {};         // its file, for messages
  // The folder that the events' source places are relative to; the lines around each go
  // into the page. Empty: none do. Nothing outside it is read.
  std::string sources = {};
};

// The page for the trace in `file` (may be compressed; "-" is standard input). Its
// events go in as they stand in the file, escaped so that no text of a trace can
// become markup. Throws trace::ReadError for a bad trace, std::runtime_error if it has
// more events than max_events (filter it first: `vitrine trace grep`).
std::string replay_page(const std::string& file, const ReplayOptions& options);

}  // namespace viz
