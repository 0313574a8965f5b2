// x86 CPU types: "x86_64-cpu" (abstract, below "cpu") and a type for each model of
// QEMU 4.0, "SandyBridge-x86_64-cpu". -cpu MODEL,+f,-f,f=on picks one and sets its
// switches (qom-semantics 271).
#pragma once

#include <bitset>
#include <string>

#include "core/run_state.h"

namespace cpu {

using namespace core;

inline constexpr const char* TYPE_X86_CPU = "x86_64-cpu";

struct X86CPUClass : CpuClass {
  static constexpr const char* qom_type = "x86_64-cpu";
  const char* model_id = "";
  bool requires_kvm = false;  // "host"
};

inline constexpr std::uint32_t unassigned_apic_id = 0xffffffff;
inline constexpr std::size_t max_switches = 384;

struct X86CPU : CpuState {
  static constexpr const char* qom_type = "x86_64-cpu";
  std::uint32_t apic_id = unassigned_apic_id;
  std::int32_t thread_id = -1, core_id = -1, socket_id = -1, node_id = -1;
  std::uint32_t level = 0, min_level = 0, xlevel = 0, min_xlevel = 0, xlevel2 = 0,
                min_xlevel2 = 0, phys_bits = 0;
  std::uint8_t host_phys_bits_limit = 0;
  std::int32_t hv_max_vps = -1;
  std::string hv_vendor_id, vendor, model_id;
  std::int64_t family = 0, model = 0, stepping = 0, tsc_frequency = 0;
  std::bitset<max_switches> switches;  // by place in switch_names()
};

// The type of "-cpu TEXT". Features "f=on" become globals of that type, "+f" and "-f"
// wait for the CPU's realize. Throws "unable to find CPU model 'foo'".
std::string parse_cpu_option(const std::string& text);
std::string cpu_help_text();  // the text of -cpu help

}  // namespace cpu
