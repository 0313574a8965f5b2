// Finds or decodes the block at the current instruction pointer.
#pragma once

#include "softcpu/block_cache.h"

namespace softcpu {

// nullptr: fetching faulted (Cpu::fault) or cannot go on (Cpu::exit is set).
Block* block_at_rip(Cpu& cpu);

}  // namespace softcpu
