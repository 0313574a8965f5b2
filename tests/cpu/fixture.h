// A machine with an accelerator of either name, over an engine that supports what a test
// says, and CPUs on it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/accel.h"
#include "core/clock.h"
#include "core/memory.h"
#include "cpu/feature_string.h"
#include "cpu/x86_cpu.h"

namespace cpu_test {

using namespace cpu;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Supports the leaves it is given.
struct LeafVm : Vm {
  void map_memory(std::uint32_t, GuestPhysAddr, std::span<std::byte>,
                  MemoryAccess) override {}

  void unmap_memory(std::uint32_t) override {}

  void invalidate(GuestPhysAddr, std::uint64_t) override {}

  std::unique_ptr<Vcpu> create_vcpu(int) override { return nullptr; }

  std::vector<CpuidEntry> supported_cpuid() override { return leaves; }

  std::optional<std::uint64_t> feature_msr(std::uint32_t) override { return msr; }

  bool offers_msr(std::uint32_t index) override { return index != missing_msr; }

  std::vector<CpuidEntry> leaves;
  std::uint32_t missing_msr = 0;
  std::optional<std::uint64_t> msr;
};

// The message of the qom::Error that `action` throws; "" if it throws none.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// Leaves in which every feature of `set` is on, said by vendor `vendor`.
std::vector<CpuidEntry> leaves_with(const FeatureSet& set, const std::string& vendor);

class WithCpus : public ::testing::Test {
 protected:
  WithCpus();
  ~WithCpus() override;

  // The accelerator of that name ("kvm", "tcg"), whose engine supports `set`.
  LeafVm& start(const char* name, const FeatureSet& set = all(),
                const std::string& vendor = "GenuineIntel");
  static FeatureSet all();

  // A realized CPU of "-cpu TEXT".
  X86CPU* cpu(const std::string& text);

  bool on(X86CPU* x86, const char* feature) {
    return object_property_get_bool(x86, feature);
  }

  MachineState* machine = nullptr;

 private:
  std::vector<Ref<>> cpus_;
};

const CpuidEntry* leaf(const std::vector<CpuidEntry>& leaves, std::uint32_t function,
                       std::uint32_t index = 0);

}  // namespace cpu_test
