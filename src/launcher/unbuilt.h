// What 4.0 does and we do not yet: checked as far as 4.0 would refuse it (checks.h), then
// named once each in one warning.
#pragma once

#include <string>

#include "core/report.h"
#include "options/command_line.h"

namespace launcher {

// Remembers a type that nothing acts on ("-device", "virtio-net-pci").
void warn_unbuilt_type(const std::string& option, const std::string& type);
// One warning for all of those, for each option of the line that nothing acts on, and for
// the default devices of the board.
void warn_unbuilt(const options::CommandLine& line);

// Runs `fn`; an error leaves with the option's words in front, a warning inside shows
// them too.
template <class F>
void at_option(const std::string& location, F fn) {
  const core::LocationScope scope(location.empty() ? "" : location + ": ");
  try {
    fn();
  } catch (const qom::Error& error) {
    throw options::at_location(location, error);
  }
}

}  // namespace launcher
