// Modules: functions that ask, before main(), to be called in a named phase
// (qom-semantics section A; the lecture, section 1).
#pragma once

namespace qom {

// In QEMU 4.0's enum order.
enum module_init_type {
  MODULE_INIT_BLOCK,
  MODULE_INIT_OPTS,
  MODULE_INIT_QOM,
  MODULE_INIT_TRACE,
  MODULE_INIT_XEN_BACKEND,
  MODULE_INIT_LIBQOS,
  MODULE_INIT_MAX,
};

// Appends (fn, type) to the tail of that type's list. Any time, also before main().
// File and line are the caller's: in traces they say where a module's types live. The
// file's name is kept, so it must outlive the program (a plugin's would not).
void register_module_init(void (*fn)(), module_init_type type, const char* name = nullptr,
                          const char* file = __builtin_FILE(),
                          int line = __builtin_LINE());

// The same for a file built as a plugin: a pending list, run when it is loaded.
void register_dso_module_init(void (*fn)(), module_init_type type,
                              const char* name = nullptr);

// Runs every entry of the list once, in order of registration.
void module_call_init(module_init_type type);

}  // namespace qom

#ifdef VITRINE_PLUGIN
#include "qom/stamp.h"
#define module_init(function, type)                                    \
  static void __attribute__((constructor)) do_qemu_init_##function() { \
    ::qom::register_dso_module_init(function, type, #function);        \
  }
#else
// [module_init]
#define module_init(function, type)                                    \
  static void __attribute__((constructor)) do_qemu_init_##function() { \
    ::qom::register_module_init(function, type, #function);            \
  }
// [module_init]
#endif

#define block_init(function) module_init(function, ::qom::MODULE_INIT_BLOCK)
#define opts_init(function) module_init(function, ::qom::MODULE_INIT_OPTS)
// [type_init]
#define type_init(function) module_init(function, ::qom::MODULE_INIT_QOM)
// [type_init]
#define trace_init(function) module_init(function, ::qom::MODULE_INIT_TRACE)
