// The page walk: what one linear address maps to and what may be done with it.
#pragma once

#include "softcpu/cpu.h"

namespace softcpu {

struct Mapping {
  u64 physical = 0;       // of the byte asked for
  bool writable = false;  // may be written now without touching the page tables
  bool readable = false;
  bool executable = false;
};

struct WalkRequest {
  u64 linear = 0;
  Access access = Access::read;
  bool user = false;  // judged with user rights
};

// Walks the guest's page tables, sets accessed and dirty bits. On a page fault sets
// CR2, raises #PF with its error code and returns false.
bool walk(Cpu& cpu, const WalkRequest& request, Mapping& out);

}  // namespace softcpu
