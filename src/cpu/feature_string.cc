// -cpu MODEL[,FEATURE...] (qom-semantics 271).
#include "cpu/feature_string.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <string>
#include <vector>

#include "core/report.h"
#include "cpu/model_table.h"
#include "cpu/x86_cpu.h"
#include "qom/globals.h"
#include "qom/property.h"

namespace cpu {
namespace {

struct CpuOption {
  static constexpr trace::Declaration declaration{
      "parse_cpu_option", trace::Category::option, trace::Shape::instant,
      "-cpu picks a type and lists what to switch on and off."};
  std::string_view type;
  std::string_view features;

  static constexpr auto fields() {
    return trace::fields(trace::identity("type", &CpuOption::type, "the CPU type"),
                         trace::state("features", &CpuOption::features, "as given"));
  }
};

struct Features {
  std::vector<std::string> plus, minus;
  FeatureSet named{};
};

Features& pending() {
  static Features features;
  return features;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void remember_named(const std::string& name) {
  if (const Feature* feature = find_feature(name)) {
    pending().named[feature->word] |= feature->mask;
  }
}

// Mixing "+f" and "f=off" once meant something else; 4.0 warns.
bool warn_if_mixed(char sign, const std::string& name, const std::string& value) {
  if (!contains(sign == '+' ? pending().plus : pending().minus, name)) {
    return false;
  }
  warn_report(std::string("Ambiguous CPU model string. Don't mix both \"") + sign + name +
              "\" and \"" + name + "=" + value + "\"");
  return true;
}

// Bits that only mirror what the guest wrote to CR4 (SDM vol. 2, CPUID). Emulators older
// than 4.0 let a command line name them, and such lines are still written; 4.0 refuses
// the name, we say that it means nothing.
bool mirrors_cr4(const std::string& name) {
  if (name != "osxsave" && name != "ospke") {
    return false;
  }
  warn_report("CPU feature '" + name +
              "' follows the guest's CR4 and cannot be set; ignored");
  return true;
}

void register_global(const std::string& type, const std::string& name,
                     const std::string& value) {
  GlobalProperty global;
  global.driver = type;
  global.property = name;
  global.value = value;
  qdev_prop_register_global(std::move(global));
}

// "tsc-freq=2.5G": hertz with a suffix in thousands.
bool register_tsc_frequency(const std::string& type, const std::string& value) {
  static constexpr std::string_view suffixes = "BkMGTPE";
  std::size_t used = 0;
  double number = 0;
  try {
    number = std::stod(value, &used);
  } catch (const std::exception&) {
    throw Error("bad numerical value " + value);
  }
  const std::string suffix = value.substr(used);
  const std::size_t power =
      suffix.empty() ? 0 : suffixes.find(suffix[0] == 'K' ? 'k' : suffix[0]);
  number *= std::pow(1000.0, static_cast<double>(power));
  if (suffix.size() > 1 || power == std::string_view::npos || !(number >= 0) ||
      number > 9e18) {
    throw Error("bad numerical value " + value);
  }
  register_global(type, "tsc-frequency",
                  std::to_string(static_cast<std::int64_t>(number)));
  return false;
}

// Returns whether a warning about mixing was given.
bool parse_feature(const std::string& type, const std::string& feature) {
  if (mirrors_cr4(feature.substr(feature.find_first_not_of("+-") == 1 ? 1 : 0))) {
    return false;
  }
  if (feature[0] == '+' || feature[0] == '-') {
    (feature[0] == '+' ? pending().plus : pending().minus).push_back(feature.substr(1));
    remember_named(feature.substr(1));
    return false;
  }
  const std::size_t equals = feature.find('=');
  std::string name = feature.substr(0, equals);
  const std::string value =
      equals == std::string::npos ? "on" : feature.substr(equals + 1);
  std::replace(name.begin(), name.end(), '_', '-');
  if (name == "tsc-freq") {
    return register_tsc_frequency(type, value);
  }
  const bool mixed = warn_if_mixed('+', name, value) || warn_if_mixed('-', name, value);
  remember_named(name);
  register_global(type, name, value);
  return mixed;
}

void parse_features(const std::string& type, std::string_view text) {
  bool mixed = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (end > 0) {
      mixed = parse_feature(type, std::string(text.substr(0, end))) || mixed;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (mixed) {
    warn_report(
        "Compatibility of ambiguous CPU model strings won't be kept on future QEMU "
        "versions");
  }
}

}  // namespace

void apply_plus_minus_features(DeviceState* dev) {
  for (const std::string& name : pending().plus) {
    object_property_set_bool(dev, true, name);
  }
  for (const std::string& name : pending().minus) {
    object_property_set_bool(dev, false, name);
  }
}

const FeatureSet& features_named_by_user() {
  return pending().named;
}

void forget_features_for_test() {
  pending() = {};
}

std::string parse_cpu_option(const std::string& text) {
  const std::size_t comma = std::min(text.find(','), text.size());
  const std::string model = text.substr(0, comma);
  std::string type = model + "-" + TYPE_X86_CPU;
  ObjectClass* klass = object_class_by_name(type.c_str());
  if (model.empty() || klass == nullptr || object_class_is_abstract(klass) ||
      object_class_dynamic_cast(klass, TYPE_X86_CPU) == nullptr) {
    throw Error("unable to find CPU model '" + model + "'");
  }
  const std::string features = text.substr(std::min(comma + 1, text.size()));
  trace::instant(CpuOption{.type = type, .features = features});
  parse_features(type, features);
  return type;
}

// ---- -cpu help ------------------------------------------------------------------------

static std::string cpu_line(std::string_view name, std::string_view description) {
  constexpr std::size_t name_width = 20, description_width = 48;
  std::string line(name);
  line.resize(std::max(line.size(), name_width), ' ');
  std::string rest(description);
  rest.resize(std::max(rest.size(), description_width), ' ');
  return "x86 " + line + "  " + rest + "\n";
}

// Every bit with a name; "kvmclock" is two.
static std::vector<std::string_view> flag_names() {
  std::vector<std::string_view> names;
  for (std::size_t word = 0; word < FEATURE_WORDS; ++word) {
    for (unsigned bit = 0; bit < 32; ++bit) {
      const std::string_view name = feature_name(static_cast<FeatureWord>(word), bit);
      if (!name.empty()) {
        names.push_back(name);
      }
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

static std::string flag_lines() {
  constexpr std::size_t width = 75;
  std::string text, line = " ";
  for (const std::string_view flag : flag_names()) {
    if (line.size() + flag.size() + 1 > width) {
      text += line + "\n";
      line = " ";
    }
    line += " " + std::string(flag);
  }
  return text + line + "\n";
}

std::string cpu_help_text() {
  std::string text = "Available CPUs:\n";
  for (const Model& model : model_rows()) {
    const std::string_view type = model.type;
    text += cpu_line(type.substr(0, type.find("-x86_64-cpu")), model.model_id);
  }
  text += cpu_line("base", "base CPU model type with no features enabled");
  text += cpu_line("host", "KVM processor with all supported host features");
  text += cpu_line(
      "max", "Enables all features supported by the accelerator in the current host");
  return text + "\nRecognized CPUID flags:\n" + flag_lines() + "\n";
}

}  // namespace cpu
