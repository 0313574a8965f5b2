// Feature words: what a processor can do, as bits of 32-bit words. Nearly every word is a
// register of a CPUID leaf (SDM vol. 2 CPUID, APM vol. 3 appendix E), one is a model-
// specific register. A bit with a name is a property of every x86 CPU, under QEMU 4.0's
// name for it; a bit without one is reserved, or mirrors another bit.
//
// Everything here is constant data; nothing runs before main().
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cpu {

enum class Register : std::uint8_t { eax, ebx, ecx, edx };

// In the order in which a missing feature is reported.
enum FeatureWord : std::uint8_t {
  FEAT_1_EDX,
  FEAT_1_ECX,
  FEAT_7_0_EBX,
  FEAT_7_0_ECX,
  FEAT_7_0_EDX,
  FEAT_8000_0001_EDX,
  FEAT_8000_0001_ECX,
  FEAT_8000_0007_EDX,
  FEAT_8000_0008_EBX,
  FEAT_C000_0001_EDX,
  FEAT_KVM,
  FEAT_KVM_HINTS,
  FEAT_SVM,
  FEAT_XSAVE,
  FEAT_6_EAX,
  FEAT_XSAVE_COMP_LO,
  FEAT_XSAVE_COMP_HI,
  FEAT_ARCH_CAPABILITIES,
  FEATURE_WORDS,
};

struct FeatureWordInfo {
  std::uint32_t function = 0, index = 0;  // of CPUID; all zero for an MSR
  bool index_significant = false;
  Register reg = Register::eax;
  std::uint32_t msr = 0;
  // Names of the bits from bit 0 on, a blank between; "." has none.
  std::string_view names;
};

using FeatureSet = std::array<std::uint32_t, FEATURE_WORDS>;

// One property. `mask` has two bits where one name covers two ("kvmclock").
struct Feature {
  std::string_view name;
  FeatureWord word = FEAT_1_EDX;
  std::uint32_t mask = 0;
};

std::span<const Feature> features();  // with every alias; sorted by name
const Feature* find_feature(std::string_view name);

// Name of a bit, without aliases; empty if it has none.
std::string_view feature_name(FeatureWord word, unsigned bit);
// "CPUID.01H:ECX.avx [bit 28]", "MSR(10AH).rdctl-no [bit 0]".
std::string feature_text(FeatureWord word, unsigned bit);
// Names of every bit of `set`, in the order of the words, a blank between. A bit without
// a name stands as "CPUID.01H:ECX[27]".
std::string feature_names(const FeatureSet& set);
// The words of CPUID as 4.0 answers a qom-get of "feature-words": a list of structures in
// JSON, the last word first.
std::string feature_structures(const FeatureSet& set,
                               const std::array<std::uint32_t, 3>& hyperv = {});

// The named bits of a set, at compile time: feature_set("fpu de pse"). An unknown name
// does not compile.
consteval FeatureSet feature_set(std::string_view names);

FeatureSet operator&(const FeatureSet& a, const FeatureSet& b);
FeatureSet operator|(const FeatureSet& a, const FeatureSet& b);
FeatureSet without(const FeatureSet& a, const FeatureSet& b);  // bits of a not in b
bool none(const FeatureSet& set);

// ---- the table ------------------------------------------------------------------------

inline constexpr std::array<FeatureWordInfo, FEATURE_WORDS> feature_words{{
    {.function = 1,
     .reg = Register::edx,
     .names = "fpu vme de pse tsc msr pae mce cx8 apic . sep mtrr pge mca cmov pat pse36 "
              "pn clflush . ds acpi mmx fxsr sse sse2 ss ht tm ia64 pbe"},
    {.function = 1,
     .reg = Register::ecx,
     .names = "pni pclmulqdq dtes64 monitor ds-cpl vmx smx est tm2 ssse3 cid . fma cx16 "
              "xtpr pdcm . pcid dca sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline aes "
              "xsave . avx f16c rdrand hypervisor"},
    {.function = 7,
     .index_significant = true,
     .reg = Register::ebx,
     .names =
         "fsgsbase tsc-adjust . bmi1 hle avx2 . smep bmi2 erms invpcid rtm . . mpx . "
         "avx512f avx512dq rdseed adx smap avx512ifma pcommit clflushopt clwb "
         "intel-pt avx512pf avx512er avx512cd sha-ni avx512bw avx512vl"},
    {.function = 7,
     .index_significant = true,
     .reg = Register::ecx,
     .names = ". avx512vbmi umip pku . . avx512vbmi2 . gfni vaes vpclmulqdq avx512vnni "
              "avx512bitalg . avx512-vpopcntdq . la57 . . . . . rdpid . . cldemote . "
              "movdiri movdir64b"},
    {.function = 7,
     .index_significant = true,
     .reg = Register::edx,
     .names = ". . avx512-4vnniw avx512-4fmaps . . . . . . . . . . . . . . . . . . . . . "
              ". spec-ctrl stibp . arch-capabilities . ssbd"},
    {.function = 0x80000001,
     .reg = Register::edx,
     .names = ". . . . . . . . . . . syscall . . . . . . . . nx . mmxext . . fxsr-opt "
              "pdpe1gb rdtscp . lm 3dnowext 3dnow"},
    {.function = 0x80000001,
     .reg = Register::ecx,
     .names = "lahf-lm cmp-legacy svm extapic cr8legacy abm sse4a misalignsse "
              "3dnowprefetch osvw ibs xop skinit wdt . lwp fma4 tce . nodeid-msr . tbm "
              "topoext perfctr-core perfctr-nb"},
    {.function = 0x80000007, .reg = Register::edx, .names = ". . . . . . . . invtsc"},
    {.function = 0x80000008,
     .reg = Register::ebx,
     .names = ". . . . . . . . . wbnoinvd . . ibpb . . . . . . . . . . . amd-ssbd "
              "virt-ssbd amd-no-ssb"},
    {.function = 0xc0000001,
     .reg = Register::edx,
     .names = ". . xstore xstore-en . . xcrypt xcrypt-en ace2 ace2-en phe phe-en pmm "
              "pmm-en"},
    {.function = 0x40000001,
     .reg = Register::eax,
     .names =
         "kvmclock kvm-nopiodelay kvm-mmu kvmclock kvm-asyncpf kvm-steal-time "
         "kvm-pv-eoi kvm-pv-unhalt . kvm-pv-tlb-flush . kvm-pv-ipi . . . . . . . . . "
         ". . . kvmclock-stable-bit"},
    {.function = 0x40000001, .reg = Register::edx, .names = "kvm-hint-dedicated"},
    {.function = 0x8000000a,
     .reg = Register::edx,
     .names = "npt lbrv svm-lock nrip-save tsc-scale vmcb-clean flushbyasid "
              "decodeassists . . pause-filter . pfthreshold"},
    {.function = 0xd,
     .index = 1,
     .index_significant = true,
     .reg = Register::eax,
     .names = "xsaveopt xsavec xgetbv1 xsaves"},
    {.function = 6, .reg = Register::eax, .names = ". . arat"},
    {.function = 0xd, .index_significant = true, .reg = Register::eax, .names = ""},
    {.function = 0xd, .index_significant = true, .reg = Register::edx, .names = ""},
    {.msr = 0x10a, .names = "rdctl-no ibrs-all rsba skip-l1dfl-vmentry ssb-no"},
}};

// ---- how a name finds its bit at compile time -----------------------------------------

namespace detail {

// Takes the first word off the front of `text`.
constexpr std::string_view take_word(std::string_view& text) {
  const std::size_t blank = text.find(' ');
  const std::string_view word = text.substr(0, blank);
  text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
  return word;
}

constexpr std::size_t most_names = 256;

struct NameTable {
  std::array<Feature, most_names> rows{};
  std::size_t count = 0;
};

constexpr bool by_name(const Feature& a, const Feature& b) {
  return a.name < b.name;
}

// Sorted; a name of two bits is there twice.
constexpr NameTable list_names() {
  NameTable table;
  for (std::size_t word = 0; word < FEATURE_WORDS; ++word) {
    std::string_view rest = feature_words[word].names;
    for (unsigned bit = 0; !rest.empty(); ++bit) {
      const std::string_view name = take_word(rest);
      if (name != ".") {
        table.rows[table.count++] = {name, static_cast<FeatureWord>(word), 1u << bit};
      }
    }
  }
  std::sort(table.rows.begin(), table.rows.begin() + table.count, by_name);
  return table;
}

inline constexpr NameTable listed = list_names();

// An unknown name is no constant: where it stands, the compiler stops.
constexpr void add_named(FeatureSet& set, std::string_view name) {
  const auto end = listed.rows.begin() + listed.count;
  auto row = std::lower_bound(listed.rows.begin(), end, Feature{.name = name}, by_name);
  if (row == end || row->name != name) {
    throw "no such feature";
  }
  for (; row != end && row->name == name; ++row) {
    set[row->word] |= row->mask;
  }
}

}  // namespace detail

consteval FeatureSet feature_set(std::string_view names) {
  FeatureSet set{};
  while (!names.empty()) {
    detail::add_named(set, detail::take_word(names));
  }
  return set;
}

}  // namespace cpu
