// The types of the program, registered once in a test program.
#pragma once

#include "qom/module.h"

inline void register_types() {
  static const bool once = (qom::module_call_init(qom::MODULE_INIT_QOM), true);
  static_cast<void>(once);
}
