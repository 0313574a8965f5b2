// The replay page: one trace as one HTML file to step through, with no network.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "trace/read/reader.h"

namespace viz {

struct ReplayOptions {
  std::string title;                   // shown as given; may hold anything
  std::uint64_t max_events = 500'000;  // more than a browser steps through with ease
  std::string notes = {};              // a lesson's text (viz/lesson.h); empty: none
  std::string notes_name = {};         // its file, for messages
  // The folder that the events' source places are relative to; the lines around each go
  // into the page. Empty: none do. Nothing outside it is read.
  std::string sources = {};
  // What goes in: events of these numbers (seq), and of kinds that fit these patterns
  // ("vcpu_*", "cat:qom", "-kvm_ioctl"; as -trace enable=). Empty: every kind. A step
  // whose enclosing step is left out lies inside the next one around it.
  std::uint64_t first = 1, last = ~std::uint64_t{0};
  std::vector<std::string> only = {};
};

struct ReplayPage {
  std::string html;
  std::uint64_t chosen = 0;  // events the options ask for
  std::uint64_t steps = 0;   // of those in the page: at most max_events
};

// The page for the trace in `file` (may be compressed; "-" is standard input). Of more
// events than max_events it has the first ones, and asks to be made again with a choice.
// No text of a trace can become markup. Throws trace::ReadError for a bad trace.
ReplayPage replay_page(const std::string& file, const ReplayOptions& options);
ReplayPage replay_page(trace::Reader& reader, const ReplayOptions& options);

// The page for a run that goes on: it has no steps, and asks the place it came from for
// them ("events", server-sent; viz/html/live.js). It will be sent `most` of them at most.
std::string live_page(const std::string& title, std::uint64_t most);

}  // namespace viz
