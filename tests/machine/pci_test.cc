// PCI as a guest of a pc finds it: configuration space through ports 0xcf8 and 0xcfc,
// base addresses, interrupt routes, places on the bus.
#include <fstream>
#include <map>
#include <sstream>

#include "board.h"
#include "core/pci.h"

namespace {

using namespace machine_test;
using ::testing::HasSubstr;

constexpr int i440fx = 0, piix3 = 8, piix4_pm = 11;

class PciBoard {
 public:
  explicit PciBoard(const Board::Configure& configure = {})
      : board_("pc-i440fx-4.0", configure) {}

  PCIBus* bus() { return object_cast<PCIBus>(object_resolve_path_type("", "PCI")); }

  // A device as -device makes it, at `place`, or at the first free slot.
  PCIDevice* add(const char* type, const char* place = nullptr,
                 bool multifunction = false) {
    DeviceState* dev = qdev_create(bus(), type);
    if (place != nullptr) {
      object_property_parse(dev, place, "addr");
    }
    qdev_prop_set_bit(dev, "multifunction", multifunction);
    object_ref(dev);
    const Ref<DeviceState> alive(dev);
    try {
      qdev_realize(dev);
    } catch (...) {
      qdev_set_parent_bus(dev, nullptr);
      throw;
    }
    return object_cast<PCIDevice>(dev);
  }

  void out(std::uint16_t port, std::uint32_t value, unsigned size) {
    write_number(address_space_io(), port, value, size);
  }

  std::uint32_t in(std::uint16_t port, unsigned size) {
    return static_cast<std::uint32_t>(read_number(address_space_io(), port, size));
  }

  std::uint32_t read(int devfn, unsigned offset, unsigned size = 4) {
    select(devfn, offset);
    return in(static_cast<std::uint16_t>(0xcfc + offset % 4), size);
  }

  void write(int devfn, unsigned offset, std::uint32_t value, unsigned size = 4) {
    select(devfn, offset);
    out(static_cast<std::uint16_t>(0xcfc + offset % 4), value, size);
  }

  Board& board() { return board_; }

 private:
  void select(int devfn, unsigned offset) {
    out(0xcf8, 0x80000000u | static_cast<std::uint32_t>(devfn) << 8 | (offset & 0xfc), 4);
  }

  Board board_;
};

std::uint64_t memory_read(std::uint64_t address, unsigned size = 4) {
  std::byte bytes[8]{};
  address_space_memory().read(address, std::span(bytes, size));
  std::uint64_t value = 0;
  for (unsigned i = size; i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  return value;
}

void memory_write(std::uint64_t address, std::uint64_t value, unsigned size = 4) {
  std::byte bytes[8];
  for (unsigned i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(value >> 8 * i);
  }
  address_space_memory().write(address, std::span(bytes, size));
}

// ---- configuration space ------------------------------------------------------------

struct Fact {
  std::string device;
  unsigned offset = 0;
  std::uint32_t reset = 0, writable = 0;
};

std::vector<Fact> facts() {
  std::ifstream file(VITRINE_SOURCE_DIR "/tests/data/pci-config-7.2.tsv");
  std::vector<Fact> rows;
  for (std::string line; std::getline(file, line);) {
    Fact fact;
    std::istringstream text(line);
    if (!line.starts_with('#') &&
        text >> fact.device >> std::hex >> fact.offset >> fact.reset >> fact.writable) {
      rows.push_back(fact);
    }
  }
  return rows;
}

// The image given as -kernel makes the board set these up as firmware does.
bool set_up_by_the_board(const Fact& fact) {
  return (fact.device == "i440FX" && (fact.offset == 0x58 || fact.offset == 0x5c)) ||
         (fact.device == "PIIX3" && fact.offset == 0x60) ||
         (fact.device == "PIIX4_PM" && (fact.offset == 0x40 || fact.offset == 0x80));
}

// What the machine measured had: 128 MiB of RAM, of which the board here has 16, and a
// system management mode, for which firmware would wait here in vain.
bool tells_of_the_machine(const Fact& fact) {
  return (fact.device == "i440FX" && fact.offset == 0x54) ||
         (fact.device == "PIIX4_PM" && fact.offset == 0x58);
}

TEST(PciConfig, values_after_reset_are_the_measured_ones) {
  PciBoard pc;
  pc.add("edu", "5");
  pc.add("pci-testdev", "6");
  qemu_system_reset();
  const std::map<std::string, int> devfn{{"i440FX", i440fx},
                                         {"PIIX3", piix3},
                                         {"PIIX4_PM", piix4_pm},
                                         {"edu", 5 << 3},
                                         {"pci-testdev", 6 << 3}};
  ASSERT_GT(facts().size(), 300u);
  for (const Fact& fact : facts()) {
    if (!set_up_by_the_board(fact) && !tells_of_the_machine(fact)) {
      EXPECT_EQ(pc.read(devfn.at(fact.device), fact.offset), fact.reset)
          << fact.device << " " << std::hex << fact.offset;
    }
  }
}

TEST(PciConfig, a_guest_can_write_the_measured_bits_and_no_others) {
  PciBoard pc;
  pc.add("edu", "5");
  pc.add("pci-testdev", "6");
  const std::map<std::string, int> devfn{{"i440FX", i440fx},
                                         {"PIIX3", piix3},
                                         {"PIIX4_PM", piix4_pm},
                                         {"edu", 5 << 3},
                                         {"pci-testdev", 6 << 3}};
  for (const Fact& fact : facts()) {
    const int place = devfn.at(fact.device);
    pc.write(place, fact.offset, 0xffffffff);
    const std::uint32_t ones = pc.read(place, fact.offset);
    pc.write(place, fact.offset, 0);
    EXPECT_EQ(ones ^ pc.read(place, fact.offset), fact.writable)
        << fact.device << " " << std::hex << fact.offset;
  }
}

TEST(PciConfig, firmware_is_told_that_system_management_mode_needs_no_set_up) {
  PciBoard pc;

  EXPECT_EQ(pc.read(piix4_pm, 0x5b, 1) & 2, 2u);
}

TEST(PciConfig, the_address_port_takes_four_bytes_only) {
  PciBoard pc;
  pc.out(0xcf8, 0x80000004, 4);
  pc.out(0xcf8, 0x1234, 2);
  pc.out(0xcf8, 0x55, 1);

  EXPECT_EQ(pc.in(0xcf8, 4), 0x80000004u);
}

TEST(PciConfig, the_address_is_kept_whole_though_reset_control_lies_inside_it) {
  PciBoard pc;
  pc.out(0xcf8, 0x12345678, 4);

  EXPECT_EQ(pc.in(0xcf8, 4), 0x12345678u);
  EXPECT_EQ(pc.in(0xcf9, 1), 0u);
}

TEST(PciConfig, bytes_and_words_are_read_at_their_place) {
  PciBoard pc;

  EXPECT_EQ(pc.read(i440fx, 0, 1), 0x86u);
  EXPECT_EQ(pc.read(i440fx, 1, 1), 0x80u);
  EXPECT_EQ(pc.read(i440fx, 2, 2), 0x1237u);
  EXPECT_EQ(pc.read(piix3, 0x0a, 2), 0x0601u);
}

TEST(PciConfig, nothing_answers_while_the_enable_bit_is_clear_or_nobody_is_there) {
  PciBoard pc;
  pc.out(0xcf8, 0, 4);
  EXPECT_EQ(pc.in(0xcfc, 4), 0xffffffffu);

  EXPECT_EQ(pc.read(0x80, 0), 0xffffffffu);
  pc.out(0xcf8, 0x80010000, 4);  // another bus
  EXPECT_EQ(pc.in(0xcfc, 2), 0xffffu);
}

TEST(PciConfig, a_wide_access_at_the_end_stays_inside) {
  PciBoard pc;
  PCIDevice* edu = pc.add("edu");

  EXPECT_EQ(pci_host_config_read(edu, 0xff, 4), 0xffffff00u | edu->config[0xff]);
  pci_host_config_write(edu, 0xfe, 0x44332211, 4);
  EXPECT_EQ(edu->config[0xff], 0x22);
  EXPECT_EQ(pci_host_config_read(edu, 0x1000, 4), 0xffffffffu);
  pci_host_config_write(edu, 0x1000, 0, 4);
}

// ---- base addresses -----------------------------------------------------------------

constexpr int testdev = 6 << 3;

TEST(PciBar, a_memory_region_appears_where_the_guest_puts_it_once_memory_is_on) {
  PciBoard pc;
  pc.add("edu", "6");
  pc.write(testdev, 0x10, 0xe0000000);
  EXPECT_EQ(memory_read(0xe0000000), 0xffffffffu);

  pc.write(testdev, 4, 2, 2);

  EXPECT_EQ(memory_read(0xe0000000), 0x010000edu);
}

TEST(PciBar, a_region_moves_and_goes) {
  PciBoard pc;
  pc.add("edu", "6");
  pc.write(testdev, 4, 2, 2);
  pc.write(testdev, 0x10, 0xe0000000);
  pc.write(testdev, 0x10, 0xe0100000);
  EXPECT_EQ(memory_read(0xe0000000), 0xffffffffu);
  EXPECT_EQ(memory_read(0xe0100000), 0x010000edu);

  pc.write(testdev, 4, 0, 2);

  EXPECT_EQ(memory_read(0xe0100000), 0xffffffffu);
}

TEST(PciBar, a_torn_write_moves_the_region_byte_by_byte) {
  PciBoard pc;
  pc.add("edu", "6");
  pc.write(testdev, 4, 2, 2);
  pc.write(testdev, 0x13, 0xe1, 1);
  EXPECT_EQ(memory_read(0xe1000000), 0x010000edu);

  pc.write(testdev, 0x12, 0x20, 1);

  EXPECT_EQ(memory_read(0xe1200000), 0x010000edu);
}

TEST(PciBar, ports_appear_once_io_is_on) {
  PciBoard pc;
  pc.add("pci-testdev", "6");
  pc.write(testdev, 0x14, 0xc000);
  pc.write(testdev, 4, 1, 2);

  pc.out(0xc000, 1, 1);

  EXPECT_EQ(pc.in(0xc000, 4), 0x00000104u);
}

TEST(PciBar, address_zero_and_the_top_of_memory_mean_nowhere) {
  PciBoard pc;
  PCIDevice* dev = pc.add("edu", "6");
  pc.write(testdev, 4, 2, 2);
  for (const std::uint32_t address : {0u, 0xffffffffu, 0xfff00000u}) {
    pc.write(testdev, 0x10, address);
    EXPECT_EQ(dev->io_regions[0].address, pci_bar_unmapped) << std::hex << address;
  }
}

TEST(PciBar, ram_wins_over_a_region_put_on_top_of_it) {
  PciBoard pc;
  pc.add("edu", "6");
  memory_write(0x200000, 0x1234);
  pc.write(testdev, 0x10, 0x200000);
  pc.write(testdev, 4, 2, 2);

  EXPECT_EQ(memory_read(0x200000), 0x1234u);
}

TEST(PciBar, a_64_bit_region_can_lie_above_4_gib) {
  PciBoard pc;
  DeviceState* dev = qdev_create(pc.bus(), "pci-testdev");
  object_property_parse(dev, "6", "addr");
  object_property_parse(dev, "1M", "membar");
  qdev_realize(dev);
  pc.write(testdev, 0x18, 0x00100000);
  pc.write(testdev, 0x1c, 0x12);
  pc.write(testdev, 4, 2, 2);

  EXPECT_EQ(object_cast<PCIDevice>(dev)->io_regions[2].address, 0x1200100000u);
  EXPECT_EQ(pc.read(testdev, 0x18) & 0xf, 0xcu);  // 64 bits, prefetchable
}

TEST(PciBar, a_reset_takes_all_regions_away) {
  PciBoard pc;
  PCIDevice* dev = pc.add("edu", "6");
  pc.write(testdev, 0x10, 0xe0000000);
  pc.write(testdev, 4, 7, 2);

  qemu_system_reset();

  EXPECT_EQ(dev->io_regions[0].address, pci_bar_unmapped);
  EXPECT_EQ(pc.read(testdev, 0x10), 0u);
}

TEST(PciRom, a_romfile_is_a_bar_of_the_next_power_of_two) {
  PciBoard pc;
  const std::string path =
      temporary_file(std::string("\x55\xaa\x09", 3) + std::string(4200, 'r'));
  DeviceState* dev = qdev_create(pc.bus(), "edu");
  object_property_parse(dev, "6", "addr");
  object_property_parse(dev, path, "romfile");
  qdev_realize(dev);
  pc.write(testdev, 0x30, 0xffffffff);
  EXPECT_EQ(pc.read(testdev, 0x30), 0xffffe001u);

  pc.write(testdev, 0x30, 0xe0000001);
  pc.write(testdev, 4, 2, 2);

  EXPECT_EQ(memory_read(0xe0000000, 2), 0xaa55u);
  memory_write(0xe0000000, 0, 2);
  EXPECT_EQ(memory_read(0xe0000000, 2), 0xaa55u);
}

TEST(PciRom, a_romfile_that_is_missing_or_empty_is_refused_and_leaves_the_slot_free) {
  PciBoard pc;
  const auto with_rom = [&](const std::string& path) {
    DeviceState* dev = qdev_create(pc.bus(), "edu");
    object_property_parse(dev, "6", "addr");
    object_property_parse(dev, path, "romfile");
    const std::string error = error_of([&] { qdev_realize(dev); });
    return error;
  };
  EXPECT_EQ(with_rom("nosuch.rom"), "failed to find romfile \"nosuch.rom\"");
  const std::string empty = temporary_file("");
  EXPECT_EQ(with_rom(empty), "romfile \"" + empty + "\" is empty");
  EXPECT_EQ(pc.bus()->devices[testdev], nullptr);
}

// ---- places on the bus --------------------------------------------------------------

TEST(PciPlace, the_first_free_slot_is_taken) {
  PciBoard pc;

  EXPECT_EQ(pc.add("edu")->devfn, 2 << 3);
  EXPECT_EQ(pc.add("edu")->devfn, 3 << 3);
}

TEST(PciPlace, an_address_is_hexadecimal) {
  PciBoard pc;
  const std::pair<const char*, int> cases[] = {{"5", 40},     {"0x6.0", 48}, {"10", 128},
                                               {"1f.7", 255}, {"07.3", 59},  {" +8", 64}};
  for (const auto& [text, devfn] : cases) {
    EXPECT_EQ(pc.add("edu", text)->devfn, devfn) << text;
  }
}

TEST(PciPlace, an_address_that_is_none_is_refused_in_4_0s_words) {
  PciBoard pc;
  for (const char* text :
       {"", "3.9", "20", "5.", "5x", "5.0.0", "-1", "g", "1.8", "99999999999999999999"}) {
    DeviceState* dev = qdev_create(pc.bus(), "edu");
    EXPECT_EQ(error_of([&] { object_property_parse(dev, text, "addr"); }),
              std::string("Property 'edu.addr' doesn't take value '") + text + "'");
    qdev_set_parent_bus(dev, nullptr);
  }
}

TEST(PciPlace, a_place_in_use_is_refused_by_the_name_of_who_is_there) {
  PciBoard pc;

  EXPECT_EQ(error_of([&] { pc.add("edu", "1.0"); }),
            "PCI: slot 1 function 0 not available for edu, in use by PIIX3");
}

TEST(PciPlace, function_0_must_say_that_there_are_others) {
  PciBoard pc;
  pc.add("edu", "3");
  EXPECT_EQ(error_of([&] { pc.add("edu", "3.1"); }),
            "PCI: single function device can't be populated in function 3.1");

  pc.add("edu", "4.1");
  EXPECT_EQ(error_of([&] { pc.add("edu", "4"); }),
            "PCI: 4.0 indicates single function, but 4.1 is already populated.");

  pc.add("edu", "5", true);
  pc.add("edu", "5.1");
  EXPECT_EQ(pc.read(5 << 3, 0x0e, 1), 0x80u);
}

TEST(PciPlace, a_full_bus_says_so) {
  PciBoard pc;
  for (int slot = 2; slot < 32; ++slot) {
    pc.add("edu");
  }
  EXPECT_EQ(error_of([&] { pc.add("edu"); }),
            "PCI: no slot/function available for edu, all in use or reserved");
}

TEST(PciPlace, the_address_can_be_read_as_number_and_as_text) {
  PciBoard pc;
  PCIDevice* dev = pc.add("edu", "5.1");

  EXPECT_EQ(object_property_get_int(dev, "addr"), 41);
  EXPECT_EQ(object_property_get_str(dev, "legacy-addr"), "05.1");
}

TEST(PciPlace, an_unplugged_device_frees_its_place) {
  PciBoard pc;
  PCIDevice* dev = pc.add("edu", "6");
  pc.write(testdev, 0x10, 0xe0000000);
  pc.write(testdev, 4, 2, 2);

  object_unparent(dev);

  EXPECT_EQ(pc.read(testdev, 0), 0xffffffffu);
  EXPECT_EQ(memory_read(0xe0000000), 0xffffffffu);
  EXPECT_EQ(pc.add("edu", "6")->devfn, testdev);
}

// ---- memory below 1 MiB -------------------------------------------------------------

// With firmware the registers are as after power-on: everything is ROM.
Board::Configure with_firmware() {
  const std::string path = temporary_file(std::string(256 << 10, '\x90'));
  return [path](MachineState* machine) { machine->firmware = path; };
}

TEST(Pam, each_register_switches_its_pieces_between_rom_and_ram) {
  PciBoard pc(with_firmware());
  for (unsigned piece = 0; piece < 12; ++piece) {
    const std::uint64_t address = 0xc0000 + piece * 0x4000;
    const unsigned offset = 0x5a + piece / 2, shift = piece % 2 * 4;
    const auto writable = [&] {
      memory_write(address, 0x5a, 1);
      return memory_read(address, 1) == 0x5a;
    };
    EXPECT_FALSE(writable()) << piece;
    pc.write(i440fx, offset, 3u << shift, 1);
    EXPECT_TRUE(writable()) << piece;
    pc.write(i440fx, offset, 1u << shift, 1);
    memory_write(address, 0xa5, 1);
    EXPECT_EQ(memory_read(address, 1), 0x5au) << piece;  // RAM, read-only
    pc.write(i440fx, offset, 0, 1);
  }
}

TEST(Pam, the_last_64_kib_have_a_register_of_their_own) {
  PciBoard pc(with_firmware());
  pc.write(i440fx, 0x59, 0x30, 1);
  memory_write(0xfffff, 0x77, 1);
  EXPECT_EQ(memory_read(0xfffff, 1), 0x77u);

  pc.write(i440fx, 0x59, 0, 1);

  EXPECT_EQ(memory_read(0xfffff, 1), 0x90u);
}

TEST(Pam, an_image_without_firmware_finds_ram_there) {
  PciBoard pc;
  memory_write(0xc1234, 0x11, 1);
  memory_write(0xf1234, 0x22, 1);

  EXPECT_EQ(memory_read(0xc1234, 1), 0x11u);
  EXPECT_EQ(memory_read(0xf1234, 1), 0x22u);
}

TEST(Pam, memory_says_how_much_ram_there_is_to_firmware) {
  PciBoard pc;

  EXPECT_EQ(pc.read(i440fx, 0x57, 1), 2u);  // 16 MiB in units of 8
}

// ---- interrupts ---------------------------------------------------------------------

// Whether ISA line 10 or 11 is up, as the slave 8259 sees it (request register).
std::uint32_t slave_requests(PciBoard& pc) {
  pc.out(0xa0, 0x0a, 1);
  return pc.in(0xa0, 1);
}

struct WithInterrupts : PciBoard {
  WithInterrupts() {
    out(0xa0, 0x11, 1);  // start both 8259s, then level-triggered lines 10 and 11
    out(0xa1, 0x28, 1);
    out(0xa1, 0x02, 1);
    out(0xa1, 0x01, 1);
    out(0x4d1, 0x0c, 1);
  }
};

void raise_edu(PciBoard& pc, std::uint32_t address, int devfn, bool up) {
  pc.write(devfn, 0x10, address);
  pc.write(devfn, 4, 2, 1);
  memory_write(address + (up ? 0x60 : 0x64), 1);
}

TEST(PciInterrupt, a_pin_arrives_at_the_isa_line_its_wire_leads_to) {
  WithInterrupts pc;
  pc.add("edu", "2");  // pin A of slot 2 is PIRQ B
  pc.write(piix3, 0x60, 0x80800b80);
  raise_edu(pc, 0xe0000000, 2 << 3, true);
  EXPECT_EQ(slave_requests(pc), 1u << 3);  // line 11

  raise_edu(pc, 0xe0000000, 2 << 3, false);

  EXPECT_EQ(slave_requests(pc), 0u);
}

TEST(PciInterrupt, neighbouring_slots_use_different_wires) {
  WithInterrupts pc;
  for (int slot = 2; slot < 6; ++slot) {
    const int wire = (slot - 1) & 3;
    pc.add("edu", std::to_string(slot).c_str());
    pc.write(piix3, 0x60, 0x80808080);
    pc.write(piix3, 0x60 + static_cast<unsigned>(wire), 10, 1);
    raise_edu(pc, 0xe0000000, slot << 3, true);
    EXPECT_EQ(slave_requests(pc), 1u << 2) << slot;
    raise_edu(pc, 0xe0000000, slot << 3, false);
    pc.write(slot << 3, 4, 0, 1);
  }
}

TEST(PciInterrupt, a_shared_line_stays_up_until_the_last_device_lets_go) {
  WithInterrupts pc;
  pc.add("edu", "2");
  pc.add("edu", "3");
  pc.write(piix3, 0x60, 0x0a0a0a0a);
  raise_edu(pc, 0xe0000000, 2 << 3, true);
  raise_edu(pc, 0xe1000000, 3 << 3, true);
  raise_edu(pc, 0xe0000000, 2 << 3, false);
  EXPECT_EQ(slave_requests(pc), 1u << 2);

  raise_edu(pc, 0xe1000000, 3 << 3, false);

  EXPECT_EQ(slave_requests(pc), 0u);
}

TEST(PciInterrupt, a_new_route_takes_the_level_along) {
  WithInterrupts pc;
  pc.add("edu", "2");
  pc.write(piix3, 0x61, 10, 1);
  raise_edu(pc, 0xe0000000, 2 << 3, true);
  EXPECT_EQ(slave_requests(pc), 1u << 2);

  pc.write(piix3, 0x61, 11, 1);
  EXPECT_EQ(slave_requests(pc), 1u << 3);

  pc.write(piix3, 0x61, 0x80, 1);
  EXPECT_EQ(slave_requests(pc), 0u);
}

TEST(PciInterrupt, the_disable_bit_cuts_the_wire_and_the_status_bit_still_tells) {
  WithInterrupts pc;
  pc.add("edu", "2");
  pc.write(piix3, 0x61, 10, 1);
  raise_edu(pc, 0xe0000000, 2 << 3, true);

  pc.write(2 << 3, 4, 0x402, 2);
  EXPECT_EQ(slave_requests(pc), 0u);
  EXPECT_EQ(pc.read(2 << 3, 6, 2) & 8, 8u);

  pc.write(2 << 3, 4, 0x002, 2);
  EXPECT_EQ(slave_requests(pc), 1u << 2);
}

TEST(ResetControl, keeps_the_kind_and_does_not_reset_without_being_told) {
  PciBoard pc;
  pc.out(0xcf9, 2, 1);

  EXPECT_EQ(pc.in(0xcf9, 1), 2u);
}

}  // namespace
