// ISA devices as -device makes them: properties, defaults, refusals, ports.
#include "board.h"
#include "core/qdev_properties.h"

namespace {

using namespace machine_test;
using ::testing::HasSubstr;

BusState* isa_bus() {
  return object_cast<BusState>(object_resolve_path_type("", "ISA"));
}

// What the error of realizing says; "" if it works.
std::string realize_error(DeviceState* dev) {
  return error_of([&] { qdev_realize(dev); });
}

TEST(IsaSerial, ports_are_numbered_in_the_order_they_are_made) {
  const Board board("isapc");  // its -serial is the first
  const std::pair<std::uint64_t, std::uint64_t> expected[] = {
      {0x2f8, 3}, {0x3e8, 4}, {0x2e8, 3}};
  for (const auto& [iobase, irq] : expected) {
    DeviceState* serial = qdev_create(isa_bus(), "isa-serial");
    ASSERT_EQ(realize_error(serial), "");
    EXPECT_EQ(object_property_get_uint(serial, "iobase"), iobase);
    EXPECT_EQ(object_property_get_uint(serial, "irq"), irq);
  }
}

TEST(IsaSerial, a_fifth_port_is_refused_in_4_0s_words) {
  const Board board("isapc");
  DeviceState* serial = qdev_create(isa_bus(), "isa-serial");
  qdev_prop_set_uint32(serial, "index", 4);

  EXPECT_EQ(realize_error(serial), "Max. supported number of ISA serial ports is 4.");
}

TEST(IsaSerial, works_without_a_character_device) {
  Board board("isapc");
  DeviceState* serial = qdev_create(isa_bus(), "isa-serial");
  ASSERT_EQ(realize_error(serial), "");

  board.out(0x2f8, 'x');

  EXPECT_EQ(board.in(0x2fd) & 0x60, 0x60);
  EXPECT_EQ(board.in(0x2fe), 0xb0);  // the line looks connected
}

TEST(IsaSerial, an_interrupt_beyond_15_is_refused) {
  const Board board("isapc");
  DeviceState* serial = qdev_create(isa_bus(), "isa-serial");
  qdev_prop_set_uint32(serial, "irq", 16);

  EXPECT_THAT(realize_error(serial), HasSubstr("16"));
}

TEST(IsaDebugcon, needs_a_character_device) {
  const Board board("isapc");
  DeviceState* console = qdev_create(isa_bus(), "isa-debugcon");

  EXPECT_EQ(realize_error(console), "Can't create debugcon device, empty char device");
}

TEST(IsaDebugcon, prints_at_its_port_and_says_that_it_is_there) {
  Board board("isapc", [](MachineState*) { machine::board_config().serial_hds.clear(); });
  DeviceState* console = qdev_create(isa_bus(), "isa-debugcon");
  qdev_prop_set_uint32(console, "iobase", 0x402);
  qdev_prop_set_uint32(console, "readback", 0x5a);
  qdev_prop_set_chr(console, "chardev", board.serial());
  ASSERT_EQ(realize_error(console), "");

  board.out(0x402, '!');

  EXPECT_EQ(board.serial_output(), "!");
  EXPECT_EQ(board.in(0x402), 0x5a);
}

TEST(IsaDebugExit, has_its_measured_defaults_and_reads_zero) {
  Board board("isapc");
  DeviceState* dev = qdev_create(isa_bus(), "isa-debug-exit");
  ASSERT_EQ(realize_error(dev), "");

  EXPECT_EQ(object_property_get_uint(dev, "iobase"), 0x501u);
  EXPECT_EQ(object_property_get_uint(dev, "iosize"), 2u);
  EXPECT_EQ(board.in(0x501), 0);
  EXPECT_EQ(board.in(0x503), 0xff);
}

TEST(KernelIrqchipDevices, take_the_ports_of_the_chips_they_stand_for) {
  const Board board("none", [](MachineState* machine) { machine->cpu_type.clear(); });
  ISABus* bus = isa_bus_new(nullptr, get_system_memory(), get_system_io());
  for (const char* type : {"kvm-i8259", "kvm-pit"}) {
    DeviceState* dev = qdev_create(bus, type);
    qdev_prop_set_uint32(dev, "iobase", std::string(type) == "kvm-pit" ? 0x40 : 0x20);
    ASSERT_EQ(realize_error(dev), "") << type;
  }
  EXPECT_EQ(address_space_io().find(0x20)->region->name, "kvm-pic");
  EXPECT_EQ(address_space_io().find(0x43)->region->name, "kvm-pit");
}

}  // namespace
