// Interfaces a board implements: "nmi", by which a monitor asks for a
// non-maskable interrupt (QEMU's hw/core/nmi).
#pragma once

#include "core/qdev.h"

namespace machine {

inline constexpr const char* TYPE_NMI = "nmi";

struct NMIClass : qom::InterfaceClass {
  static constexpr const char* qom_type = "nmi";
  // Sends an NMI to CPU `cpu_index`. nullptr: the board has no way to.
  void (*nmi_monitor_handler)(qom::Object* machine, int cpu_index) = nullptr;
};

}  // namespace machine
