// The properties of every device that exists here and was measured on QEMU 4.0: the same
// names, types and descriptions.
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "board.h"
#include "qom/property.h"

namespace {

using namespace machine_test;

using Properties = std::map<std::string, std::pair<std::string, std::string>>;

std::map<std::string, Properties> measured() {
  std::ifstream in(VITRINE_SOURCE_DIR "/tests/data/device-properties-4.0.tsv");
  std::map<std::string, Properties> all;
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string device, name, type, description;
    if (line.starts_with('#')) {
      continue;
    }
    std::getline(fields, device, '\t');
    std::getline(fields, name, '\t');
    std::getline(fields, type, '\t');
    std::getline(fields, description);
    all[device][name] = {type, description};
  }
  return all;
}

// What device-list-properties leaves out: what every device has.
bool is_listed(const ObjectProperty& property) {
  static const std::set<std::string> everybody{"type", "realized", "hotpluggable",
                                               "hotplugged", "parent_bus"};
  return everybody.count(property.name) == 0 && !property.name.starts_with("legacy-");
}

Properties properties_of(Object* dev) {
  Properties found;
  for (const ObjectProperty* property : object_property_list(dev)) {
    if (is_listed(*property)) {
      found[property->name] = {property->type, property->description};
    }
  }
  return found;
}

TEST(DeviceProperties, are_those_of_4_0_for_every_device_that_is_built) {
  const Board board("none", [](MachineState* machine) { machine->cpu_type.clear(); });
  int compared = 0;
  for (const auto& [type, expected] : measured()) {
    ObjectClass* klass = object_class_by_name(type.c_str());
    if (klass == nullptr || object_class_is_abstract(klass) ||
        object_class_dynamic_cast(klass, TYPE_DEVICE) == nullptr) {
      continue;
    }
    const Ref<> dev(object_new_with_class(klass));
    EXPECT_EQ(properties_of(dev.get()), expected) << type;
    ++compared;
  }
  EXPECT_GE(compared, 8);
}

}  // namespace
