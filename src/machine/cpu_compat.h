// What CPU models of older releases had: the difference each release made, as measured on
// the older machine types of a real QEMU. A machine of release R gets the rows of R and
// of every later release.
#pragma once

#include "core/machine.h"

namespace machine {

inline constexpr core::CompatProperty cpu_compat_3_1[] = {
    {"x86_64-cpu", "x-intel-pt-auto-level", "off"},
    {"Skylake-Client-x86_64-cpu", "mpx", "on"},
    {"Skylake-Client-IBRS-x86_64-cpu", "mpx", "on"},
    {"Skylake-Server-x86_64-cpu", "mpx", "on"},
    {"Skylake-Server-IBRS-x86_64-cpu", "mpx", "on"},
    {"Cascadelake-Server-x86_64-cpu", "mpx", "on"},
    {"Icelake-Client-x86_64-cpu", "mpx", "on"},
    {"Icelake-Server-x86_64-cpu", "mpx", "on"},
    {"Cascadelake-Server-x86_64-cpu", "stepping", "5"},
    {"Opteron_G3-x86_64-cpu", "rdtscp", "off"},
    {"Opteron_G4-x86_64-cpu", "rdtscp", "off"},
    {"Opteron_G5-x86_64-cpu", "rdtscp", "off"},
    {"Opteron_G4-x86_64-cpu", "npt", "off"},
    {"Opteron_G4-x86_64-cpu", "nrip-save", "off"},
    {"Opteron_G5-x86_64-cpu", "npt", "off"},
    {"Opteron_G5-x86_64-cpu", "nrip-save", "off"},
    {"EPYC-x86_64-cpu", "npt", "off"},
    {"EPYC-x86_64-cpu", "nrip-save", "off"},
    {"EPYC-IBPB-x86_64-cpu", "npt", "off"},
    {"EPYC-IBPB-x86_64-cpu", "nrip-save", "off"},
};

inline constexpr core::CompatProperty cpu_compat_3_0[] = {
    {"x86_64-cpu", "x-hv-synic-kvm-only", "on"},
    {"Skylake-Server-x86_64-cpu", "pku", "off"},
    {"Skylake-Server-IBRS-x86_64-cpu", "pku", "off"},
};

inline constexpr core::CompatProperty cpu_compat_2_12[] = {
    {"EPYC-x86_64-cpu", "legacy-cache", "on"},
    {"EPYC-x86_64-cpu", "topoext", "off"},
    {"EPYC-x86_64-cpu", "xlevel", "0x8000000a"},
    {"EPYC-IBPB-x86_64-cpu", "legacy-cache", "on"},
    {"EPYC-IBPB-x86_64-cpu", "topoext", "off"},
    {"EPYC-IBPB-x86_64-cpu", "xlevel", "0x8000000a"},
};

inline constexpr core::CompatProperty cpu_compat_2_11[] = {
    {"x86_64-cpu", "x-migrate-smi-count", "off"},
    {"Skylake-Server-x86_64-cpu", "clflushopt", "off"},
};

inline constexpr core::CompatProperty cpu_compat_2_10[] = {
    {"x86_64-cpu", "x-hv-max-vps", "64"},
};

inline constexpr core::CompatProperty cpu_compat_2_8[] = {
    {"x86_64-cpu", "tcg-cpuid", "off"},
    {"x86_64-cpu", "vmware-cpuid-freq", "off"},
    {"Haswell-x86_64-cpu", "stepping", "1"},
};

inline constexpr core::CompatProperty cpu_compat_2_7[] = {
    {"x86_64-cpu", "l3-cache", "off"},
    {"x86_64-cpu", "full-cpuid-auto-level", "off"},
    {"Opteron_G3-x86_64-cpu", "family", "15"},
    {"Opteron_G3-x86_64-cpu", "model", "6"},
    {"Opteron_G3-x86_64-cpu", "stepping", "1"},
};

inline constexpr core::CompatProperty cpu_compat_2_6[] = {
    {"x86_64-cpu", "cpuid-0xb", "off"},
    {"x86_64-cpu", "fill-mtrr-mask", "off"},
};

inline constexpr core::CompatProperty cpu_compat_2_4[] = {
    {"qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.4.0"},
    {"qemu32-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.4.0"},
    {"athlon-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.4.0"},
    {"x86_64-cpu", "check", "off"},
    {"Haswell-x86_64-cpu", "abm", "off"},
    {"Haswell-noTSX-x86_64-cpu", "abm", "off"},
    {"Broadwell-x86_64-cpu", "abm", "off"},
    {"Broadwell-noTSX-x86_64-cpu", "abm", "off"},
    {"Opteron_G2-x86_64-cpu", "rdtscp", "on"},
    {"Opteron_G3-x86_64-cpu", "rdtscp", "on"},
    {"Opteron_G4-x86_64-cpu", "rdtscp", "on"},
    {"Opteron_G5-x86_64-cpu", "rdtscp", "on"},
    {"qemu32-x86_64-cpu", "popcnt", "on"},
    {"qemu64-x86_64-cpu", "popcnt", "on"},
    {"qemu64-x86_64-cpu", "abm", "on"},
    {"qemu64-x86_64-cpu", "sse4a", "on"},
};

inline constexpr core::CompatProperty cpu_compat_2_3[] = {
    {"qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.3.0"},
    {"qemu32-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.3.0"},
    {"athlon-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.3.0"},
    {"x86_64-cpu", "arat", "off"},
    {"x86_64-cpu", "kvm-no-smi-migration", "on"},
    {"qemu64-x86_64-cpu", "min-level", "4"},
    {"kvm64-x86_64-cpu", "min-level", "5"},
    {"pentium3-x86_64-cpu", "min-level", "2"},
    {"Conroe-x86_64-cpu", "min-level", "4"},
    {"Penryn-x86_64-cpu", "min-level", "4"},
    {"Nehalem-x86_64-cpu", "min-level", "4"},
    {"n270-x86_64-cpu", "min-level", "5"},
    {"n270-x86_64-cpu", "min-xlevel", "0x8000000a"},
    {"Conroe-x86_64-cpu", "min-xlevel", "0x8000000a"},
    {"Penryn-x86_64-cpu", "min-xlevel", "0x8000000a"},
    {"Nehalem-x86_64-cpu", "min-xlevel", "0x8000000a"},
    {"Westmere-x86_64-cpu", "min-xlevel", "0x8000000a"},
    {"SandyBridge-x86_64-cpu", "min-xlevel", "0x8000000a"},
    {"IvyBridge-x86_64-cpu", "min-xlevel", "0x8000000a"},
    {"Haswell-x86_64-cpu", "min-xlevel", "0x8000000a"},
    {"Haswell-noTSX-x86_64-cpu", "min-xlevel", "0x8000000a"},
    {"Broadwell-x86_64-cpu", "min-xlevel", "0x8000000a"},
    {"Broadwell-noTSX-x86_64-cpu", "min-xlevel", "0x8000000a"},
};

inline constexpr core::CompatProperty cpu_compat_2_2[] = {
    {"qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.2.0"},
    {"qemu32-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.2.0"},
    {"athlon-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.2.0"},
    {"kvm32-x86_64-cpu", "vme", "off"},
    {"kvm64-x86_64-cpu", "vme", "off"},
    {"Conroe-x86_64-cpu", "vme", "off"},
    {"Penryn-x86_64-cpu", "vme", "off"},
    {"Nehalem-x86_64-cpu", "vme", "off"},
    {"Westmere-x86_64-cpu", "vme", "off"},
    {"SandyBridge-x86_64-cpu", "vme", "off"},
    {"Haswell-x86_64-cpu", "vme", "off"},
    {"Broadwell-x86_64-cpu", "vme", "off"},
    {"Opteron_G1-x86_64-cpu", "vme", "off"},
    {"Opteron_G2-x86_64-cpu", "vme", "off"},
    {"Opteron_G3-x86_64-cpu", "vme", "off"},
    {"Opteron_G4-x86_64-cpu", "vme", "off"},
    {"Opteron_G5-x86_64-cpu", "vme", "off"},
    {"Haswell-x86_64-cpu", "f16c", "off"},
    {"Haswell-x86_64-cpu", "rdrand", "off"},
    {"Broadwell-x86_64-cpu", "f16c", "off"},
    {"Broadwell-x86_64-cpu", "rdrand", "off"},
};

inline constexpr core::CompatProperty cpu_compat_2_1[] = {
    {"qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.1.0"},
    {"qemu32-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.1.0"},
    {"athlon-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.1.0"},
    {"coreduo-x86_64-cpu", "vmx", "on"},
    {"core2duo-x86_64-cpu", "vmx", "on"},
};

inline constexpr core::CompatProperty cpu_compat_2_0[] = {
    {"qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.0.0"},
    {"qemu32-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.0.0"},
    {"athlon-x86_64-cpu", "model-id", "QEMU Virtual CPU version 2.0.0"},
};

inline constexpr core::CompatProperty cpu_compat_1_7[] = {
    {"qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.7.0"},
    {"qemu32-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.7.0"},
    {"athlon-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.7.0"},
};

inline constexpr core::CompatProperty cpu_compat_1_6[] = {
    {"qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.6.0"},
    {"qemu32-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.6.0"},
    {"athlon-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.6.0"},
    {"qemu32-x86_64-cpu", "model", "3"},
    {"qemu64-x86_64-cpu", "model", "2"},
};

inline constexpr core::CompatProperty cpu_compat_1_5[] = {
    {"qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.5.0"},
    {"qemu32-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.5.0"},
    {"athlon-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.5.0"},
    {"x86_64-cpu", "pmu", "on"},
    {"Conroe-x86_64-cpu", "model", "2"},
    {"Conroe-x86_64-cpu", "min-level", "2"},
    {"Penryn-x86_64-cpu", "model", "2"},
    {"Penryn-x86_64-cpu", "min-level", "2"},
    {"Nehalem-x86_64-cpu", "model", "2"},
    {"Nehalem-x86_64-cpu", "min-level", "2"},
};

inline constexpr core::CompatProperty cpu_compat_1_4[] = {
    {"qemu64-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.4.0"},
    {"qemu32-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.4.0"},
    {"athlon-x86_64-cpu", "model-id", "QEMU Virtual CPU version 1.4.0"},
    {"486-x86_64-cpu", "model", "0"},
    {"n270-x86_64-cpu", "movbe", "off"},
    {"Westmere-x86_64-cpu", "pclmulqdq", "off"},
};

}  // namespace machine
