// The x86 CPU models of QEMU 4.0: names and model ids. Which features each has is not
// in here yet: a guest sees what the accelerator supports.
#include "cpu/model_table.h"

#include <algorithm>
#include <iterator>

namespace cpu {

static constinit const Model models[] = {
    {"486-x86_64-cpu", ""},
    {"Broadwell-x86_64-cpu", "Intel Core Processor (Broadwell)"},
    {"Broadwell-IBRS-x86_64-cpu", "Intel Core Processor (Broadwell, IBRS)"},
    {"Broadwell-noTSX-x86_64-cpu", "Intel Core Processor (Broadwell, no TSX)"},
    {"Broadwell-noTSX-IBRS-x86_64-cpu", "Intel Core Processor (Broadwell, no TSX, IBRS)"},
    {"Cascadelake-Server-x86_64-cpu", "Intel Xeon Processor (Cascadelake)"},
    {"Conroe-x86_64-cpu", "Intel Celeron_4x0 (Conroe/Merom Class Core 2)"},
    {"EPYC-x86_64-cpu", "AMD EPYC Processor"},
    {"EPYC-IBPB-x86_64-cpu", "AMD EPYC Processor (with IBPB)"},
    {"Haswell-x86_64-cpu", "Intel Core Processor (Haswell)"},
    {"Haswell-IBRS-x86_64-cpu", "Intel Core Processor (Haswell, IBRS)"},
    {"Haswell-noTSX-x86_64-cpu", "Intel Core Processor (Haswell, no TSX)"},
    {"Haswell-noTSX-IBRS-x86_64-cpu", "Intel Core Processor (Haswell, no TSX, IBRS)"},
    {"Icelake-Client-x86_64-cpu", "Intel Core Processor (Icelake)"},
    {"Icelake-Server-x86_64-cpu", "Intel Xeon Processor (Icelake)"},
    {"IvyBridge-x86_64-cpu", "Intel Xeon E3-12xx v2 (Ivy Bridge)"},
    {"IvyBridge-IBRS-x86_64-cpu", "Intel Xeon E3-12xx v2 (Ivy Bridge, IBRS)"},
    {"KnightsMill-x86_64-cpu", "Intel Xeon Phi Processor (Knights Mill)"},
    {"Nehalem-x86_64-cpu", "Intel Core i7 9xx (Nehalem Class Core i7)"},
    {"Nehalem-IBRS-x86_64-cpu", "Intel Core i7 9xx (Nehalem Core i7, IBRS update)"},
    {"Opteron_G1-x86_64-cpu", "AMD Opteron 240 (Gen 1 Class Opteron)"},
    {"Opteron_G2-x86_64-cpu", "AMD Opteron 22xx (Gen 2 Class Opteron)"},
    {"Opteron_G3-x86_64-cpu", "AMD Opteron 23xx (Gen 3 Class Opteron)"},
    {"Opteron_G4-x86_64-cpu", "AMD Opteron 62xx class CPU"},
    {"Opteron_G5-x86_64-cpu", "AMD Opteron 63xx class CPU"},
    {"Penryn-x86_64-cpu", "Intel Core 2 Duo P9xxx (Penryn Class Core 2)"},
    {"SandyBridge-x86_64-cpu", "Intel Xeon E312xx (Sandy Bridge)"},
    {"SandyBridge-IBRS-x86_64-cpu", "Intel Xeon E312xx (Sandy Bridge, IBRS update)"},
    {"Skylake-Client-x86_64-cpu", "Intel Core Processor (Skylake)"},
    {"Skylake-Client-IBRS-x86_64-cpu", "Intel Core Processor (Skylake, IBRS)"},
    {"Skylake-Server-x86_64-cpu", "Intel Xeon Processor (Skylake)"},
    {"Skylake-Server-IBRS-x86_64-cpu", "Intel Xeon Processor (Skylake, IBRS)"},
    {"Westmere-x86_64-cpu", "Westmere E56xx/L56xx/X56xx (Nehalem-C)"},
    {"Westmere-IBRS-x86_64-cpu", "Westmere E56xx/L56xx/X56xx (IBRS update)"},
    {"athlon-x86_64-cpu", "QEMU Virtual CPU version 2.5+"},
    {"core2duo-x86_64-cpu", "Intel(R) Core(TM)2 Duo CPU     T7700  @ 2.40GHz"},
    {"coreduo-x86_64-cpu", "Genuine Intel(R) CPU           T2600  @ 2.16GHz"},
    {"kvm32-x86_64-cpu", "Common 32-bit KVM processor"},
    {"kvm64-x86_64-cpu", "Common KVM processor"},
    {"n270-x86_64-cpu", "Intel(R) Atom(TM) CPU N270   @ 1.60GHz"},
    {"pentium-x86_64-cpu", ""},
    {"pentium2-x86_64-cpu", ""},
    {"pentium3-x86_64-cpu", ""},
    {"phenom-x86_64-cpu", "AMD Phenom(tm) 9550 Quad-Core Processor"},
    {"qemu32-x86_64-cpu", "QEMU Virtual CPU version 2.5+"},
    {"qemu64-x86_64-cpu", "QEMU Virtual CPU version 2.5+"},
};

std::span<const Model> model_rows() { return models; }

// Every switch a CPU has: CPUID features, and how they are worked out. Two spellings
// of one switch differ only in '-' and '_'.
static constexpr std::string_view switches[] = {
    "3dnow", "3dnowext", "3dnowprefetch", "abm", "ace2", "ace2-en", "acpi", "adx", "aes",
    "amd-no-ssb", "amd-ssbd", "apic", "arat", "arch-capabilities", "avx", "avx2",
    "avx512-4fmaps", "avx512-4vnniw", "avx512-vpopcntdq", "avx512bitalg", "avx512bw",
    "avx512cd", "avx512dq", "avx512er", "avx512f", "avx512ifma", "avx512pf", "avx512vbmi",
    "avx512vbmi2", "avx512vl", "avx512vnni", "bmi1", "bmi2", "check", "cid", "cldemote",
    "clflush", "clflushopt", "clwb", "cmov", "cmp-legacy", "cmp_legacy", "cpuid-0xb",
    "cr8legacy", "cx16", "cx8", "dca", "de", "decodeassists", "ds", "ds-cpl", "ds_cpl",
    "dtes64", "enforce", "erms", "est", "extapic", "f16c", "ffxsr", "fill-mtrr-mask",
    "flushbyasid", "fma", "fma4", "fpu", "fsgsbase", "full-cpuid-auto-level", "fxsr",
    "fxsr-opt", "fxsr_opt", "gfni", "hle", "host-phys-bits", "ht", "hv-crash", "hv-evmcs",
    "hv-frequencies", "hv-ipi", "hv-reenlightenment", "hv-relaxed", "hv-reset",
    "hv-runtime", "hv-stimer", "hv-synic", "hv-time", "hv-tlbflush", "hv-vapic",
    "hv-vpindex", "hypervisor", "i64", "ia64", "ibpb", "ibrs-all", "ibs", "intel-pt",
    "invpcid", "invtsc", "kvm", "kvm-asyncpf", "kvm-hint-dedicated", "kvm-mmu",
    "kvm-no-smi-migration", "kvm-nopiodelay", "kvm-pv-eoi", "kvm-pv-ipi",
    "kvm-pv-tlb-flush", "kvm-pv-unhalt", "kvm-steal-time", "kvm_asyncpf", "kvm_mmu",
    "kvm_nopiodelay", "kvm_pv_eoi", "kvm_pv_unhalt", "kvm_steal_time", "kvmclock",
    "kvmclock-stable-bit", "l3-cache", "la57", "lahf-lm", "lahf_lm", "lbrv",
    "legacy-cache", "lm", "lmce", "lwp", "mca", "mce", "misalignsse", "mmx", "mmxext",
    "monitor", "movbe", "movdir64b", "movdiri", "mpx", "msr", "mtrr", "nodeid-msr",
    "nodeid_msr", "npt", "nrip-save", "nrip_save", "nx", "osvw", "pae", "pat",
    "pause-filter", "pause_filter", "pbe", "pcid", "pclmuldq", "pclmulqdq", "pcommit",
    "pdcm", "pdpe1gb", "perfctr-core", "perfctr-nb", "perfctr_core", "perfctr_nb",
    "pfthreshold", "pge", "phe", "phe-en", "pku", "pmm", "pmm-en", "pmu", "pn", "pni",
    "popcnt", "pse", "pse36", "rdctl-no", "rdpid", "rdrand", "rdseed", "rdtscp", "rsba",
    "rtm", "sep", "sha-ni", "skinit", "skip-l1dfl-vmentry", "smap", "smep", "smx",
    "spec-ctrl", "ss", "ssb-no", "ssbd", "sse", "sse2", "sse3", "sse4-1", "sse4-2",
    "sse4.1", "sse4.2", "sse4_1", "sse4_2", "sse4a", "ssse3", "stibp", "svm", "svm-lock",
    "svm_lock", "syscall", "tbm", "tce", "tcg-cpuid", "tm", "tm2", "topoext", "tsc",
    "tsc-adjust", "tsc-deadline", "tsc-scale", "tsc_adjust", "tsc_scale", "umip", "vaes",
    "virt-ssbd", "vmcb-clean", "vmcb_clean", "vme", "vmware-cpuid-freq", "vmx",
    "vpclmulqdq", "wbnoinvd", "wdt", "x-hv-synic-kvm-only", "x-intel-pt-auto-level",
    "x-migrate-smi-count", "x2apic", "xcrypt", "xcrypt-en", "xd", "xgetbv1", "xop",
    "xsave", "xsavec", "xsaveopt", "xsaves", "xstore", "xstore-en", "xtpr"};

static constexpr std::string_view on_by_default[] = {
    "check", "cpuid-0xb", "fill-mtrr-mask", "full-cpuid-auto-level", "kvm", "l3-cache",
    "legacy-cache", "tcg-cpuid", "vmware-cpuid-freq", "x-intel-pt-auto-level",
    "x-migrate-smi-count"};

static constexpr std::string_view cpuid_flags[] = {
    "3dnow", "3dnowext", "3dnowprefetch", "abm", "ace2", "ace2-en", "acpi", "adx", "aes",
    "amd-no-ssb", "amd-ssbd", "apic", "arat", "arch-capabilities", "avx", "avx2",
    "avx512-4fmaps", "avx512-4vnniw", "avx512-vpopcntdq", "avx512bitalg", "avx512bw",
    "avx512cd", "avx512dq", "avx512er", "avx512f", "avx512ifma", "avx512pf", "avx512vbmi",
    "avx512vbmi2", "avx512vl", "avx512vnni", "bmi1", "bmi2", "cid", "cldemote", "clflush",
    "clflushopt", "clwb", "cmov", "cmp-legacy", "cr8legacy", "cx16", "cx8", "dca", "de",
    "decodeassists", "ds", "ds-cpl", "dtes64", "erms", "est", "extapic", "f16c",
    "flushbyasid", "fma", "fma4", "fpu", "fsgsbase", "fxsr", "fxsr-opt", "gfni", "hle",
    "ht", "hypervisor", "ia64", "ibpb", "ibrs-all", "ibs", "intel-pt", "invpcid",
    "invtsc", "kvm-asyncpf", "kvm-hint-dedicated", "kvm-mmu", "kvm-nopiodelay",
    "kvm-pv-eoi", "kvm-pv-ipi", "kvm-pv-tlb-flush", "kvm-pv-unhalt", "kvm-steal-time",
    "kvmclock", "kvmclock", "kvmclock-stable-bit", "la57", "lahf-lm", "lbrv", "lm", "lwp",
    "mca", "mce", "misalignsse", "mmx", "mmxext", "monitor", "movbe", "movdir64b",
    "movdiri", "mpx", "msr", "mtrr", "nodeid-msr", "npt", "nrip-save", "nx", "osvw",
    "pae", "pat", "pause-filter", "pbe", "pcid", "pclmulqdq", "pcommit", "pdcm",
    "pdpe1gb", "perfctr-core", "perfctr-nb", "pfthreshold", "pge", "phe", "phe-en", "pku",
    "pmm", "pmm-en", "pn", "pni", "popcnt", "pse", "pse36", "rdctl-no", "rdpid", "rdrand",
    "rdseed", "rdtscp", "rsba", "rtm", "sep", "sha-ni", "skinit", "skip-l1dfl-vmentry",
    "smap", "smep", "smx", "spec-ctrl", "ss", "ssb-no", "ssbd", "sse", "sse2", "sse4.1",
    "sse4.2", "sse4a", "ssse3", "stibp", "svm", "svm-lock", "syscall", "tbm", "tce", "tm",
    "tm2", "topoext", "tsc", "tsc-adjust", "tsc-deadline", "tsc-scale", "umip", "vaes",
    "virt-ssbd", "vmcb-clean", "vme", "vmx", "vpclmulqdq", "wbnoinvd", "wdt", "x2apic",
    "xcrypt", "xcrypt-en", "xgetbv1", "xop", "xsave", "xsavec", "xsaveopt", "xsaves",
    "xstore", "xstore-en", "xtpr"};

std::span<const std::string_view> switch_names() { return switches; }

std::span<const std::string_view> cpuid_flag_names() { return cpuid_flags; }

bool switch_default(std::string_view name) {
  return std::find(std::begin(on_by_default), std::end(on_by_default), name) !=
         std::end(on_by_default);
}

}  // namespace cpu
