// The two questions that are asked of an accelerator. Which features does it support:
// what it lacks is reported, as 4.0 reports it. And which can its engine show a guest:
// the software CPU stands in for QEMU's, whose features its CPU objects have, and
// executes fewer. What it cannot execute stays on in the object, so that a machine has
// the properties 4.0 gives it, and is kept out of CPUID, so that no guest tries it.
#pragma once

#include <string_view>
#include <vector>

#include "cpu/x86_cpu.h"

namespace cpu {

// Of leaf 1 EDX, the bits that AMD processors repeat in leaf 8000_0001h EDX.
inline constexpr std::uint32_t amd_repeated_bits = 0x0183f3ff;

inline bool has(const FeatureSet& set, const FeatureSet& bits) {
  return !none(set & bits);
}

Vm* engine();                             // nullptr: no accelerator is up
std::vector<CpuidEntry> engine_leaves();  // what the engine can give a guest
// nullptr: not among them.
const CpuidEntry* find_leaf(const std::vector<CpuidEntry>& leaves, std::uint32_t function,
                            std::uint32_t index = 0);

FeatureSet supported_features(const X86CPU* cpu);
// Features that are on and that the engine cannot show a guest.
FeatureSet hidden_of(const FeatureSet& set);

}  // namespace cpu
