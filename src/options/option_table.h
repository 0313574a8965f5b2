// The one table of command line options: what 4.0's x86_64 emulator knows, what each
// option's argument becomes, and how far we are with it. Parsing, -help, the trace's
// option events, the warning about what is not built and the spelling hint all read
// this table; adding an option is adding a row.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "options/opts.h"

namespace options {

// When the option's value is used (the launcher's phases).
enum class Phase : std::uint8_t {
  parsing,
  machine,
  accelerator,
  backends,
  board,
  devices,
  run,
};

enum class Status : std::uint8_t {
  works,    // does what 4.0 does
  unbuilt,  // parsed and kept; a warning says that nothing acts on it yet
  ignored,  // parsed and kept; doing nothing is right here
  refused,  // known, and an error: the help text says what to do instead
};

enum class Section : std::uint8_t {
  standard,
  block,
  usb,
  display,
  i386,
  network,
  character,
  boot,
  debug,
  objects,
  hidden,
};

struct OptionRow {
  const char* name;
  const char* argument;  // nullptr: takes none; shown in help
  QemuOptsList* group;   // nullptr: the value itself is kept
  const char* preset;    // elements the option stands for, or nullptr
  const char* key;       // the argument is this key's value; nullptr: it is element text
  Phase phase;
  Status status;
  Section section;
  const char* help;         // one line, no full stop
  bool takes_json = false;  // the argument may be a JSON object, as in later versions
};

std::span<const OptionRow> option_rows();
// `name` without dashes; nullptr if there is no such option.
const OptionRow* find_option(std::string_view name);
const char* section_title(Section section);
const char* phase_name(Phase phase);
const char* status_name(Status status);

// One line that may help after "-WORD: invalid option": the nearest option, or the
// blank lost between an option and its argument; empty if nothing is near.
std::string spelling_hint(std::string_view word);

// The name that is one or two letters away; empty if none is.
std::string nearest_spelling(std::string_view word, std::span<const std::string> names);

// For a key that the options of `list` do not have: since when there is one, or the key
// that is nearest; empty if neither is known.
std::string key_hint(const QemuOptsList& list, std::string_view key);

// The text of -help for a program of this name.
std::string help_text(std::string_view program);

}  // namespace options
