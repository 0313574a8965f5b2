// What the guest says, as trace events (category guest): bytes written to a mark
// port, lines written to a console. Devices call these; they cost nothing when the
// events are switched off.
#pragma once

#include <cstdint>
#include <string_view>

#include "qom/object.h"

namespace core {

// The guest wrote `value` to the mark port (port 0x80).
void guest_mark(std::uint64_t value);

// One byte the guest sent through console device `dev`. Lines are put together here,
// one line at a time per device: a line ends at '\n' or after 256 bytes; '\r' is
// dropped; what is not printable ASCII is written as \xNN.
void guest_console_byte(qom::Object* dev, std::uint8_t byte);
// Ends unfinished lines, so that a prompt without newline is in the trace too.
void guest_console_flush();

// Declares guest.exit once, with why: called by run_machine at its end.
void guest_exit_event(std::string_view cause, int status);

}  // namespace core
