// What a reader of a trace sees of KVM.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "machine_code.h"
#include "trace/session.h"

namespace kvm_test {
namespace {

// Runs `act` with tracing into a file and returns the lines that name `request`.
template <class Act>
std::vector<std::string> traced(const std::string& request, Act act) {
  std::string path = testing::TempDir() + "kvm-traced.json";
  trace::open({.file = path});
  act();
  trace::close();
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.find("\"request\":\"" + request + "\"") != std::string::npos) {
      lines.push_back(line);
    }
  }
  std::filesystem::remove(path);
  return lines;
}

bool has(const std::string& line, const std::string& part) {
  return line.find(part) != std::string::npos;
}

using KvmTraced = MachineCode;

TEST_F(KvmTraced, a_capability_is_asked_for_by_name_and_answered_with_a_number) {
  std::vector<std::string> lines =
      traced("KVM_CHECK_EXTENSION", [this] { system->check_extension(KVM_CAP_IRQCHIP); });

  ASSERT_FALSE(lines.empty());
  EXPECT_TRUE(has(lines.back(), R"("argument":"KVM_CAP_IRQCHIP")")) << lines.back();
  EXPECT_TRUE(has(lines.back(), R"("value":1)")) << lines.back();
}

TEST_F(KvmTraced, kvm_run_carries_the_name_of_its_exit) {
  std::vector<std::string> lines = traced("KVM_RUN", [this] {
    start({0xe6, 0x80});  // out %al, $0x80
    vcpu->run();
  });

  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(has(lines[0], R"("on":"vcpu 0")")) << lines[0];
  EXPECT_TRUE(has(lines[0], R"("returned":"KVM_EXIT_IO")")) << lines[0];
}

TEST_F(KvmTraced, a_failure_says_why) {
  std::vector<std::string> lines = traced("KVM_SET_SREGS", [this] {
    start({0xf4});  // hlt
    kvm_sregs sregs = vcpu->sregs();
    sregs.cr0 = 0xffffffff00000000;
    EXPECT_THROW(vcpu->set_sregs(sregs), std::system_error);
  });

  ASSERT_FALSE(lines.empty());
  EXPECT_TRUE(has(lines.back(), R"("error":"Invalid argument")")) << lines.back();
}

TEST_F(KvmTraced, no_host_address_is_in_the_trace) {
  std::vector<std::string> lines = traced("KVM_SET_USER_MEMORY_REGION", [this] {
    vm->set_memory_slot(0, 0, ram.bytes(), KVM_MEM_LOG_DIRTY_PAGES);
  });
  char address[32];
  std::snprintf(address, sizeof address, "%lx",
                reinterpret_cast<unsigned long>(ram.bytes().data()));

  ASSERT_FALSE(lines.empty());
  EXPECT_FALSE(has(lines.back(), address)) << lines.back();
}

}  // namespace
}  // namespace kvm_test
