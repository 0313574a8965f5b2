// What stands behind an ioctl's third argument, in words for the trace.
#pragma once

#include <cstdint>
#include <string>

namespace kvm {

// `in`: what we hand to the kernel, read before the call. `out`: what the kernel
// filled in, read after a call that succeeded.
enum class Side : std::uint8_t { in, out };

// For example "slot=0 gpa=0x0 size=0x8000000 flags=0". No host address and no
// time ever appears, so that two runs say the same. Empty: nothing to say.
std::string describe_argument(std::uint64_t request, std::uint64_t argument, Side side);

// Does this request's answer name a new file descriptor?
bool returns_descriptor(std::uint64_t request);

}  // namespace kvm
