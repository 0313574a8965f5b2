// Constant data about x86 CPU models: names of 4.0, as measured.
#pragma once

#include <span>
#include <string_view>

namespace cpu {

struct Model {
  const char* type;      // "SandyBridge-x86_64-cpu"
  const char* model_id;  // what the guest reads as its name; may be empty
};

// Without base, host and max, which have code of their own. Sorted by name.
std::span<const Model> model_rows();
std::span<const std::string_view> switch_names();      // properties of type bool, sorted
std::span<const std::string_view> cpuid_flag_names();  // for -cpu help
std::span<const std::string_view> switches_on_by_default();

}  // namespace cpu
