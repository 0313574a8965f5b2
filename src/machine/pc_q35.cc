// The standard PC (Q35 + ICH9, 2009): its machine types, in the version of every QEMU
// release from 2.4 to 4.0. They can be listed, drawn and inspected; the board itself, a
// PCI Express root complex with an ICH9, is not built, and starting one says so.
#include "machine/pc.h"

namespace machine {

namespace {

void pc_q35_machine_options(MachineClass* m) {
  m->family = "pc_q35";
  m->desc = "Standard PC (Q35 + ICH9, 2009)";
  m->default_machine_opts = "firmware=bios-256k.bin";
  m->default_display = "std";
  m->max_cpus = 288;
  m->units_per_default_bus = 1;
  m->not_built = "the Q35 board (PCI Express, ICH9) is not built yet";
}

}  // namespace

#define DEFINE_Q35_MACHINE(suffix, name, optionfn) \
  DEFINE_PC_MACHINE(suffix, name, nullptr, optionfn)

static void pc_q35_4_0_machine_options(MachineClass* m) {
  pc_q35_machine_options(m);
  m->alias = "q35";
}

DEFINE_Q35_MACHINE(q35_v4_0, "pc-q35-4.0", pc_q35_4_0_machine_options);

static void pc_q35_3_1_machine_options(MachineClass* m) {
  pc_q35_4_0_machine_options(m);
  m->alias = nullptr;
}

DEFINE_Q35_MACHINE(q35_v3_1, "pc-q35-3.1", pc_q35_3_1_machine_options);

static void pc_q35_3_0_machine_options(MachineClass* m) {
  pc_q35_3_1_machine_options(m);
}

DEFINE_Q35_MACHINE(q35_v3_0, "pc-q35-3.0", pc_q35_3_0_machine_options);

static void pc_q35_2_12_machine_options(MachineClass* m) {
  pc_q35_3_0_machine_options(m);
}

DEFINE_Q35_MACHINE(q35_v2_12, "pc-q35-2.12", pc_q35_2_12_machine_options);

static void pc_q35_2_11_machine_options(MachineClass* m) {
  pc_q35_2_12_machine_options(m);
}

DEFINE_Q35_MACHINE(q35_v2_11, "pc-q35-2.11", pc_q35_2_11_machine_options);

static void pc_q35_2_10_machine_options(MachineClass* m) {
  pc_q35_2_11_machine_options(m);
}

DEFINE_Q35_MACHINE(q35_v2_10, "pc-q35-2.10", pc_q35_2_10_machine_options);

static void pc_q35_2_9_machine_options(MachineClass* m) {
  pc_q35_2_10_machine_options(m);
}

DEFINE_Q35_MACHINE(q35_v2_9, "pc-q35-2.9", pc_q35_2_9_machine_options);

static void pc_q35_2_8_machine_options(MachineClass* m) {
  pc_q35_2_9_machine_options(m);
}

DEFINE_Q35_MACHINE(q35_v2_8, "pc-q35-2.8", pc_q35_2_8_machine_options);

static void pc_q35_2_7_machine_options(MachineClass* m) {
  pc_q35_2_8_machine_options(m);
  m->max_cpus = 255;
}

DEFINE_Q35_MACHINE(q35_v2_7, "pc-q35-2.7", pc_q35_2_7_machine_options);

static void pc_q35_2_6_machine_options(MachineClass* m) {
  pc_q35_2_7_machine_options(m);
}

DEFINE_Q35_MACHINE(q35_v2_6, "pc-q35-2.6", pc_q35_2_6_machine_options);

static void pc_q35_2_5_machine_options(MachineClass* m) {
  pc_q35_2_6_machine_options(m);
}

DEFINE_Q35_MACHINE(q35_v2_5, "pc-q35-2.5", pc_q35_2_5_machine_options);

static void pc_q35_2_4_machine_options(MachineClass* m) {
  pc_q35_2_5_machine_options(m);
}

DEFINE_Q35_MACHINE(q35_v2_4, "pc-q35-2.4", pc_q35_2_4_machine_options);

}  // namespace machine
