// The power management registers that ACPI wants of a chipset (ACPI 6, 4.8.3): events and
// which of them interrupt, control (who is asked to sleep), and a timer.
//
//   PM1 event    0 status (write 1 to clear)   2 enable     bit 0 timer, 5 global lock,
//                                                           8 power button, 10 RTC
//   PM1 control  0: bit 0 events go to ACPI, 12..10 kind of sleep, 13 sleep now
//   PM timer     3.579545 MHz, 24 bits, read-only; bit 23 toggling sets status bit 0
//   GPE0         half of it status, half enable
#pragma once

#include <array>
#include <memory>

#include "core/clock.h"
#include "core/irq.h"
#include "core/memory.h"

namespace hw {

using namespace core;

inline constexpr std::uint8_t acpi_enable_command = 0xf1, acpi_disable_command = 0xf0;

class AcpiPm {
 public:
  // `sci`: the line all events share; not owned, may be nullptr. `s4_kind`: the kind of
  // sleep that means "to disk".
  AcpiPm(Irq sci, std::uint8_t s4_kind);

  // The regions are `owner`'s; the first three go into `block` at 0, 4 and 8.
  void add_regions(qom::Object* owner, MemoryRegion* block);
  MemoryRegion* new_gpe_region(qom::Object* owner);  // 4 bytes

  void reset();
  void enable(bool on);  // what firmware's command does: who handles events

 private:
  struct Registers;
  static const MemoryRegionOps event_ops, control_ops, timer_ops, gpe_ops;

  std::uint16_t status();
  void update_sci();
  void write_control(std::uint16_t value);

  Irq sci_;
  std::uint8_t s4_kind_;
  bool sci_up_ = false;
  std::uint16_t status_ = 0, enable_ = 0, control_ = 0;
  std::array<std::uint8_t, 4> gpe_{};  // 2 of status, 2 of enable
  std::int64_t overflow_ = 0;          // tick at which bit 23 next toggles
  Timer timer_;
};

}  // namespace hw
