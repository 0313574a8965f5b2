// Every machine type against what was measured on QEMU 4.0.0.
#include <fstream>
#include <sstream>

#include "board.h"

namespace {

using namespace machine_test;

struct Facts {
  std::string name, parent, alias, is_default, max_cpus, hotpluggable, deprecated, desc;
};

std::vector<Facts> measured() {
  std::ifstream in(VITRINE_SOURCE_DIR "/tests/data/machines-4.0.txt");
  std::vector<Facts> all;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') {
      continue;
    }
    std::istringstream fields(line);
    Facts f;
    for (std::string* field : {&f.name, &f.parent, &f.alias, &f.is_default, &f.max_cpus,
                               &f.hotpluggable, &f.deprecated, &f.desc}) {
      std::getline(fields, *field, '|');
    }
    all.push_back(f);
  }
  return all;
}

MachineClass* machine_class(const std::string& name) {
  register_types();
  ObjectClass* klass = object_class_by_name((name + "-machine").c_str());
  return klass == nullptr ? nullptr : class_cast<MachineClass>(klass);
}

std::string text(const char* value) {
  return value == nullptr ? "" : value;
}

TEST(MachineFacts, the_fact_table_is_there) {
  EXPECT_EQ(measured().size(), 42u);
}

TEST(MachineFacts, O233_every_measured_machine_exists_with_its_class_facts) {
  for (const Facts& f : measured()) {
    const MachineClass* mc = machine_class(f.name);
    ASSERT_NE(mc, nullptr) << f.name;
    EXPECT_EQ(text(mc->name), f.name);
    EXPECT_EQ(text(type_parent_name(mc->type)), f.parent) << f.name;
    EXPECT_EQ(text(mc->alias), f.alias) << f.name;
    EXPECT_EQ(mc->is_default, f.is_default == "yes") << f.name;
    EXPECT_EQ(std::to_string(mc->max_cpus), f.max_cpus) << f.name;
    EXPECT_EQ(mc->has_hotpluggable_cpus, f.hotpluggable == "yes") << f.name;
    EXPECT_EQ(mc->deprecation_reason != nullptr, f.deprecated == "yes") << f.name;
    EXPECT_EQ(text(mc->desc), f.desc) << f.name;
  }
}

TEST(MachineFacts, no_machine_is_ours_alone_but_ubuntus_and_a_later_one) {
  register_types();
  std::vector<std::string> known{"pc-i440fx-trusty", "microvm"};
  for (const Facts& f : measured()) {
    known.push_back(f.name);
  }
  for (ObjectClass* klass : object_class_get_list(TYPE_MACHINE, false)) {
    EXPECT_THAT(known, ::testing::Contains(text(class_cast<MachineClass>(klass)->name)));
  }
}

TEST(MachineFacts, O234_the_default_pc_has_the_facts_of_the_lecture) {
  const MachineClass* mc = machine_class("pc-i440fx-4.0");

  EXPECT_STREQ(mc->family, "pc_piix");
  EXPECT_STREQ(mc->default_machine_opts, "firmware=bios-256k.bin");
  EXPECT_STREQ(mc->default_display, "std");
  EXPECT_STREQ(mc->default_nic_model, "e1000");
  EXPECT_STREQ(mc->default_cpu_type, "qemu64-x86_64-cpu");
  EXPECT_STREQ(mc->default_boot_order, "cad");
  EXPECT_EQ(mc->default_ram_size, 128u << 20);
  EXPECT_EQ(mc->block_default_type, BlockInterface::ide);
}

TEST(MachineFacts, machines_up_to_1_7_use_the_small_firmware) {
  EXPECT_STREQ(machine_class("pc-i440fx-2.0")->default_machine_opts,
               "firmware=bios-256k.bin");
  EXPECT_EQ(machine_class("pc-i440fx-1.7")->default_machine_opts, nullptr);
  EXPECT_EQ(machine_class("isapc")->default_machine_opts, nullptr);
}

TEST(MachineFacts, trusty_is_a_2_0_under_another_name) {
  const MachineClass* mc = machine_class("pc-i440fx-trusty");

  EXPECT_STREQ(mc->family, "pc_piix");
  EXPECT_STREQ(mc->default_machine_opts, "firmware=bios-256k.bin");
  EXPECT_EQ(mc->alias, nullptr);
  EXPECT_FALSE(mc->is_default);
}

TEST(MachineFacts, O235_older_versions_collect_the_compat_rows_of_newer_ones) {
  EXPECT_TRUE(machine_compat_props(machine_class("pc-i440fx-4.0")).empty());
  EXPECT_LE(machine_compat_props(machine_class("pc-i440fx-2.8")).size(),
            machine_compat_props(machine_class("pc-i440fx-2.7")).size());
  EXPECT_GT(machine_compat_props(machine_class("pc-0.12")).size(),
            machine_compat_props(machine_class("pc-i440fx-2.7")).size());
}

// Measured on 7.2 under KVM down to 1.4. The row of pc-1.2 has not been measured.
TEST(MachineFacts, older_versions_leave_more_features_to_the_cpu_model) {
  for (const auto& [name, features] :
       {std::pair{"pc-i440fx-4.0", ""}, std::pair{"pc-i440fx-2.2", ""},
        std::pair{"pc-i440fx-2.1", "svm"}, std::pair{"pc-i440fx-2.0", "svm"},
        std::pair{"pc-i440fx-1.7", "svm x2apic"}, std::pair{"pc-1.3", "svm x2apic"},
        std::pair{"pc-1.2", "svm x2apic kvm-pv-eoi"}, std::pair{"isapc", ""}}) {
    EXPECT_STREQ(machine_class(name)->cpu_features_of_model, features) << name;
  }
}

TEST(MachineFacts, machines_up_to_2_1_have_no_display_of_their_own) {
  EXPECT_STREQ(machine_class("pc-i440fx-2.2")->default_display, "std");
  EXPECT_EQ(machine_class("pc-i440fx-2.1")->default_display, nullptr);
}

TEST(MachineFacts, the_abstract_pc_implements_hotplug_handler_and_nmi) {
  register_types();
  ObjectClass* klass = object_class_by_name("isapc-machine");

  EXPECT_TRUE(object_class_is_abstract(object_class_by_name("generic-pc-machine")));
  EXPECT_NE(object_class_dynamic_cast(klass, "hotplug-handler"), nullptr);
  EXPECT_NE(object_class_dynamic_cast(klass, "nmi"), nullptr);
}

TEST(MachineFacts, pc_properties_have_the_measured_types) {
  const std::pair<const char*, const char*> rows[] = {
      {"max-ram-below-4g", "size"},
      {"smm", "OnOffAuto"},
      {"vmport", "OnOffAuto"},
      {"nvdimm", "bool"},
      {"smbus", "bool"},
      {"sata", "bool"},
      {"pit", "bool"},
      {"device-memory-region-size", "int"},
      {"nvdimm-persistence", "string"}};
  MachineClass* mc = machine_class("pc-i440fx-4.0");
  for (const auto& [name, type] : rows) {
    const ObjectProperty* property = object_class_property_find(mc, name);
    ASSERT_NE(property, nullptr) << name;
    EXPECT_EQ(property->type, type) << name;
  }
}

}  // namespace
