// "ringbuf" and its older name "memory": output is kept in memory, oldest lost first.
#pragma once

#include <string>

#include "core/chardev.h"

namespace backend {

// What was written and not taken yet, oldest first; takes it. `chr` is a ringbuf.
std::string ringbuf_take(core::Chardev* chr);

}  // namespace backend
