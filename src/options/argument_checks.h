// What 4.0 refuses about an argument as soon as it has read it, before any machine is
// chosen: -uuid, -smbios, -acpitable, -monitor... Whether the feature behind it is built
// makes no difference.
#pragma once

#include <string_view>

#include "options/command_line.h"
#include "options/document.h"

namespace options {

// Throws qom::Error without the location; nothing for an option that has no such check.
void check_argument(const GivenOption& option);

// "stdio", "tcp:HOST:PORT", "file:PATH"...: throws "'X' is not a valid char driver".
void check_char_driver(std::string_view text);

// -blockdev, -audiodev and -display: a document's members and their types.
Document parse_blockdev(std::string_view text);
Document parse_audiodev(std::string_view text);
void check_display(std::string_view text);

void check_smbios(QemuOpts* opts);  // also types its keys
void check_acpitable(QemuOpts* opts);

}  // namespace options
