// Vitrine starts here. start_machine() is the whole life of a virtual machine in the
// order of QEMU 4.0's main(); each phase is a span in the trace, so what is read here
// can be watched there. main() finds out what was asked for and is the only place
// that catches.
#include <cstdlib>  // says which C library this is
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "core/report.h"
#include "launcher/failure.h"
#include "launcher/startup.h"
#include "launcher/verb.h"

int launcher::start_machine(int argc, char** argv) {
  Startup startup(argc, argv);

  // Recording began before main(); whether it goes on must be known before anything
  // else is recorded.
  begin_trace(startup);

  // Constructors have asked for module functions to be called; calling them puts every
  // type on paper. Options come after types because an option group may belong to one.
  initialise_modules();

  // The words become option groups. Nothing is acted upon yet, so a mistake anywhere on
  // the line is found before anything has happened.
  parse_options(startup);

  // The board is a class. Searching for it turns all types on paper into classes.
  select_machine(startup);

  // The class becomes the one object at /machine; everything else hangs below it.
  create_machine(startup);

  // Host ends come before guest ends: a device looks for its chardev by name.
  open_backends(startup);

  // Machine properties name the accelerator, so they are set first; CPUs and memory
  // need the accelerator, so they come after it.
  configure_machine(startup);

  // The board builds what is soldered onto it: CPUs, memory, interrupt controllers.
  build_board(startup);

  // What the command line adds needs the board's buses.
  create_devices(startup);

  // Only now is it known where all memory lies: it is mapped, the vCPUs are made, and
  // everything is put into its power-on state.
  finish_machine(startup);

  // Guest code runs until somebody ends it.
  run(startup);

  // Terminals are given back and the trace is completed, however the run ended.
  return shut_down(startup);
}

// A start is over in three milliseconds: it neither needs a heap for each thread nor
// wants to ask the kernel for memory a little at a time.
static void settle_heap() {
#if defined(__GLIBC__)
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_TOP_PAD, 1 << 20);
#endif
}

int main(int argc, char** argv) {
  settle_heap();
  try {
    core::set_program_name(argc > 0 ? argv[0] : "vitrine");
    const launcher::Verb verb =
        launcher::find_verb(argc, argv, launcher::Edition::VITRINE_EDITION);
    return verb.main(verb.argc, verb.argv);
  } catch (...) {
    return launcher::report_failure();
  }
}
