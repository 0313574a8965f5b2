// Address line 20. With it off, addresses wrap at 1 MiB as on the first PC. Here only
// the second MiB does: an alias shows the first one there, which is all that real-mode
// code can reach (ffff:ffff is 0x10ffef). QEMU clears the bit in every address.
//
// Two devices can switch the line; the last one to write wins, as in QEMU (on IBM's
// board the line is on if either says so).
#include <algorithm>

#include "core/cpu_dump.h"
#include "core/log.h"
#include "machine/pc.h"
#include "trace/event.h"

namespace machine {

namespace {

constexpr std::uint64_t one_mib = 1ull << 20;

struct A20Event {
  static constexpr trace::Declaration declaration{
      "x86_cpu_set_a20", trace::Category::machine, trace::Shape::instant,
      "Address line 20 is switched on or off."};
  bool on = true;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("on", &A20Event::on, "false: addresses wrap at 1 MiB"));
  }
};

// Made when a guest first switches the line off: most never do.
MemoryRegion* a20_wrap_region(PCMachineState* pcms) {
  if (pcms->a20_wrap == nullptr) {
    const std::uint64_t size = std::min(one_mib, pcms->ram_size);
    pcms->a20_wrap = memory_region_new_alias(pcms, "a20-wrap", pcms->ram, 0, size);
    memory_region_set_enabled(pcms->a20_wrap, false);
    memory_region_add_subregion_overlap(get_system_memory(), one_mib, pcms->a20_wrap, 1);
  }
  return pcms->a20_wrap;
}

}  // namespace

void handle_a20_line_change(PCMachineState* pcms, int level) {
  const bool on = level != 0;
  if (on == pcms->a20_on) {
    return;
  }
  pcms->a20_on = on;
  a20_line_high = on;
  qemu_log_mask(CPU_LOG_MMU, "A20 update: a20=%d\n", on);
  trace::instant(A20Event{.on = on});
  memory_region_set_enabled(a20_wrap_region(pcms), !on);
}

}  // namespace machine
