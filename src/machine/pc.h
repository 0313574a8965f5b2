// The PC as a family of machine types: the abstract generic-pc-machine, the pieces
// its boards are built from, and the macros by which one line makes a machine type.
//
//   machine
//   `- generic-pc-machine          PCMachineClass, PCMachineState
//      |- pc-i440fx-4.0-machine    pc_piix.cc, alias pc, and every older version
//      |- pc-i440fx-trusty-machine pc_trusty.cc
//      `- isapc-machine            isapc.cc
//
// Address map of the boards (bytes):
//
//   0x000000000 - 0x00009ffff  RAM          0x0fec00000  I/O APIC   (not built yet)
//   0x0000a0000 - 0x0000bffff  VGA          0x0fee00000  local APIC (not built yet)
//   0x0000c0000 - 0x0000fffff  ROMs, shadow 0x1_0000_0000 - size  pc.bios
//   0x000100000 - low end      RAM          0x1_0000_0000 on      the rest of RAM
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/isa.h"
#include "core/linux_boot.h"
#include "core/machine.h"
#include "core/memory.h"
#include "core/qdev_properties.h"
#include "core/run_state.h"
#include "machine/acpi_tables.h"
#include "machine/smbios.h"
#include "machine/x86_board.h"

namespace machine {

using namespace core;

inline constexpr const char* TYPE_PC_MACHINE = "generic-pc-machine";

struct PCMachineClass : MachineClass {
  static constexpr const char* qom_type = "generic-pc-machine";
  bool pci_enabled = true;
  bool has_acpi_build = true;
  bool gigabyte_align = true;  // a split RAM has its low part end at 3 GiB, not 3.5
  bool smbios_defaults = true;
  bool has_reserved_memory = true;
  bool linuxboot_dma_enabled = true;
  bool save_tsc_khz = true;
};

struct PCMachineState : MachineState {
  static constexpr const char* qom_type = "generic-pc-machine";
  std::uint64_t max_ram_below_4g = 0;  // 0: not given
  OnOffAuto vmport = OnOffAuto::auto_, smm = OnOffAuto::auto_;
  bool nvdimm = false, smbus_enabled = true, sata_enabled = true, pit_enabled = true;
  std::string nvdimm_persistence;
  std::uint64_t below_4g_mem_size = 0, above_4g_mem_size = 0;
  X86Lines lines;
  Object* rtc = nullptr;             // link rtc_state
  Object* acpi_dev = nullptr;        // link acpi-device
  MemoryRegion* ram = nullptr;       // pc.ram
  MemoryRegion* a20_wrap = nullptr;  // the first MiB seen again at 1 MiB
  bool a20_on = true;
  bool has_firmware = false;  // an image is mapped: it runs first, or can be called
};

inline MachineClass* MACHINE_CLASS(ObjectClass* klass) {
  return class_cast<MachineClass>(klass);
}

inline PCMachineClass* PC_MACHINE_CLASS(ObjectClass* klass) {
  return class_cast<PCMachineClass>(klass);
}

inline PCMachineState* PC_MACHINE(Object* obj) {
  return object_cast<PCMachineState>(obj);
}

inline PCMachineClass* PC_MACHINE_GET_CLASS(Object* obj) {
  return class_of<PCMachineClass>(obj);
}

// ---- the pieces beside those of x86_board.h (names as in QEMU) -----------------------
// Decides below_4g_mem_size and above_4g_mem_size. `low_limit`: where the first part
// ends at most when RAM has to be split, before max-ram-below-4g.
void pc_split_ram(PCMachineState* pcms, std::uint64_t low_limit);
// pc.ram, its two aliases, the firmware and the option ROM area. `rom_memory`: the
// container firmware goes into.
void pc_memory_init(PCMachineState* pcms, MemoryRegion* system_memory,
                    MemoryRegion* rom_memory);
// What every PC has on its ISA bus: rtc, pit, speaker, serial ports, keyboard
// controller, port 92, ports 0x80 and 0xf0.
void pc_basic_device_init(PCMachineState* pcms, ISABus* isa_bus);
void pc_cmos_init(PCMachineState* pcms, ISADeviceState* rtc);
// Tells firmware how many CPUs there are now; no clock yet: nothing to tell.
void pc_count_cpus(PCMachineState* pcms);
void handle_a20_line_change(PCMachineState* pcms, int level);
// A firmware image, in ROM or (without PCI) in RAM, ending at 4 GiB and at 1 MiB.
enum class FirmwareMemory : std::uint8_t { rom, ram };
void x86_map_firmware(std::span<const std::byte> image, MemoryRegion* rom_memory,
                      FirmwareMemory kind);
// -kernel: places the image and makes the first CPU start in it. No -kernel: nothing.
// The board is as firmware leaves it: an image may use the memory below 1 MiB.
void pc_load_kernel(PCMachineState* pcms);

// ---- what firmware would have set up, on a board that starts without it ---------------
// Where PCI's interrupt wires A to D lead, and the ports of power management: SeaBIOS's
// choices.
inline constexpr std::array<std::uint8_t, 4> pc_pirq_lines{10, 10, 11, 11};
inline constexpr std::uint16_t pc_pm_port = 0x600;
// Its tables for a Linux kernel, and where they are.
LinuxTables pc_linux_tables(PCMachineState* pcms);
// What ACPI's and SMBIOS's tables tell of this board; power management at pc_pm_port.
AcpiBoard pc_acpi_board(PCMachineState* pcms);
SmbiosBoard pc_smbios_board(PCMachineState* pcms);

}  // namespace machine

// The body of one machine type: a class_init that lets `optsfn` fill the class, a
// TypeInfo (stage 1 of the lecture's section 1), and its registration.
#define DEFINE_PC_MACHINE(suffix, namestr, initfn, optsfn)                      \
  static void pc_machine_##suffix##_class_init(::qom::ObjectClass* oc, void*) { \
    ::core::MachineClass* mc = ::machine::MACHINE_CLASS(oc);                    \
    optsfn(mc);                                                                 \
    mc->init = initfn;                                                          \
  }                                                                             \
  static_assert(std::string_view("-machine") == ::core::TYPE_MACHINE_SUFFIX);   \
  static const ::qom::TypeInfo pc_machine_type_##suffix = {                     \
      .name = namestr "-machine",                                               \
      .parent = ::machine::TYPE_PC_MACHINE,                                     \
      .class_init = pc_machine_##suffix##_class_init,                           \
  };                                                                            \
  static void pc_machine_init_##suffix() {                                      \
    ::qom::type_register(&pc_machine_type_##suffix);                            \
  }                                                                             \
  type_init(pc_machine_init_##suffix)
