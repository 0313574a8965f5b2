// One pass over the command line: every word is looked up in the option table, its
// argument sorted into its group or kept as it is (QEMU 4.0's main(), the long switch
// of the lecture's section 2). Nothing is acted upon here: the launcher's phases read
// what was kept. An unknown word or a missing argument anywhere is reported before any
// value is looked at, as in 4.0.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "options/option_table.h"

namespace options {

struct GivenOption {
  const OptionRow* row = nullptr;
  std::string value;     // empty if it takes none
  std::string location;  // "-m zz", as typed
};

struct CommandLine {
  std::vector<GivenOption> given;  // in order

  bool has(std::string_view name) const;
  const GivenOption* last(std::string_view name) const;  // nullptr if never given
  std::vector<const GivenOption*> all(std::string_view name) const;
};

// Thrown when the user asked for a text (-help, -version, -machine help...): printing
// it is the whole run.
struct Answer {
  std::string out;  // to standard output
  std::string err;  // to standard error
  int status = 0;   // the exit code
};

// The option at args[at], which moves behind it and its argument. Throws qom::Error for a
// word that is no option and for a missing argument.
GivenOption lookup_opt(std::span<const std::string> args, std::size_t& at);
// Sorts one option into its group. Throws as parse_command_line() does.
void process_option(const GivenOption& option, std::string_view program);

// `args` without the program's name. Throws qom::Error, the location in front.
CommandLine parse_command_line(std::span<const std::string> args,
                               std::string_view program);

// Text in front of an error's message: "-device edu: Property '.foo' not found".
qom::Error at_location(std::string_view location, const qom::Error& error);

// -writeconfig: the groups as they are at this moment, in the form -readconfig reads.
void write_config_file(const std::string& path);  // "-": standard output
std::string config_text();

// -readconfig: `[group "id"]` and `key = "value"` lines have the effect of options.
void read_config_file(const std::string& path);

}  // namespace options
