// x86 CPU types: "x86_64-cpu" (abstract, below "cpu") and a type for each model of
// QEMU 4.0, "SandyBridge-x86_64-cpu". -cpu MODEL,+f,-f,f=on picks one and sets its
// features (qom-semantics 271).
//
// The features of a CPU go through three steps, each a function of 4.0's name: the model
// is loaded when the object is made (x86_cpu_load_def), the command line and the levels
// are worked in at realize (x86_cpu_expand_features), and what the accelerator lacks is
// taken out and reported (x86_cpu_filter_features). x86_cpu_cpuid() is what remains, as
// leaves.
#pragma once

#include <string>
#include <vector>

#include "core/run_state.h"
#include "cpu/cpuid.h"
#include "cpu/feature_words.h"
#include "cpu/model_table.h"

namespace cpu {

using namespace core;

inline constexpr const char* TYPE_X86_CPU = "x86_64-cpu";

struct X86CPUClass : CpuClass {
  static constexpr const char* qom_type = "x86_64-cpu";
  const Model* model = nullptr;  // nullptr: base, host and max
  bool requires_kvm = false;     // "host"
};

inline constexpr std::uint32_t unassigned_apic_id = 0xffffffff;
inline constexpr std::uint32_t level_by_features = 0xffffffff;  // min-level, raised

struct X86CPU : CpuState {
  static constexpr const char* qom_type = "x86_64-cpu";
  std::uint32_t apic_id = unassigned_apic_id;
  std::int32_t thread_id = -1, core_id = -1, socket_id = -1, node_id = -1;
  std::uint32_t level = level_by_features, min_level = 0, xlevel = level_by_features,
                min_xlevel = 0, xlevel2 = level_by_features, min_xlevel2 = 0,
                phys_bits = 0;
  std::uint8_t host_phys_bits_limit = 0;
  std::int32_t hv_max_vps = -1;
  std::int64_t hv_spinlocks = -1;
  std::string hv_vendor_id, vendor, model_id;
  std::int64_t family = 0, model = 0, stepping = 0, tsc_frequency = 0;

  std::uint32_t tsc_khz = 0;  // the guest's, if it is told and cannot change; 0: unknown

  std::array<std::uint32_t, 3> hyperv_words{};  // leaf 0x40000003 EAX, EBX, EDX

  FeatureSet features{};           // what the CPU has, as its properties say
  FeatureSet user_features{};      // bits the user named, on or off
  FeatureSet filtered_features{};  // bits asked for that the accelerator lacks
  FeatureSet hidden_features{};    // bits on above that the engine cannot show a guest

  // Switches that are no feature. Their names are in x86_cpu_properties.cc.
  bool check = true, enforce = false, expose_kvm = true, expose_tcg = true;
  bool max_features = false, migratable = true, host_cache_info = false;
  bool cpuid_0xb = true, l3_cache = true, legacy_cache = true;
  bool full_cpuid_auto_level = true, intel_pt_auto_level = true;
  bool host_phys_bits = false, fill_mtrr_mask = true, lmce = false, pmu = false;
  bool vmware_cpuid_freq = true, migrate_smi_count = true, no_smi_migration = false;
  bool hv_synic_kvm_only = false, hv_crash = false, hv_evmcs = false,
       hv_frequencies = false, hv_ipi = false, hv_reenlightenment = false,
       hv_relaxed = false, hv_reset = false, hv_runtime = false, hv_stimer = false,
       hv_synic = false, hv_time = false, hv_tlbflush = false, hv_vapic = false,
       hv_vpindex = false;
};

// Properties of every x86 CPU; the features and switches are added when asked for.
void x86_cpu_add_properties(X86CPUClass* xcc);
void max_x86_cpu_add_properties(X86CPUClass* xcc);

// ---- the three steps (x86_cpu_features.cc) --------------------------------------------

bool kvm_runs();  // the accelerator that was configured is KVM
void x86_cpu_load_def(X86CPU* cpu, const Model& model);
void x86_cpu_load_host(X86CPU* cpu);  // max, and host
// Throws "Property '.f' not found" for a +f or -f the CPU does not have.
void x86_cpu_expand_features(X86CPU* cpu);
// Warns of each missing feature; throws if the CPU is to enforce them.
void x86_cpu_filter_features(X86CPU* cpu);
// Throws if the width asked for is not possible.
void x86_cpu_settle_phys_bits(X86CPU* cpu);
std::vector<CpuidEntry> x86_cpu_cpuid(const X86CPU* cpu);
// What QEMU 4.0's software CPU has and an engine of these leaves cannot show a guest.
FeatureSet tcg_features_hidden_by(const std::vector<CpuidEntry>& engine_leaves);

// ---- -cpu -----------------------------------------------------------------------------

// The type of "-cpu TEXT". Features "f=on" become globals of that type, "+f" and "-f"
// wait for the CPU's realize. Throws "unable to find CPU model 'foo'".
std::string parse_cpu_option(const std::string& text);
std::string cpu_help_text();  // the text of -cpu help

}  // namespace cpu
