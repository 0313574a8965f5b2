// -numa: nodes, distances, CPUs. Fills numa_nodes and cpu_node_ids of the
// machine, which CPU objects read when they are realized.
#pragma once

#include "core/machine.h"

namespace launcher {

// Before the board is built. Throws qom::Error in 4.0's words.
void parse_numa_options(const core::MachineClass* mc);
// When all options are known: sizes add up, distances are complete, every CPU has a node.
void complete_numa_configuration(const core::MachineClass* mc);

}  // namespace launcher
