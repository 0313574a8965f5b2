// The end of a program that was written wrongly: what QEMU asserts on.
#pragma once

#include <string>

namespace qom {

// Prints `message` and a newline to stderr, then aborts. For mistakes in code
// only; what a user did wrong is a qom::Error.
[[noreturn]] void fatal(const std::string& message);

}  // namespace qom
