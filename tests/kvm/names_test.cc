#include "kvm/names.h"

#include <fstream>
#include <regex>
#include <set>

#include <gtest/gtest.h>
#include "kvm/linux_kvm.h"

#include "kvm/arguments.h"
#include "kvm/list.h"

namespace {

TEST(KvmNames, requests_are_named_as_the_header_spells_them) {
  EXPECT_EQ(kvm::request_name(KVM_RUN), "KVM_RUN");
  EXPECT_EQ(kvm::request_name(KVM_SET_USER_MEMORY_REGION), "KVM_SET_USER_MEMORY_REGION");
  EXPECT_EQ(kvm::request_name(KVM_REGISTER_COALESCED_MMIO),
            "KVM_REGISTER_COALESCED_MMIO");
}

TEST(KvmNames, requests_that_share_a_number_are_told_apart) {
  EXPECT_EQ(kvm::request_name(KVM_GET_VCPU_EVENTS), "KVM_GET_VCPU_EVENTS");
  EXPECT_EQ(kvm::request_name(KVM_GET_PIT2), "KVM_GET_PIT2");  // both are number 0x9f
}

TEST(KvmNames, an_unknown_number_has_no_name) {
  EXPECT_EQ(kvm::request_name(0x1234), "");
  EXPECT_EQ(kvm::capability_name(999999), "");
  EXPECT_EQ(kvm::exit_reason_name(999999), "");
}

// The second opinion: another reading of the same header, by a regular expression
// that knows every way the header breaks its lines.
TEST(KvmNames, every_request_of_the_header_is_in_the_table) {
  std::ifstream file("/usr/include/linux/kvm.h");
  if (!file) {
    GTEST_SKIP() << "the header is not at /usr/include";
  }
  std::string header((std::istreambuf_iterator<char>(file)), {});
  std::set<std::string> table;
  for (const kvm::NamedNumber& row : kvm::request_names()) {
    table.emplace(row.name);
  }
  std::regex define(R"(#define\s+(KVM_\w+)(?:\s|\\\n)+_IOW?R?\()");
  int seen = 0;

  for (std::sregex_iterator it(header.begin(), header.end(), define), end; it != end;
       ++it) {
    EXPECT_TRUE(table.count((*it)[1])) << (*it)[1];
    ++seen;
  }

  EXPECT_GT(seen, 100);
}

TEST(KvmNames, capabilities_and_exits_have_their_names) {
  EXPECT_EQ(kvm::capability_name(KVM_CAP_SYNC_REGS), "KVM_CAP_SYNC_REGS");
  EXPECT_EQ(kvm::exit_reason_name(KVM_EXIT_IO), "KVM_EXIT_IO");
  EXPECT_EQ(kvm::exit_reason_name(KVM_EXIT_HYPERCALL), "KVM_EXIT_HYPERCALL");
}

template <class T>
std::string described(std::uint64_t request, const T& argument,
                      kvm::Side side = kvm::Side::in) {
  return kvm::describe_argument(request, reinterpret_cast<std::uint64_t>(&argument),
                                side);
}

TEST(KvmArguments, a_memory_region_is_told_without_its_host_address) {
  kvm_userspace_memory_region region{};
  region.slot = 3;
  region.guest_phys_addr = 0xe0000;
  region.memory_size = 0x20000;
  region.flags = KVM_MEM_READONLY;
  region.userspace_addr = 0x7f00deadb000;

  EXPECT_EQ(described(KVM_SET_USER_MEMORY_REGION, region),
            "slot=3 gpa=0xe0000 size=0x20000 flags=READONLY");
}

TEST(KvmArguments, a_capability_is_told_by_name) {
  EXPECT_EQ(kvm::describe_argument(KVM_CHECK_EXTENSION, KVM_CAP_IRQCHIP, kvm::Side::in),
            "KVM_CAP_IRQCHIP");
}

TEST(KvmArguments, what_the_kernel_fills_in_is_not_read_before_the_call) {
  kvm_regs regs{};
  regs.rip = 0x7c00;

  EXPECT_EQ(described(KVM_GET_REGS, regs, kvm::Side::in), "");
  EXPECT_EQ(described(KVM_GET_REGS, regs, kvm::Side::out),
            "rip=0x7c00 rsp=0x0 rflags=0x0 rax=0x0");
}

TEST(KvmArguments, an_msr_is_told_with_its_value_when_set) {
  kvm::List<kvm_msrs, kvm_msr_entry> one(1);
  one.get()->entries[0].index = 0xc0000080;
  one.get()->entries[0].data = 0x500;

  EXPECT_EQ(described(KVM_SET_MSRS, *one.get()), "msr=0xc0000080 value=0x500");
}

TEST(KvmArguments, an_unknown_request_is_not_looked_into) {
  EXPECT_EQ(kvm::describe_argument(0x1234, 0xdead, kvm::Side::in), "");
}

}  // namespace
