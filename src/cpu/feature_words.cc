// Lookups in the table of feature words, and the other spellings of their names.
#include "cpu/feature_words.h"

#include <algorithm>
#include <cstdio>
#include <functional>

namespace cpu {
namespace {

struct Alias {
  std::string_view alias, name;
};

constexpr Alias aliases[] = {
    {"cmp_legacy", "cmp-legacy"},
    {"ds_cpl", "ds-cpl"},
    {"ffxsr", "fxsr-opt"},
    {"fxsr_opt", "fxsr-opt"},
    {"i64", "lm"},
    {"kvm_asyncpf", "kvm-asyncpf"},
    {"kvm_mmu", "kvm-mmu"},
    {"kvm_nopiodelay", "kvm-nopiodelay"},
    {"kvm_pv_eoi", "kvm-pv-eoi"},
    {"kvm_pv_unhalt", "kvm-pv-unhalt"},
    {"kvm_steal_time", "kvm-steal-time"},
    {"lahf_lm", "lahf-lm"},
    {"nodeid_msr", "nodeid-msr"},
    {"nrip_save", "nrip-save"},
    {"pause_filter", "pause-filter"},
    {"pclmuldq", "pclmulqdq"},
    {"perfctr_core", "perfctr-core"},
    {"perfctr_nb", "perfctr-nb"},
    {"sse3", "pni"},
    {"sse4-1", "sse4.1"},
    {"sse4-2", "sse4.2"},
    {"sse4_1", "sse4.1"},
    {"sse4_2", "sse4.2"},
    {"svm_lock", "svm-lock"},
    {"tsc_adjust", "tsc-adjust"},
    {"tsc_scale", "tsc-scale"},
    {"vmcb_clean", "vmcb-clean"},
    {"xd", "nx"},
};

// The second bit of a name joins the first one's row.
constexpr void add_row(detail::NameTable& table, const Feature& feature) {
  for (std::size_t row = 0; row < table.count; ++row) {
    if (table.rows[row].name == feature.name) {
      table.rows[row].mask |= feature.mask;
      return;
    }
  }
  table.rows[table.count++] = feature;
}

consteval detail::NameTable with_aliases() {
  detail::NameTable table;
  for (std::size_t row = 0; row < detail::listed.count; ++row) {
    add_row(table, detail::listed.rows[row]);
  }
  const std::size_t names = table.count;
  for (const Alias& alias : aliases) {
    for (std::size_t row = 0; row < names; ++row) {
      if (table.rows[row].name == alias.name) {
        table.rows[table.count] = table.rows[row];
        table.rows[table.count++].name = alias.alias;
      }
    }
  }
  std::sort(table.rows.begin(), table.rows.begin() + table.count, detail::by_name);
  return table;
}

constexpr detail::NameTable sorted = with_aliases();

// Where each bit's name stands in its word's names; without a name, nowhere.
struct NamePlace {
  std::uint16_t offset = 0;
  std::uint16_t size = 0;
};

using NamePlaces = std::array<std::array<NamePlace, 32>, FEATURE_WORDS>;

consteval NamePlaces find_places() {
  NamePlaces found{};
  for (std::size_t word = 0; word < FEATURE_WORDS; ++word) {
    std::string_view rest = feature_words[word].names;
    for (std::size_t bit = 0; !rest.empty(); ++bit) {
      const std::size_t offset = feature_words[word].names.size() - rest.size();
      const std::string_view name = detail::take_word(rest);
      if (name != ".") {
        found[word][bit] = {static_cast<std::uint16_t>(offset),
                            static_cast<std::uint16_t>(name.size())};
      }
    }
  }
  return found;
}

constexpr NamePlaces places = find_places();

constexpr const char* register_names[] = {"EAX", "EBX", "ECX", "EDX"};

std::string place(FeatureWord word) {
  const FeatureWordInfo& info = feature_words[word];
  char text[40];
  if (info.msr != 0) {
    std::snprintf(text, sizeof text, "MSR(%02XH)", info.msr);
  } else {
    std::snprintf(text, sizeof text, "CPUID.%02XH:%s", info.function,
                  register_names[static_cast<std::size_t>(info.reg)]);
  }
  return text;
}

// Words of 4.0 that the hv- switches fill.
constexpr FeatureWordInfo hyperv_words[] = {
    {.function = 0x40000003, .reg = Register::eax, .names = ""},
    {.function = 0x40000003, .reg = Register::ebx, .names = ""},
    {.function = 0x40000003, .reg = Register::edx, .names = ""},
};

std::string structure(const FeatureWordInfo& info, std::uint32_t bits) {
  std::string text = "{\"cpuid-register\": \"";
  text += register_names[static_cast<std::size_t>(info.reg)];
  text += "\", ";
  if (info.index_significant) {
    text += "\"cpuid-input-ecx\": " + std::to_string(info.index) + ", ";
  }
  return text + "\"cpuid-input-eax\": " + std::to_string(info.function) +
         ", \"features\": " + std::to_string(bits) + "}";
}

}  // namespace

std::span<const Feature> features() {
  return std::span(sorted.rows).first(sorted.count);
}

const Feature* find_feature(std::string_view name) {
  const auto all = features();
  const auto found =
      std::lower_bound(all.begin(), all.end(), Feature{.name = name}, detail::by_name);
  return found != all.end() && found->name == name ? &*found : nullptr;
}

std::string_view feature_name(FeatureWord word, unsigned bit) {
  const NamePlace& at = places[word][bit];
  return feature_words[word].names.substr(at.offset, at.size);
}

std::string feature_text(FeatureWord word, unsigned bit) {
  const std::string name(feature_name(word, bit));
  return place(word) + (name.empty() ? "" : "." + name) + " [bit " + std::to_string(bit) +
         "]";
}

std::string feature_names(const FeatureSet& set) {
  std::string text;
  for (std::size_t word = 0; word < FEATURE_WORDS; ++word) {
    for (unsigned bit = 0; bit < 32; ++bit) {
      if ((set[word] >> bit & 1) == 0) {
        continue;
      }
      const auto w = static_cast<FeatureWord>(word);
      const std::string_view name = feature_name(w, bit);
      text += text.empty() ? "" : " ";
      text +=
          name.empty() ? place(w) + "[" + std::to_string(bit) + "]" : std::string(name);
    }
  }
  return text;
}

std::string feature_structures(const FeatureSet& set,
                               const std::array<std::uint32_t, 3>& hyperv) {
  std::string text;
  const auto add = [&text](const FeatureWordInfo& info, std::uint32_t bits) {
    if (info.msr == 0) {
      text = structure(info, bits) + (text.empty() ? "" : ", ") + text;
    }
  };
  for (std::size_t word = 0; word < FEATURE_WORDS; ++word) {
    if (word == FEAT_SVM) {
      for (std::size_t i = 0; i < hyperv.size(); ++i) {
        add(hyperv_words[i], hyperv[i]);
      }
    }
    add(feature_words[word], set[word]);
  }
  return "[" + text + "]";
}

FeatureSet operator&(const FeatureSet& a, const FeatureSet& b) {
  FeatureSet result;
  std::transform(a.begin(), a.end(), b.begin(), result.begin(), std::bit_and<>());
  return result;
}

FeatureSet operator|(const FeatureSet& a, const FeatureSet& b) {
  FeatureSet result;
  std::transform(a.begin(), a.end(), b.begin(), result.begin(), std::bit_or<>());
  return result;
}

FeatureSet without(const FeatureSet& a, const FeatureSet& b) {
  FeatureSet result;
  std::transform(a.begin(), a.end(), b.begin(), result.begin(),
                 [](std::uint32_t x, std::uint32_t y) { return x & ~y; });
  return result;
}

bool none(const FeatureSet& set) {
  return std::all_of(set.begin(), set.end(),
                     [](std::uint32_t word) { return word == 0; });
}

}  // namespace cpu
