// Messages for people, in QEMU's form: "PROG: LOCATION: TEXT". Warnings may come
// from any layer; errors are thrown and printed by main alone.
#pragma once

#include <string>
#include <string_view>

namespace core {

void set_program_name(std::string_view argv0);  // last path part is kept
const std::string& program_name();
void warn_report(std::string_view text);   // "PROG: warning: TEXT"; also a trace event
void error_report(std::string_view text);  // for an error that does not end the program
void info_report(std::string_view text);

// "-device edu,foo=1: " while an option is being processed; RAII.
class LocationScope {
 public:
  explicit LocationScope(std::string text);
  ~LocationScope();
  LocationScope(const LocationScope&) = delete;
  LocationScope& operator=(const LocationScope&) = delete;
};

std::string location_prefix();

}  // namespace core
