// The machine in words: what QEMU's monitor answers to "info qtree" and its relatives, in
// the same lines. For people and for comparing with QEMU; asked for with -d.
#pragma once

#include <string>

namespace core {

std::string info_qtree();     // buses and devices, with their properties
std::string info_qom_tree();  // the composition tree below /machine
std::string info_mtree();     // address spaces and the regions in them
std::string info_pci();       // PCI devices, with their base addresses

}  // namespace core
