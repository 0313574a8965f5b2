// Property values of older releases: what a device of that release had where a device
// of today has another default. Only rows for types that are built here.
#pragma once

#include "core/machine.h"

namespace machine {

inline constexpr core::CompatProperty pc_compat_3_1[] = {
    {"virtio-blk-device", "discard", "false"},
    {"virtio-blk-device", "write-zeroes", "false"},
};

inline constexpr core::CompatProperty pc_compat_2_8[] = {
    {"virtio-pci", "x-pcie-deverr-init", "off"},
    {"virtio-pci", "x-pcie-lnkctl-init", "off"},
    {"virtio-pci", "x-pcie-pm-init", "off"},
    {"pci-device", "x-pcie-extcap-init", "off"},
    {"kvmclock", "x-mach-use-reliable-get-clock", "off"},
    {"fw_cfg_io", "x-file-slots", "0x10"},
};

inline constexpr core::CompatProperty pc_compat_2_7[] = {
    {"isa-pcspk", "migrate", "off"},
    {"virtio-pci", "page-per-vq", "on"},
    {"virtio-pci", "x-ignore-backend-features", "on"},
    {"virtio-serial-device", "emergency-write", "off"},
};

inline constexpr core::CompatProperty pc_compat_2_6[] = {
    {"virtio-blk-pci", "disable-modern", "on"},
    {"virtio-rng-pci", "disable-modern", "on"},
    {"virtio-serial-pci", "disable-modern", "on"},
};

inline constexpr core::CompatProperty pc_compat_2_4[] = {
    {"virtio-blk-device", "scsi", "true"},
    {"virtio-pci", "x-disable-pcie", "on"},
    {"virtio-pci", "migrate-extra", "off"},
    {"fw_cfg_io", "dma_enabled", "off"},
};

inline constexpr core::CompatProperty pc_compat_2_3[] = {
    {"virtio-blk-pci", "any_layout", "off"},
    {"virtio-rng-pci", "any_layout", "off"},
    {"virtio-serial-pci", "any_layout", "off"},
    {"pci-device", "x-pcie-lnksta-dllla", "off"},
};

inline constexpr core::CompatProperty pc_compat_2_1[] = {
    {"virtio-pci", "virtio-pci-bus-master-bug-migration", "on"},
};

}  // namespace machine
