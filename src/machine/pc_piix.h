// What the boards of family pc_piix share: their init function, the options of the
// versions others build on, and the macro that makes one more of them.
#pragma once

#include "hw/i440fx.h"
#include "machine/pc.h"

namespace machine {

// Builds the board. The two names are the host bridge to make and the device it shows
// on its own bus.
void pc_init1(MachineState* machine, const char* host_type, const char* pci_type);

void pc_i440fx_4_0_machine_options(MachineClass* m);
void pc_i440fx_2_0_machine_options(MachineClass* m);

}  // namespace machine

// An init function that first calls `compatfn`, if there is one, and a machine type.
#define DEFINE_I440FX_MACHINE(suffix, name, compatfn, optionfn)     \
  static void pc_init_##suffix(::core::MachineState* machine) {     \
    void (*compat)(::core::MachineState*) = (compatfn);             \
    if (compat != nullptr) {                                        \
      compat(machine);                                              \
    }                                                               \
    ::machine::pc_init1(machine, ::hw::TYPE_I440FX_PCI_HOST_BRIDGE, \
                        ::hw::TYPE_I440FX_PCI_DEVICE);              \
  }                                                                 \
  DEFINE_PC_MACHINE(suffix, name, pc_init_##suffix, optionfn)
