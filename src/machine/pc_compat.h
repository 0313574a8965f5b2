// Property values of older releases: what a device of that release had where a device
// of today has another default. Only rows for types that are built here.
#pragma once

#include "core/machine.h"

namespace machine {

inline constexpr core::CompatProperty pc_compat_2_8[] = {
    {"kvmclock", "x-mach-use-reliable-get-clock", "off"},
};

inline constexpr core::CompatProperty pc_compat_2_7[] = {
    {"isa-pcspk", "migrate", "off"},
};

}  // namespace machine
