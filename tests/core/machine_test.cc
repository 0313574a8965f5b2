// The machine base type: its name, properties and compat list.
#include <fstream>
#include <sstream>

#include "fixture.h"

namespace core_test {
namespace {

constexpr CompatProperty newer[] = {{"vga", "xres", "1024"}};
constexpr CompatProperty older[] = {{"rtc", "base_year", "1980"}, {"vga", "xres", "800"}};

constinit const TypeInfo machine_types[] = {
    {.name = "toaster-2.0-machine",
     .parent = TYPE_MACHINE,
     .class_init =
         [](ObjectClass* klass, void*) {
           compat_props_add(class_cast<MachineClass>(klass), newer);
         }},
    {.name = "toaster-1.0-machine",
     .parent = "toaster-2.0-machine",
     .class_init =
         [](ObjectClass* klass, void*) {
           compat_props_add(class_cast<MachineClass>(klass), newer);
           compat_props_add(class_cast<MachineClass>(klass), older);
         }},
};

void machine_test_register_types() {
  type_register_static_array(machine_types, std::size(machine_types));
}

type_init(machine_test_register_types)

MachineClass* machine_class(const char* type) {
  return class_cast<MachineClass>(object_class_by_name(type));
}

class Machines : public WithMachine {};

TEST_F(Machines, O225_the_name_is_the_types_without_the_suffix) {
  EXPECT_STREQ(machine_class("toaster-1.0-machine")->name, "toaster-1.0");
  EXPECT_STREQ(machine_class("toaster-2.0-machine")->name, "toaster-2.0");
}

TEST_F(Machines, an_abstract_machine_has_no_name) {
  EXPECT_EQ(machine_class(TYPE_MACHINE)->name, nullptr);
}

TEST_F(Machines, C65_each_class_starts_with_an_empty_compat_list) {
  const GlobalProperties props =
      machine_compat_props(machine_class("toaster-2.0-machine"));

  ASSERT_EQ(props.size(), 1u);
  EXPECT_EQ(props[0].value, "1024");
}

TEST_F(Machines, compat_rows_keep_the_order_they_were_added_in) {
  std::vector<std::string> values;
  for (const GlobalProperty& p :
       machine_compat_props(machine_class("toaster-1.0-machine")))
    values.push_back(p.value);

  EXPECT_THAT(values, ElementsAre("1024", "1980", "800"));
}

// The file lists what was measured on a machine "none" of QEMU 4.0.0: name, type,
// value, tab separated.
TEST_F(Machines, the_base_type_has_the_measured_properties) {
  std::ifstream file(std::string(VITRINE_SOURCE_DIR) +
                     "/tests/data/machine-properties-4.0.tsv");
  ASSERT_TRUE(file.is_open());
  int rows = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string name, type, value;
    std::getline(fields, name, '\t');
    std::getline(fields, type, '\t');
    std::getline(fields, value, '\t');
    ASSERT_NE(object_property_find(machine, name), nullptr) << name;
    EXPECT_EQ(object_property_get_type(machine, name), type) << name;
    if (value != "(write only)") {
      EXPECT_EQ(object_property_print(machine, name, false), value) << name;
    }
    ++rows;
  }
  EXPECT_EQ(rows, 19);
}

TEST_F(Machines, there_is_no_property_beyond_the_measured_ones) {
  std::size_t own = 0;
  for (const ObjectProperty* p : object_property_list(machine))
    own += p->type.rfind("child<", 0) != 0 && p->name != "type";
  EXPECT_EQ(own, 19u);
}

TEST_F(Machines, kernel_irqchip_takes_three_words) {
  object_property_parse(machine, "split", "kernel-irqchip");

  EXPECT_EQ(machine->kernel_irqchip, "split");
  EXPECT_EQ(error_of([&] { object_property_parse(machine, "maybe", "kernel-irqchip"); }),
            "Invalid parameter 'maybe'");
  EXPECT_EQ(error_of([&] { object_property_get(machine, "kernel-irqchip"); }),
            "Insufficient permission to perform this operation");
}

TEST_F(Machines, usb_switched_off_is_remembered_as_such) {
  object_property_parse(machine, "off", "usb");

  EXPECT_FALSE(machine->usb);
  EXPECT_TRUE(machine->usb_disabled);
}

TEST_F(Machines, a_bad_switch_is_refused_in_the_words_of_4_0) {
  EXPECT_EQ(error_of([&] { object_property_parse(machine, "maybe", "usb"); }),
            "Invalid parameter type for 'usb', expected: boolean");
}

}  // namespace
}  // namespace core_test
