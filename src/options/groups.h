// The option groups of 4.0, under their QEMU names: what a command line is sorted
// into. Which keys a group declares was measured (query-command-line-options);
// a group without declared keys takes any and its consumer checks them.
#pragma once

#include "options/opts.h"

namespace options {

extern QemuOptsList qemu_drive_opts, qemu_chardev_opts, qemu_device_opts,
    qemu_netdev_opts, qemu_nic_opts, qemu_net_opts, qemu_rtc_opts, qemu_global_opts,
    qemu_mon_opts, qemu_trace_opts, qemu_option_rom_opts, qemu_machine_opts,
    qemu_accel_opts, qemu_mem_opts, qemu_smp_opts, qemu_boot_opts, qemu_add_fd_opts,
    qemu_object_opts, qemu_tpmdev_opts, qemu_realtime_opts, qemu_overcommit_opts,
    qemu_msg_opts, qemu_name_opts, qemu_numa_opts, qemu_icount_opts,
    qemu_semihosting_config_opts, qemu_fw_cfg_opts, qemu_fsdev_opts, qemu_virtfs_opts,
    qemu_vnc_opts, qemu_smbios_opts, qemu_acpi_opts, qemu_sandbox_opts, qemu_spice_opts;

// All of the above by qemu_add_opts(), in 4.0's order. Idempotent.
void add_option_groups();

// The one entry of a merging list; empty if the option was never given. The
// launcher's consumers read their groups through these.
QemuOpts* qemu_get_machine_opts();
QemuOpts* only_opts(QemuOptsList& list);  // created when absent

}  // namespace options
