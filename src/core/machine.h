// Machine: the board as a type. MachineClass is what -machine selects, MachineState
// the one object at /machine (QEMU hw/core/machine.c, include/hw/boards.h).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/qdev.h"

namespace core {

inline constexpr const char* TYPE_MACHINE = "machine";
inline constexpr const char* TYPE_MACHINE_SUFFIX = "-machine";

struct MachineState;
struct AccelState;

enum class BlockInterface : std::uint8_t { none, ide, scsi, floppy, virtio };

struct MachineClass : ObjectClass {
  static constexpr const char* qom_type = "machine";
  const char* family = nullptr;
  const char* name = nullptr;  // type name without "-machine"; set by class_base_init
  const char* alias = nullptr;
  const char* desc = nullptr;
  const char* deprecation_reason = nullptr;
  const char* not_built = nullptr;  // why it cannot be started; listed all the same
  void (*init)(MachineState* machine) = nullptr;
  void (*reset)(MachineState* machine) = nullptr;
  // Who handles plugging of `dev`: an object with interface hotplug-handler or nullptr.
  Object* (*get_hotplug_handler)(MachineState* machine, DeviceState* dev) = nullptr;
  BlockInterface block_default_type = BlockInterface::ide;
  int units_per_default_bus = 0;
  int max_cpus = 1, min_cpus = 1, default_cpus = 1;
  bool no_serial = false, no_parallel = false, use_sclp = false, no_floppy = false,
       no_cdrom = false, no_sdcard = false;
  bool is_default = false;
  const char* default_machine_opts = nullptr;
  const char* default_boot_order = nullptr;
  const char* default_display = nullptr;
  const char* default_cpu_type = nullptr;
  // CPU features, a blank between, that an accelerator's defaults do not touch: those of
  // a model stay as the model has them.
  const char* cpu_features_of_model = "";
  const char* default_nic_model = nullptr;
  std::uint64_t default_ram_size = 128ull << 20;  // bytes
  bool option_rom_has_mr = false, rom_file_has_mr = true;
  bool has_hotpluggable_cpus = false, numa_mem_supported = false,
       auto_enable_numa_with_memhp = false;
  int smbus_no_migration_support = 0;
};

// One node of -numa. `distance` to the others, by their number; empty: not given.
struct NumaNode {
  bool present = false;
  std::uint64_t memory = 0;  // bytes
  std::string memdev;        // id of the memory back end; may be empty
  std::vector<std::uint8_t> distance;
};

// -boot, as far as firmware is told; -1: not given.
struct BootSettings {
  bool menu = false, strict = false;
  std::int32_t splash_time = -1, reboot_timeout = -1;  // milliseconds
};

struct MachineState : Object {
  static constexpr const char* qom_type = "machine";
  bool accel_given = false;  // "" given is not the same as not given
  std::string accel, kernel_filename, initrd_filename, kernel_cmdline, firmware, dtb,
      dumpdtb, dt_compatible;
  // on, off, split; empty: not given (on under kvm).
  std::string kernel_irqchip;
  int phandle_start = 0;
  bool dump_guest_core = true, mem_merge = true, usb = false, usb_disabled = false,
       graphics = true, enforce_config_section = false, suppress_vmdesc = false;
  std::int64_t kvm_shadow_mem = -1;
  bool igd_passthru = false;
  std::string memory_encryption;
  std::uint64_t ram_size = 0, maxram_size = 0, ram_slots = 0;  // bytes, bytes, count
  int smp_cpus = 1, smp_cores = 1, smp_threads = 1, smp_sockets = 1, max_cpus = 1;
  std::string boot_order, cpu_type;
  BootSettings boot;
  bool firmware_given = false;             // by name, not by the machine's defaults
  std::array<std::uint8_t, 16> uuid{};     // -uuid; zeros: not given
  std::vector<NumaNode> numa_nodes;        // empty: no -numa
  std::vector<std::int32_t> cpu_node_ids;  // by CPU number; -1 or too short: none
  AccelState* accelerator = nullptr;
};

// Older values of device properties that a machine version keeps (QEMU's
// hw_compat_3_1, pc_compat_3_1...): constant rows, added newest version first by the
// chained options functions; every class starts with an empty list.
struct CompatProperty {
  const char* driver = nullptr;
  const char* property = nullptr;
  const char* value = nullptr;
};

void compat_props_add(MachineClass* mc, std::span<const CompatProperty> rows);
// What object_set_machine_compat_props() wants, in the order added.
GlobalProperties machine_compat_props(const MachineClass* mc);
GlobalProperties to_global_properties(std::span<const CompatProperty> rows);

// The NUMA node of a CPU of current_machine; -1: none.
std::int32_t machine_cpu_node_id(int cpu_index);

// The one machine of this process; nullptr until the launcher created it.
extern MachineState* current_machine;

}  // namespace core
