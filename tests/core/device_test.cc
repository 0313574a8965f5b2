// Devices: properties, realize and its undoing, buses, lines, reset.
#include "fixture.h"

namespace core_test {
namespace {

constexpr const char* const flavours[] = {"sweet", "sour", nullptr};

struct WidgetState : ISADeviceState {
  static constexpr const char* qom_type = "widget";
  bool flag = false;
  std::uint8_t small = 0;
  std::uint16_t medium = 0;
  std::uint32_t iobase = 0, bits = 0;
  std::int32_t year = 0, flavour = 0;
  std::uint64_t wide = 0, ram = 0;
  std::string label;
  OnOffAuto mode = OnOffAuto::auto_;
  Chardev* chardev = nullptr;
  Object* peer = nullptr;
  Irq out[2] = {};
  std::vector<std::string> seen;
};

struct SubWidgetState : WidgetState {
  static constexpr const char* qom_type = "sub-widget";
  std::uint32_t extra = 0;
};

constexpr Property widget_properties[] = {
    qdev_prop_bool("flag", &WidgetState::flag, true),
    qdev_prop_uint8("small", &WidgetState::small, 7),
    qdev_prop_uint16("medium", &WidgetState::medium, 700),
    qdev_prop_uint32("iobase", &WidgetState::iobase, 0x3f8),
    qdev_prop_bit("bit3", &WidgetState::bits, 3, true),
    qdev_prop_int32("year", &WidgetState::year, -1),
    qdev_prop_uint64("wide", &WidgetState::wide, 1ull << 40),
    qdev_prop_size("ram", &WidgetState::ram, 4096),
    qdev_prop_string("label", &WidgetState::label, "none"),
    qdev_prop_on_off_auto("mode", &WidgetState::mode, OnOffAuto::off),
    qdev_prop_enum("flavour", &WidgetState::flavour, "Flavour", flavours, 1),
    qdev_prop_chr("chardev", &WidgetState::chardev),
    qdev_prop_link("peer", &WidgetState::peer, TYPE_ISA_DEVICE),
};

constexpr Property sub_widget_properties[] = {
    qdev_prop_uint32("extra", &SubWidgetState::extra, 5),
};

std::vector<std::string>& log() {
  static std::vector<std::string> lines;
  return lines;
}

void widget_realize(DeviceState* dev) {
  log().push_back("realize");
  if (object_cast<WidgetState>(dev)->small == 99)
    throw Error("ninety-nine is too many");
}

void widget_unrealize(DeviceState*) {
  log().push_back("unrealize");
}

void widget_reset(DeviceState* dev) {
  log().push_back("reset " + (dev->id.empty() ? "?" : dev->id));
}

void widget_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = widget_realize;
  dc->unrealize = widget_unrealize;
  dc->reset = widget_reset;
  device_class_set_props(dc, widget_properties);
}

void sub_widget_class_init(ObjectClass* klass, void*) {
  device_class_set_props(class_cast<DeviceClass>(klass), sub_widget_properties);
}

void shelf_reset(BusState*) {
  log().push_back("reset bus");
}

void shelf_class_init(ObjectClass* klass, void*) {
  auto* bc = class_cast<BusClass>(klass);
  bc->max_devices = 2;
  bc->reset = shelf_reset;
}

constinit const TypeInfo types[] = {
    {.name = "widget",
     .parent = TYPE_ISA_DEVICE,
     .instance = instance_struct<WidgetState>(),
     .class_init = widget_class_init},
    {.name = "sub-widget",
     .parent = "widget",
     .instance = instance_struct<SubWidgetState>(),
     .class_init = sub_widget_class_init},
    {.name = "SHELF", .parent = TYPE_BUS, .class_init = shelf_class_init},
    {.name = "book",
     .parent = TYPE_DEVICE,
     .class_init =
         [](ObjectClass* klass, void*) {
           auto* dc = class_cast<DeviceClass>(klass);
           dc->bus_type = "SHELF";
           dc->reset = widget_reset;
         }},
    {.name = "test-chardev", .parent = TYPE_CHARDEV},
    {.name = "chardev-test", .parent = TYPE_CHARDEV},
};

void device_test_register_types() {
  type_register_static_array(types, std::size(types));
}

type_init(device_test_register_types)

class Devices : public WithMachine {
 protected:
  Devices() {
    log().clear();
    bus = isa_bus_new(nullptr, get_system_memory(), get_system_io());
  }

  WidgetState* create(const char* type = "widget") {
    return object_cast<WidgetState>(qdev_create(bus, type));
  }

  ISABus* bus = nullptr;
};

// ---- property rows --------------------------------------------------------------------

TEST_F(Devices, rows_give_members_their_defaults) {
  const WidgetState* dev = create();

  EXPECT_TRUE(dev->flag);
  EXPECT_EQ(dev->small, 7);
  EXPECT_EQ(dev->medium, 700);
  EXPECT_EQ(dev->iobase, 0x3f8u);
  EXPECT_EQ(dev->bits, 8u);
  EXPECT_EQ(dev->year, -1);
  EXPECT_EQ(dev->wide, 1ull << 40);
  EXPECT_EQ(dev->ram, 4096u);
  EXPECT_EQ(dev->label, "none");
  EXPECT_EQ(dev->mode, OnOffAuto::off);
  EXPECT_EQ(dev->flavour, 1);
}

TEST_F(Devices, text_sets_the_member_of_each_type) {
  WidgetState* dev = create();
  const PropertyTexts texts{{"flag", "off"},   {"small", "0x10"},   {"medium", "9"},
                            {"iobase", "010"}, {"bit3", "off"},     {"year", "-5"},
                            {"wide", "12"},    {"ram", "1k"},       {"label", "x,y"},
                            {"mode", "on"},    {"flavour", "sweet"}};
  for (const auto& [name, text] : texts)
    object_property_parse(dev, text, name);

  EXPECT_FALSE(dev->flag);
  EXPECT_EQ(dev->small, 16);
  EXPECT_EQ(dev->medium, 9);
  EXPECT_EQ(dev->iobase, 8u);
  EXPECT_EQ(dev->bits, 0u);
  EXPECT_EQ(dev->year, -5);
  EXPECT_EQ(dev->wide, 12u);
  EXPECT_EQ(dev->ram, 1024u);
  EXPECT_EQ(dev->label, "x,y");
  EXPECT_EQ(dev->mode, OnOffAuto::on);
  EXPECT_EQ(dev->flavour, 0);
}

TEST_F(Devices, properties_show_QEMUs_type_names) {
  Object* dev = create();

  EXPECT_EQ(object_property_get_type(dev, "iobase"), "uint32");
  EXPECT_EQ(object_property_get_type(dev, "bit3"), "bool");
  EXPECT_EQ(object_property_get_type(dev, "label"), "str");
  EXPECT_EQ(object_property_get_type(dev, "mode"), "OnOffAuto");
  EXPECT_EQ(object_property_get_type(dev, "flavour"), "Flavour");
  EXPECT_EQ(object_property_get_type(dev, "chardev"), "str");
  EXPECT_EQ(object_property_get_type(dev, "parent_bus"), "link<bus>");
}

TEST_F(Devices, a_number_that_is_none_is_refused_in_the_words_of_4_0) {
  Object* dev = create();

  EXPECT_EQ(error_of([&] { object_property_parse(dev, "zz", "iobase"); }),
            "Parameter 'iobase' expects uint64");
  EXPECT_EQ(error_of([&] { object_property_parse(dev, "70000000000", "iobase"); }),
            "Parameter 'iobase' expects uint32_t");
  EXPECT_EQ(error_of([&] { object_property_parse(dev, "banana", "flag"); }),
            "Invalid parameter type for 'flag', expected: boolean");
  EXPECT_EQ(error_of([&] { object_property_parse(dev, "salty", "flavour"); }),
            "Invalid parameter 'salty'");
}

TEST_F(Devices, an_unknown_property_is_refused_in_the_words_of_4_0) {
  Object* dev = create();

  EXPECT_EQ(error_of([&] { object_property_parse(dev, "1", "foo"); }),
            "Property '.foo' not found");
}

TEST_F(Devices, a_subclass_has_its_parents_rows_and_its_own) {
  auto* dev = object_cast<SubWidgetState>(qdev_create(bus, "sub-widget"));

  object_property_parse(dev, "1", "small");
  object_property_parse(dev, "2", "extra");

  EXPECT_EQ(dev->small, 1);
  EXPECT_EQ(dev->extra, 2u);
}

TEST_F(Devices, a_realized_device_refuses_new_values) {
  WidgetState* dev = create();
  qdev_init_nofail(dev);

  EXPECT_EQ(
      error_of([&] { object_property_parse(dev, "1", "iobase"); }),
      "Attempt to set property 'iobase' on anonymous device (type 'widget') after it was "
      "realized");
  dev->id = "w0";
  EXPECT_EQ(
      error_of([&] { object_property_parse(dev, "1", "iobase"); }),
      "Attempt to set property 'iobase' on device 'w0' (type 'widget') after it was "
      "realized");
}

TEST_F(Devices, the_users_global_beats_the_machines_compat_value) {
  object_set_machine_compat_props(
      {{.driver = "widget", .property = "small", .value = "1"},
       {.driver = "widget", .property = "medium", .value = "2"}});
  qdev_prop_register_global({.driver = "widget", .property = "small", .value = "3"});

  const WidgetState* dev = create();

  EXPECT_EQ(dev->small, 3);
  EXPECT_EQ(dev->medium, 2);
}

TEST_F(Devices, a_chardev_is_found_by_id_and_taken_once) {
  chardev_new("test", "c0", {});
  WidgetState* first = create();
  WidgetState* second = create();
  object_property_parse(first, "c0", "chardev");

  EXPECT_EQ(first->chardev, chardev_find("c0"));
  EXPECT_EQ(error_of([&] { object_property_parse(second, "c0", "chardev"); }),
            "Property 'widget.chardev' can't take value 'c0', it's in use");
  EXPECT_EQ(error_of([&] { object_property_parse(second, "nosuch", "chardev"); }),
            "Property 'widget.chardev' can't find value 'nosuch'");
  EXPECT_EQ(object_property_get_str(first, "chardev"), "c0");
  chardev_close_all();
}

TEST_F(Devices, a_device_that_goes_gives_its_chardev_back) {
  Chardev* chr = chardev_new("test", "c0", {});
  WidgetState* dev = create();
  object_property_parse(dev, "c0", "chardev");
  qdev_init_nofail(dev);
  ASSERT_TRUE(chr->in_use);

  object_unparent(dev);

  EXPECT_FALSE(chr->in_use);
  chardev_close_all();
}

TEST_F(Devices, a_link_row_takes_the_path_of_an_object_of_its_type) {
  WidgetState* dev = create();
  WidgetState* peer = create();
  qdev_init_nofail(peer);

  object_property_set_str(dev, path_of(peer), "peer");

  EXPECT_EQ(dev->peer, peer);
  EXPECT_EQ(error_of([&] { object_property_set_str(dev, "/machine", "peer"); }),
            "Invalid parameter type for 'peer', expected: isa-device");
}

// ---- realize ------------------------------------------------------------------------

TEST_F(Devices, realize_gives_an_orphan_a_numbered_place) {
  WidgetState* first = create();
  WidgetState* second = create();
  qdev_init_nofail(first);
  qdev_init_nofail(second);

  // device[0] is the bus's bridge.
  EXPECT_EQ(path_of(first), "/machine/unattached/device[1]");
  EXPECT_EQ(path_of(second), "/machine/unattached/device[2]");
  EXPECT_TRUE(first->realized);
}

TEST_F(Devices, realize_leaves_a_device_that_has_a_place_there) {
  WidgetState* dev = create();
  object_property_add_child(machine, "rtc", dev);

  qdev_init_nofail(dev);

  EXPECT_EQ(path_of(dev), "/machine/rtc");
  EXPECT_EQ(dev->canonical_path, "/machine/rtc");
}

TEST_F(Devices, a_failed_realize_leaves_nothing_behind) {
  WidgetState* dev = create();
  object_ref(dev);
  Ref<WidgetState> alive(dev);
  dev->small = 99;

  EXPECT_EQ(error_of([&] { qdev_realize(dev); }), "ninety-nine is too many");

  EXPECT_FALSE(dev->realized);
  EXPECT_EQ(dev->parent, nullptr);
}

TEST_F(Devices, the_number_of_a_failed_realize_is_used_again) {
  WidgetState* bad = create();
  bad->small = 99;
  EXPECT_NE(error_of([&] { qdev_realize(bad); }), "");
  WidgetState* good = create();

  qdev_init_nofail(good);

  EXPECT_EQ(path_of(good), "/machine/unattached/device[1]");
}

TEST_F(Devices, init_nofail_names_the_device_that_failed) {
  WidgetState* dev = create();
  dev->small = 99;

  EXPECT_EQ(error_of([&] { qdev_init_nofail(dev); }),
            "Initialization of device widget failed: ninety-nine is too many");
}

TEST_F(Devices, realizing_twice_realizes_once) {
  WidgetState* dev = create();
  qdev_realize(dev);
  qdev_realize(dev);

  EXPECT_THAT(log(), ElementsAre("realize"));
}

TEST_F(Devices, unparenting_a_realized_device_unrealizes_it) {
  WidgetState* dev = create();
  qdev_init_nofail(dev);

  object_unparent(dev);

  EXPECT_THAT(log(), ElementsAre("realize", "unrealize"));
  EXPECT_THAT(bus->children, IsEmpty());
}

TEST_F(Devices, unknown_and_abstract_types_are_refused) {
  EXPECT_EQ(qdev_try_create(bus, "nosuch"), nullptr);
  EXPECT_EQ(error_of([&] { qdev_create(bus, "nosuch"); }),
            "Unknown device 'nosuch' for bus 'ISA'");
  EXPECT_EQ(error_of([&] { qdev_create(bus, TYPE_ISA_DEVICE); }),
            "object type 'isa-device' is abstract");
}

// ---- buses --------------------------------------------------------------------------

TEST_F(Devices, the_system_bus_is_where_QEMU_has_it) {
  EXPECT_EQ(path_of(sysbus_get_default()), "/machine/unattached/sysbus");
  EXPECT_EQ(sysbus_get_default()->name, "main-system-bus");
}

TEST_F(Devices, a_bus_without_a_name_is_named_by_type_and_number) {
  EXPECT_THAT(bus->name, ::testing::StartsWith("isa."));
  EXPECT_EQ(path_of(bus), "/machine/unattached/device[0]/" + bus->name);
}

TEST_F(Devices, a_bus_of_a_device_with_id_is_named_after_it) {
  WidgetState* dev = create();
  dev->id = "w0";

  EXPECT_EQ(qbus_create("SHELF", dev, nullptr)->name, "w0.0");
  EXPECT_EQ(qbus_create("SHELF", dev, nullptr)->name, "w0.1");
}

TEST_F(Devices, a_bus_links_to_its_children) {
  WidgetState* dev = create();
  qdev_init_nofail(dev);

  EXPECT_EQ(object_property_get_str(bus, "child[0]"), path_of(dev));
  EXPECT_EQ(object_property_get_type(bus, "child[0]"), "link<widget>");
  EXPECT_EQ(object_property_get_str(dev, "parent_bus"), path_of(bus));
}

TEST_F(Devices, the_link_number_of_a_child_that_left_is_not_used_again) {
  WidgetState* first = create();
  qdev_init_nofail(first);
  object_unparent(first);
  WidgetState* second = create();
  qdev_init_nofail(second);

  EXPECT_EQ(object_property_find(bus, "child[0]"), nullptr);
  EXPECT_EQ(object_property_get_str(bus, "child[1]"), path_of(second));
}

TEST_F(Devices, a_device_does_not_go_on_a_bus_of_another_kind) {
  EXPECT_EQ(error_of([&] { qdev_create(bus, "book"); }),
            "Device 'book' can't go on ISA bus");
}

TEST_F(Devices, a_bus_takes_no_more_than_its_class_allows) {
  BusState* shelf = qbus_create("SHELF", create(), "shelf");
  qdev_create(shelf, "book");
  qdev_create(shelf, "book");

  EXPECT_EQ(error_of([&] { qdev_create(shelf, "book"); }), "Bus 'shelf' is full");
}

TEST_F(Devices, a_second_ISA_bus_is_refused) {
  EXPECT_EQ(error_of([] { isa_bus_new(nullptr, get_system_memory(), get_system_io()); }),
            "Can't create a second ISA bus");
}

// ---- reset --------------------------------------------------------------------------

TEST_F(Devices, reset_goes_children_first_and_newest_first) {
  WidgetState* bridge = create();
  bridge->id = "bridge";
  BusState* shelf = qbus_create("SHELF", bridge, "shelf");
  qdev_create(shelf, "book")->id = "a";
  qdev_create(shelf, "book")->id = "b";

  qdev_reset_all(bridge);

  EXPECT_THAT(log(), ElementsAre("reset b", "reset a", "reset bus", "reset bridge"));
}

TEST_F(Devices, reset_handlers_run_in_order_of_registration) {
  std::vector<int> order;
  qemu_register_reset([&] { order.push_back(1); });
  const int second = qemu_register_reset([&] { order.push_back(2); });
  qemu_register_reset([&] { order.push_back(3); });
  qemu_unregister_reset(second);

  qemu_devices_reset();

  EXPECT_THAT(order, ElementsAre(1, 3));
}

// ---- lines --------------------------------------------------------------------------

TEST_F(Devices, lines_into_a_device_are_its_children) {
  WidgetState* dev = create();
  qdev_init_nofail(dev);
  qdev_init_gpio_in(
      dev, [](int, int) {}, 2);
  qdev_init_gpio_in_named(
      dev, [](int, int) {}, "nmi", 1);

  EXPECT_EQ(path_of(qdev_get_gpio_in(dev, 1)), path_of(dev) + "/unnamed-gpio-in[1]");
  EXPECT_EQ(path_of(qdev_get_gpio_in_named(dev, "nmi", 0)), path_of(dev) + "/nmi[0]");
}

TEST_F(Devices, a_line_calls_its_handler_with_number_and_level) {
  WidgetState* dev = create();
  std::vector<std::pair<int, int>> calls;
  qdev_init_gpio_in(
      dev, [&](int n, int level) { calls.emplace_back(n, level); }, 3);

  qemu_irq_raise(qdev_get_gpio_in(dev, 2));
  qemu_irq_lower(qdev_get_gpio_in(dev, 2));

  EXPECT_THAT(calls, ElementsAre(std::pair(2, 1), std::pair(2, 0)));
}

TEST_F(Devices, a_connected_line_out_fills_the_pin_and_shows_as_link) {
  WidgetState* dev = create();
  qdev_init_gpio_out(dev, dev->out, 2);
  Irq line = qemu_allocate_irq([](int, int) {}, 0);

  qdev_connect_gpio_out(dev, 1, line);
  object_unref(line);

  EXPECT_EQ(dev->out[1], line);
  EXPECT_EQ(dev->out[0], nullptr);
  EXPECT_EQ(object_property_get_str(dev, "unnamed-gpio-out[0]"), "");
  EXPECT_EQ(object_property_get_str(dev, "unnamed-gpio-out[1]"),
            "/machine/unattached/non-qdev-gpio[0]");
  EXPECT_EQ(object_property_get_type(dev, "unnamed-gpio-out[1]"), "link<irq>");
}

TEST_F(Devices, setting_a_line_that_leads_nowhere_does_nothing) {
  qemu_set_irq(nullptr, 1);
}

// ---- ISA ----------------------------------------------------------------------------

TEST_F(Devices, an_ISA_device_gets_the_boards_line) {
  std::array<Irq, isa_irq_count> lines{};
  lines[4] = qemu_allocate_irq([](int, int) {}, 4);
  isa_bus_irqs(bus, lines);
  object_unref(lines[4]);
  WidgetState* dev = create();

  isa_init_irq(dev, &dev->out[0], 4);

  EXPECT_EQ(dev->out[0], lines[4]);
  EXPECT_THAT(dev->isa_irqs, ElementsAre(4));
}

TEST_F(Devices, an_ISA_line_above_15_is_refused) {
  WidgetState* dev = create();

  EXPECT_EQ(error_of([&] { isa_init_irq(dev, &dev->out[0], 16); }),
            "ISA interrupt 16 does not exist: give one of 0 to 15");
}

TEST_F(Devices, an_ISA_region_answers_at_its_port) {
  WidgetState* dev = create();
  static constexpr MemoryRegionOps ops{
      .read = [](void*, std::uint64_t, unsigned) -> std::uint64_t { return 0x42; }};
  isa_register_ioport(dev, memory_region_new_io(dev, &ops, nullptr, "widget", 1), 0x220);
  std::array<std::byte, 1> data{};

  address_space_io().read(0x220, data);

  EXPECT_EQ(data[0], std::byte{0x42});
}

}  // namespace
}  // namespace core_test
