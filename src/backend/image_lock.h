// Locks on an image that others see: two programs must not write one image.
#pragma once

#include <string>

#include "core/block.h"

namespace backend {

using namespace core;

// What of `wanted` is told to the other programs by locks on `fd`, in place of what was
// told before. Throws qom::Error in QEMU's words if one of them is against it; then
// nothing has changed.
void image_lock(int fd, const std::string& filename, BlockPermissions held,
                BlockPermissions wanted);

}  // namespace backend
