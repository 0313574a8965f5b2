// The microvm board: what is on it and what is not.
#include "board.h"

namespace {

using namespace machine_test;

Board::Configure with_image() {
  return [](MachineState* machine) { machine->kernel_filename = temporary_file("\xf4"); };
}

std::uint32_t read_long(std::uint64_t address) {
  std::byte bytes[4]{};
  address_space_memory().read(address, bytes);
  std::uint32_t value = 0;
  for (unsigned i = 4; i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  }
  return value;
}

TEST(Microvm, prints_on_its_serial_port) {
  Board board("microvm", with_image());

  board.out(0x3f8, '!');

  EXPECT_EQ(board.serial_output(), "!");
}

TEST(Microvm, has_eight_empty_places_for_virtio_devices) {
  const Board board("microvm", with_image());
  for (std::uint64_t place = 0; place < 8; ++place) {
    const std::uint64_t address = 0xfeb00000 + place * 512;
    EXPECT_EQ(read_long(address), 0x74726976u) << place;  // "virt"
    EXPECT_EQ(read_long(address + 4), 1u) << place;
    EXPECT_EQ(read_long(address + 8), 0u) << place;  // nothing there
  }
  EXPECT_EQ(read_long(0xfeb00000 + 8 * 512), 0xffffffffu);
}

TEST(Microvm, has_no_pci_and_no_keyboard) {
  const Board board("microvm", with_image());

  EXPECT_EQ(object_resolve_path_type("", "PCI"), nullptr);
  EXPECT_EQ(object_resolve_path_type("", "i8042"), nullptr);
}

TEST(Microvm, leaves_out_what_its_properties_switch_off) {
  const Board board("microvm", [](MachineState* machine) {
    with_image()(machine);
    for (const char* name : {"pic", "pit", "rtc", "isa-serial"}) {
      object_property_parse(machine, "off", name);
    }
  });
  for (const char* type : {"isa-i8259", "isa-pit", "mc146818rtc", "isa-serial"}) {
    EXPECT_EQ(object_resolve_path_type("", type), nullptr) << type;
  }
}

TEST(Microvm, splits_ram_at_3_gib) {
  const Board board("microvm", [](MachineState* machine) {
    with_image()(machine);
    machine->ram_size = 4ull << 30;
  });

  EXPECT_EQ(address_space_memory().find(0xbfffffff)->region->name, "microvm.ram");
  EXPECT_EQ(address_space_memory().find(0xc0000000), nullptr);
  EXPECT_EQ(address_space_memory().find(0x100000000)->region->name, "microvm.ram");
}

}  // namespace
