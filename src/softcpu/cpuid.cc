// CPUID: the leaves the software CPU can give, and how a table of leaves answers.
//
// A feature is listed when this CPU executes its instructions, with these exceptions.
// They are listed because 64-bit programs and kernels refuse a CPU without them, and
// meeting what is missing never gives a wrong result:
//
//   feature             executed                           ends the run, with its name
//   fpu                 FNINIT FNSTCW FLDCW FNSTSW FNCLEX  all x87 loads, stores and
//                       FWAIT                              arithmetic
//   mmx sse sse2 sse3   LDMXCSR STMXCSR, fences, prefetch  all instructions on MMX and
//                       (non-temporal stores of integers   XMM registers
//                       are not)
//   fxsr                FXSAVE FXRSTOR, wholly             -
//   vme                 CR4.VME can be set                 virtual-8086 mode
//   de                  CR4.DE, DR4 and DR5 are #UD        breakpoints set in DR7
//   apic                the APIC base register             - (no local APIC answers at
//                                                          its address)
//   mce mca mtrr pat    the registers are plain storage    -
//
// What is not listed and not executed is an undefined opcode, as on any CPU: AVX,
// SSSE3, SSE4, AES, XSAVE, BMI2, MOVBE, RDRAND.
//
// This is the most a guest can see. Which of it one does see is its CPU model's; that
// model also says everything in CPUID that is no feature.
#include <optional>

#include "softcpu/cpu.h"

namespace softcpu {
namespace {

// Leaf 1 EDX: fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36
// clflush mmx fxsr sse sse2.
constexpr u32 features_1_edx = 0x078bfbff;
// Leaf 1 ECX: sse3 cx16 popcnt hypervisor.
constexpr u32 features_1_ecx = 1u | 1u << 13 | 1u << 23 | 1u << 31;
// Leaf 7 EBX: fsgsbase bmi1 erms.
constexpr u32 features_7_ebx = 1u | 1u << 3 | 1u << 9;
// Leaf 80000001h EDX repeats leaf 1 and adds syscall nx rdtscp lm.
constexpr u32 features_ext_edx =
    (features_1_edx & 0x0183f3ff) | 1u << 11 | 1u << 20 | 1u << 27 | 1u << 29;
// Leaf 80000001h ECX: lahf in long mode, cr8 in legacy mode, abm (lzcnt), prefetchw.
constexpr u32 features_ext_ecx = 1u | 1u << 4 | 1u << 5 | 1u << 8;

core::CpuidEntry leaf(u32 function, u32 eax, u32 ebx, u32 ecx, u32 edx) {
  core::CpuidEntry entry;
  entry.function = function;
  entry.eax = eax;
  entry.ebx = ebx;
  entry.ecx = ecx;
  entry.edx = edx;
  return entry;
}

// Twelve characters of a name as EBX, EDX, ECX hold them.
core::CpuidEntry named(u32 function, u32 eax, const char* name) {
  u32 parts[3];
  std::memcpy(parts, name, sizeof parts);
  return leaf(function, eax, parts[0], parts[2], parts[1]);
}

void add_brand(std::vector<core::CpuidEntry>& leaves) {
  char brand[48] = "Vitrine software CPU";
  u32 words[12];
  std::memcpy(words, brand, sizeof words);
  for (u32 i = 0; i < 3; ++i) {
    const u32* w = words + i * 4;
    leaves.push_back(leaf(0x80000002 + i, w[0], w[1], w[2], w[3]));
  }
}

}  // namespace

std::vector<core::CpuidEntry> supported_cpuid() {
  std::vector<core::CpuidEntry> leaves;
  leaves.push_back(named(0, 7, "AuthenticAMD"));
  leaves.push_back(leaf(1, 0x00000663, 0x00010800, features_1_ecx, features_1_edx));
  core::CpuidEntry structured = leaf(7, 0, features_7_ebx, 0, 0);
  structured.index_significant = true;
  leaves.push_back(structured);
  leaves.push_back(named(0x80000000, 0x80000008, "AuthenticAMD"));
  leaves.push_back(leaf(0x80000001, 0x00000663, 0, features_ext_ecx, features_ext_edx));
  add_brand(leaves);
  leaves.push_back(leaf(0x80000008, 0x3028, 0, 0, 0));  // 40 physical, 48 linear bits
  return leaves;
}

namespace {

const core::CpuidEntry* find_leaf(const std::vector<core::CpuidEntry>& leaves,
                                  u32 function, u32 index) {
  for (const core::CpuidEntry& entry : leaves) {
    if (entry.function == function &&
        (!entry.index_significant || entry.index == index)) {
      return &entry;
    }
  }
  return nullptr;
}

// The highest leaf of the region that `function` is in; of hypervisor leaves there are
// two. A table without the region's first leaf says nothing about others.
std::optional<u32> highest_leaf(const std::vector<core::CpuidEntry>& leaves,
                                u32 function) {
  const u32 region = function & 0xf0000000;
  if (region == 0x40000000) {
    return region + 1;
  }
  const core::CpuidEntry* first = find_leaf(leaves, region, 0);
  return first == nullptr ? std::nullopt : std::optional(first->eax);
}

}  // namespace

// A leaf above the highest of its region is answered as the highest basic one (SDM
// vol. 2, CPUID, "INPUT EAX"). Leaf 0bh goes on for every index, with no level in it.
core::CpuidEntry Cpu::cpuid_leaf(u32 function, u32 index) const {
  if (const core::CpuidEntry* entry = find_leaf(cpuid, function, index)) {
    return *entry;
  }
  const core::CpuidEntry* basic = find_leaf(cpuid, 0, 0);
  if (basic != nullptr && function > highest_leaf(cpuid, function).value_or(0)) {
    function = basic->eax;
  }
  if (const core::CpuidEntry* entry = find_leaf(cpuid, function, index)) {
    return *entry;
  }
  core::CpuidEntry result;
  if (const core::CpuidEntry* topology = find_leaf(cpuid, function, 0);
      function == 0xb && topology != nullptr && topology->ecx != 0) {
    result.ecx = index & 0xff;
    result.edx = topology->edx;
  }
  return result;
}

}  // namespace softcpu
