// Registers are shown of a stopped machine only: those of a running CPU are nobody's to
// read.
#include "launcher/monitor_commands.h"

#include <string_view>

#include "core/cpu_dump.h"
#include "core/info.h"
#include "core/run_state.h"

namespace launcher {

using namespace core;

namespace {

struct Command {
  std::string_view name;
  std::string_view other;  // a second name
  std::string_view help;
  std::string (*act)();
};

std::string info_status() {
  return std::string("VM status: ") + (runstate_is_running() ? "running" : "paused") +
         "\n";
}

std::string info_cpus() {
  std::string text;
  for (const CpuState* cpu : cpu_list()) {
    text += (cpu->cpu_index == 0 ? "* CPU #" : "  CPU #") +
            std::to_string(cpu->cpu_index) + ":" + (cpu->halted ? " (halted)" : "") +
            "\n";
  }
  return text;
}

std::string info_registers() {
  if (runstate_is_running()) {
    return "the machine runs: stop it first\n";
  }
  std::string text;
  for (const CpuState* cpu : cpu_list()) {
    if (cpu->vcpu) {
      CpuDump dump = cpu_dump_of(*cpu->vcpu);
      dump.fpu = cpu->vcpu->fpu();
      dump.halted = cpu->halted;
      text += "\nCPU#" + std::to_string(cpu->cpu_index) + "\n" + cpu_dump_state(dump);
    }
  }
  return text;
}

std::string stop() {
  if (runstate_is_running()) {
    vm_stop(StopCause::paused);
  }
  return {};
}

std::string cont() {
  vm_start();
  return {};
}

std::string system_reset() {
  request_reset(ShutdownCause::guest_reset);
  return {};
}

std::string quit() {
  request_shutdown(ShutdownCause::host_quit);
  return {};
}

std::string help();

constexpr Command commands[] = {
    {"help", "?", "this list", help},
    {"info status", {}, "does the machine run?", info_status},
    {"info registers", {}, "the registers of every CPU", info_registers},
    {"info cpus", {}, "the CPUs", info_cpus},
    {"info qtree", {}, "buses and devices with their properties", info_qtree},
    {"info qom-tree", {}, "the objects of the machine", info_qom_tree},
    {"info mtree", {}, "address spaces and memory regions", info_mtree},
    {"info pci", {}, "PCI devices and their regions", info_pci},
    {"stop", "s", "stop the machine", stop},
    {"cont", "c", "let it go on", cont},
    {"system_reset", {}, "back to the power-on state", system_reset},
    {"quit", "q", "end the run", quit},
};

std::string help() {
  std::string text;
  for (const Command& command : commands) {
    text.append(command.name).append(" -- ").append(command.help).append("\n");
  }
  return text;
}

}  // namespace

std::string monitor_answer(const std::string& line) {
  if (line.empty()) {
    return {};
  }
  for (const Command& command : commands) {
    if (line == command.name || (!command.other.empty() && line == command.other)) {
      return command.act();
    }
  }
  return "unknown command: '" + line + "' (help lists those there are)\n";
}

}  // namespace launcher
