// pc-i440fx-trusty: the machine type Ubuntu 14.04 gave its QEMU 2.0. Upstream QEMU never
// had it; OpenStack's command lines of that time, the lecture's second one among them,
// ask for it by name. It is upstream's 2.0 under another name.
#include "machine/pc_piix.h"

namespace machine {

static void pc_i440fx_trusty_machine_options(MachineClass* m) {
  pc_i440fx_2_0_machine_options(m);
  m->desc = "Ubuntu 14.04 PC (i440FX + PIIX, 1996)";
}

DEFINE_I440FX_MACHINE(trusty, "pc-i440fx-trusty", NULL, pc_i440fx_trusty_machine_options);

}  // namespace machine
