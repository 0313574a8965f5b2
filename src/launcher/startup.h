// The phases of a start, in the order of QEMU 4.0's main(). src/main.cc calls them one
// after the other; each is a span named `phase` in the trace and says below what is
// settled when it returns.
//
// Every phase may throw: options::Answer when the user asked for a text (-machine
// help), qom::Error for what the user did wrong, std::system_error for what the host
// refused. main() prints it and ends; nothing below main() exits by itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/machine.h"
#include "core/run_state.h"
#include "options/command_line.h"

namespace launcher {

using namespace core;

struct MemorySizes {
  std::uint64_t ram = 0, maximum = 0, slots = 0;  // bytes, bytes, count
  std::string backend;  // id of -machine memory-backend=; empty: the board's own memory
};

// What one phase leaves for the next ones.
struct Startup {
  Startup(int argc, char** argv);  // argv[0] is passed over

  std::vector<std::string> args;  // without the program's name
  options::CommandLine line;
  MachineClass* machine_class = nullptr;
  MemorySizes memory;
  RunResult result;
};

// Records a checkpoint. With `-stop-at CHECKPOINT` the start ends at that one: throws
// options::Answer, so everything made so far is given back in the usual order.
void reach(const Startup& startup, std::string_view checkpoint,
           const char* file = __builtin_FILE(), int line = __builtin_LINE());

// `vitrine run OPTIONS`; argv[0] is the verb. Returns the exit code. Defined in
// src/main.cc, because it is what to read first.
int start_machine(int argc, char** argv);

// Decides before anything else whether what was recorded so far is kept: with
// `-trace` it goes to a file, without it recording stops.
void begin_trace(const Startup& startup);

// Module lists TRACE, QOM, OPTS are run: every type is on paper, every option group
// known, no class exists.
void initialise_modules();

// The whole command line is read and sorted into groups; nothing is acted upon.
void parse_options(Startup& startup);

// The MachineClass is chosen. Looking for it initialises every type: from here on all
// classes exist. Memory sizes are checked.
void select_machine(Startup& startup);

// current_machine exists, at /machine, with its CPU topology; no device yet.
void create_machine(Startup& startup);

// The host ends exist: -object, -chardev, -serial; what is not built was named.
void open_backends(Startup& startup);

// Machine properties are set, the accelerator is up.
void configure_machine(Startup& startup);

// The board is built: CPUs, memory, its own devices.
void build_board(Startup& startup);

// The devices of the command line are on their buses, realized.
void create_devices(Startup& startup);

// Memory is mapped, vCPUs exist, the machine is in its power-on state.
void finish_machine(Startup& startup);

// Guest code runs until the run ends.
void run(Startup& startup);

// Host ends are closed, the trace is complete. Returns the exit code; does not return
// when the run ended by a signal.
int shut_down(Startup& startup);

}  // namespace launcher
