// The CPU models of QEMU 4.0 as constant data: what each is called, says it is, and can
// do. Measured, by tests/cpu/measure_models.py, on a real QEMU.
#pragma once

#include <span>
#include <string_view>

#include "cpu/feature_words.h"

namespace cpu {

// Which caches the CPU says it has: "legacy" ones, or its own where the model tells.
enum class CacheStyle : std::uint8_t { legacy, epyc };

struct Model {
  const char* type;           // "SandyBridge-x86_64-cpu"
  std::string_view model_id;  // what the guest reads as its name; may be empty
  std::string_view vendor;    // twelve letters
  std::uint16_t family, model;
  std::uint8_t stepping;
  std::uint32_t level,
      xlevel;  // highest basic and extended leaf, before features raise it
  CacheStyle caches = CacheStyle::legacy;
  FeatureSet features{};  // without the hypervisor bit, which every model has
};

// Without base, host and max, which have code of their own. Sorted by name.
std::span<const Model> model_rows();

}  // namespace cpu
