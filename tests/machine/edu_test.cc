// edu, pci-testdev and pvpanic against their documented registers.
#include <chrono>
#include <mutex>
#include <thread>

#include "board.h"
#include "core/msi.h"
#include "core/pci.h"

namespace {

using namespace machine_test;

constexpr std::uint64_t base = 0xe0000000;
constexpr std::int64_t dma_time = 100'000'000;

class EduBoard {
 public:
  explicit EduBoard(std::uint64_t dma_mask = 0) : board_("pc-i440fx-4.0") {
    auto* bus = object_cast<BusState>(object_resolve_path_type("", "PCI"));
    DeviceState* dev = qdev_create(bus, "edu");
    if (dma_mask != 0) {
      qdev_prop_set_uint64(dev, "dma_mask", dma_mask);
    }
    qdev_realize(dev);
    edu_ = object_cast<PCIDevice>(dev);
    pci_host_config_write(edu_, 0x10, base, 4);
    pci_host_config_write(edu_, 4, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
  }

  std::uint64_t read(std::uint64_t offset, unsigned size = 4) {
    const std::lock_guard lock(big_lock());
    return read_memory(base + offset, size);
  }

  void write(std::uint64_t offset, std::uint64_t value, unsigned size = 4) {
    const std::lock_guard lock(big_lock());
    write_memory(base + offset, value, size);
  }

  std::uint64_t read_memory(std::uint64_t address, unsigned size) {
    return read_number(address_space_memory(), address, size);
  }

  void write_memory(std::uint64_t address, std::uint64_t value, unsigned size) {
    write_number(address_space_memory(), address, value, size);
  }

  // Waits for the thread as a driver does: until bit 0 is clear.
  std::uint32_t factorial(std::uint32_t n) {
    write(0x08, n);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while ((read(0x20) & 1) != 0 && std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
    return static_cast<std::uint32_t>(read(0x08));
  }

  void dma(std::uint64_t source, std::uint64_t destination, std::uint64_t count,
           std::uint64_t command) {
    write(0x80, source, 8);
    write(0x88, destination, 8);
    write(0x90, count, 8);
    write(0x98, command, 8);
  }

  Board& board() { return board_; }

  PCIDevice* device() { return edu_; }

 private:
  Board board_;
  PCIDevice* edu_ = nullptr;
};

TEST(Edu, says_what_it_is_and_inverts) {
  EduBoard edu;
  EXPECT_EQ(edu.read(0), 0x010000edu);

  edu.write(4, 0x12345678);

  EXPECT_EQ(edu.read(4), 0xedcba987u);
}

TEST(Edu, computes_factorials_modulo_2_to_the_32) {
  EduBoard edu;
  const std::pair<std::uint32_t, std::uint32_t> cases[] = {
      {0, 1},           {1, 1},  {5, 120},       {12, 479001600},
      {13, 1932053504}, {34, 0}, {0xffffffff, 0}};
  for (const auto& [n, expected] : cases) {
    EXPECT_EQ(edu.factorial(n), expected) << n;
  }
}

TEST(Edu, interrupts_when_a_factorial_is_done_if_it_is_told_to) {
  EduBoard edu;
  edu.factorial(3);
  EXPECT_EQ(edu.read(0x24), 0u);

  edu.write(0x20, 0x80);
  edu.factorial(3);

  EXPECT_EQ(edu.read(0x24), 1u);
  EXPECT_EQ(edu.device()->irq_state, 1);
}

TEST(Edu, the_pin_is_up_until_every_cause_is_acknowledged) {
  EduBoard edu;
  edu.write(0x60, 0x30);
  EXPECT_EQ(edu.read(0x24), 0x30u);
  edu.write(0x64, 0x10);
  EXPECT_EQ(edu.device()->irq_state, 1);

  edu.write(0x64, 0x20);

  EXPECT_EQ(edu.device()->irq_state, 0);
}

TEST(Edu, registers_below_0x80_take_four_bytes_only) {
  EduBoard edu;
  edu.write(4, 0x11, 1);
  edu.write(4, 0x11, 2);

  EXPECT_EQ(edu.read(4), 0u);
  EXPECT_EQ(edu.read(0, 8), ~0ull);
  EXPECT_EQ(edu.read(0, 2), 0xffffu);
  EXPECT_EQ(edu.read(0x80, 8), 0u);
}

TEST(Edu, copies_into_its_buffer_and_out_again) {
  EduBoard edu;
  edu.write_memory(0x100000, 0x1122334455667788, 8);
  edu.dma(0x100000, 0x40010, 8, 1);
  EXPECT_EQ(edu.read(0x98), 1u);
  edu.board().pass(dma_time);
  EXPECT_EQ(edu.read(0x98), 0u);

  edu.dma(0x40010, 0x200000, 8, 1 | 2);
  edu.board().pass(dma_time);

  EXPECT_EQ(edu.read_memory(0x200000, 8), 0x1122334455667788u);
}

TEST(Edu, a_transfer_takes_its_time_and_interrupts_if_it_is_told_to) {
  EduBoard edu;
  edu.dma(0x100000, 0x40000, 8, 1 | 4);
  edu.board().pass(dma_time - 1);
  EXPECT_EQ(edu.read(0x24), 0u);

  edu.board().pass(1);

  EXPECT_EQ(edu.read(0x24), 0x100u);
}

TEST(Edu, its_registers_do_not_change_while_it_copies) {
  EduBoard edu;
  edu.dma(0x100000, 0x40000, 8, 1);
  edu.write(0x80, 0x999, 8);

  EXPECT_EQ(edu.read(0x80, 8), 0x100000u);
}

TEST(Edu, a_transfer_beyond_its_buffer_copies_nothing_and_ends) {
  EduBoard edu;
  const std::pair<std::uint64_t, std::uint64_t> cases[] = {
      {0x3ffff, 8},    {0x40ff9, 8},     {0x41000, 1},
      {0x40000, 4097}, {0x40000, ~0ull}, {~0ull, 8}};
  for (const auto& [start, count] : cases) {
    edu.write_memory(0x200000, 0x77, 1);
    edu.dma(start, 0x200000, count, 1 | 2);
    edu.board().pass(dma_time);
    EXPECT_EQ(edu.read_memory(0x200000, 1), 0x77u) << std::hex << start;
    EXPECT_EQ(edu.read(0x98) & 1, 0u);
  }
}

TEST(Edu, reaches_memory_only_below_its_mask) {
  EduBoard edu(0xfffff);
  edu.write_memory(0x1234, 0x42, 1);
  edu.dma(0xff01234, 0x40000, 1, 1);
  edu.board().pass(dma_time);

  edu.dma(0x40000, 0x2000, 1, 1 | 2);
  edu.board().pass(dma_time);

  EXPECT_EQ(edu.read_memory(0x2000, 1), 0x42u);
}

TEST(Edu, reaches_no_memory_unless_it_is_a_bus_master) {
  EduBoard edu;
  pci_host_config_write(edu.device(), 4, PCI_COMMAND_MEMORY, 2);
  edu.write_memory(0x2000, 0x42, 1);
  edu.dma(0x40000, 0x2000, 1, 1 | 2);

  edu.board().pass(dma_time);

  EXPECT_EQ(edu.read_memory(0x2000, 1), 0x42u);
}

TEST(Msi, an_interrupt_is_a_write_of_the_data_to_the_address) {
  EduBoard edu;
  const unsigned cap = pci_find_capability(edu.device(), PCI_CAP_ID_MSI);
  ASSERT_NE(cap, 0u);
  pci_host_config_write(edu.device(), cap + 4, 0x300000, 4);  // RAM stands for an APIC
  pci_host_config_write(edu.device(), cap + 12, 0x4142, 2);
  pci_host_config_write(edu.device(), cap + 2, 1, 2);

  edu.write(0x60, 1);

  EXPECT_EQ(edu.read_memory(0x300000, 4), 0x4142u);
  EXPECT_EQ(edu.device()->irq_state, 0);
}

TEST(Msi, switching_it_on_releases_the_pin) {
  EduBoard edu;
  edu.write(0x60, 1);
  ASSERT_EQ(edu.device()->irq_state, 1);
  const unsigned cap = pci_find_capability(edu.device(), PCI_CAP_ID_MSI);

  pci_host_config_write(edu.device(), cap + 2, 1, 2);

  EXPECT_EQ(edu.device()->irq_state, 0);
}

TEST(Edu, can_be_unplugged_while_it_computes) {
  EduBoard edu;
  edu.write(8, 0xffffffff);
  const std::lock_guard lock(big_lock());

  object_unparent(edu.device());
}

// ---- pvpanic ------------------------------------------------------------------------

TEST(PvPanic, says_that_panics_can_be_told) {
  Board board("pc-i440fx-4.0");
  DeviceState* dev =
      qdev_create(object_cast<BusState>(object_resolve_path_type("", "ISA")), "pvpanic");
  qdev_realize(dev);

  EXPECT_EQ(object_property_get_uint(dev, "ioport"), 0x505u);
  EXPECT_EQ(board.in(0x505), 1);
}

// ---- pci-testdev --------------------------------------------------------------------

struct TestDevice {
  TestDevice() : board("pc-i440fx-4.0") {
    auto* bus = object_cast<BusState>(object_resolve_path_type("", "PCI"));
    DeviceState* dev = qdev_create(bus, "pci-testdev");
    qdev_realize(dev);
    auto* pci = object_cast<PCIDevice>(dev);
    pci_host_config_write(pci, 0x14, 0xc000, 4);
    pci_host_config_write(pci, 4, PCI_COMMAND_IO, 2);
  }

  std::string name() {
    std::string text;
    for (std::uint16_t port = 0xc010; const std::uint8_t c = board.in(port); ++port) {
      text += static_cast<char>(c);
    }
    return text;
  }

  Board board;
};

TEST(PciTestDev, names_its_tests_and_says_where_to_write_what) {
  TestDevice dev;

  const struct {
    std::uint8_t test, index, offset, data;
    const char* name;
  } measured[] = {{0, 3, 0x83, 0xfa, "portio-no-eventfd"},
                  {1, 4, 0x84, 0xce, "portio-wildcard-eventfd"},
                  {2, 5, 0x85, 0xfa, "portio-datamatch-eventfd"}};

  for (const auto& row : measured) {
    dev.board.out(0xc000, row.test);
    EXPECT_EQ(dev.board.in(0xc000), row.index);
    EXPECT_EQ(dev.board.in(0xc001), 1);
    EXPECT_EQ(dev.board.in(0xc004), row.offset);
    EXPECT_EQ(dev.board.in(0xc008), row.data);
    EXPECT_EQ(dev.name(), row.name);
  }
}

TEST(PciTestDev, counts_the_writes_that_match) {
  TestDevice dev;
  dev.board.out(0xc000, 0);
  dev.board.out(0xc083, 0xfa);
  dev.board.out(0xc083, 0xfa);
  dev.board.out(0xc083, 0xfb);
  dev.board.out(0xc084, 0xfa);

  EXPECT_EQ(dev.board.in(0xc00c), 2);
}

TEST(PciTestDev, a_test_that_does_not_exist_ends_the_one_before) {
  TestDevice dev;
  dev.board.out(0xc000, 0);
  dev.board.out(0xc000, 3);

  EXPECT_EQ(dev.board.in(0xc004), 0);
}

// ---- power management ---------------------------------------------------------------

struct PowerBoard {
  PowerBoard() : board("pc-i440fx-4.0") {
    auto* pm = object_cast<PCIDevice>(object_resolve_path_type("", "PIIX4_PM"));
    pci_host_config_write(pm, 0x40, 0x601, 4);
    pci_host_config_write(pm, 0x80, 1, 1);
  }

  std::uint32_t timer() {
    std::byte bytes[4];
    address_space_io().read(0x608, bytes);
    return std::to_integer<std::uint32_t>(bytes[0]) |
           std::to_integer<std::uint32_t>(bytes[1]) << 8 |
           std::to_integer<std::uint32_t>(bytes[2]) << 16 |
           std::to_integer<std::uint32_t>(bytes[3]) << 24;
  }

  Board board;
};

TEST(Piix4Pm, the_timer_counts_at_3_579545_mhz_in_24_bits) {
  PowerBoard pm;
  const std::uint32_t before = pm.timer();

  pm.board.pass(1'000'000'000);

  EXPECT_EQ((pm.timer() - before) & 0xffffff, 3579545u);
  pm.board.pass(10'000'000'000);
  EXPECT_LT(pm.timer(), 1u << 24);
}

TEST(Piix4Pm, the_timer_s_overflow_is_an_event_that_interrupts_if_enabled) {
  PowerBoard pm;
  pm.board.out(0x21, 0);   // let the slave through; line 9 is the slave's line 1
  pm.board.out(0x600, 1);  // clear what is there
  pm.board.out(0x602, 1);  // timer events interrupt
  EXPECT_EQ(pm.board.in(0x600) & 1, 0);

  pm.board.pass(2'500'000'000);  // 2^23 ticks are 2.34 s

  EXPECT_EQ(pm.board.in(0x600) & 1, 1);
  pm.board.out(0xa0, 0x0a);
  EXPECT_EQ(pm.board.in(0xa0) & 2, 2);
}

TEST(Piix4Pm, apm_commands_give_events_to_acpi_and_take_them_back) {
  PowerBoard pm;
  pm.board.out(0xb2, 0xf1);
  EXPECT_EQ(pm.board.in(0x604) & 1, 1);

  pm.board.out(0xb2, 0xf0);

  EXPECT_EQ(pm.board.in(0x604) & 1, 0);
}

TEST(Piix4Pm, its_ports_are_where_and_while_the_guest_wants_them) {
  PowerBoard pm;
  auto* dev = object_cast<PCIDevice>(object_resolve_path_type("", "PIIX4_PM"));
  pm.board.out(0x602, 0x20);
  pci_host_config_write(dev, 0x40, 0xb001, 4);
  EXPECT_EQ(pm.board.in(0xb002), 0x20);
  EXPECT_EQ(pm.board.in(0x602), 0xff);

  pci_host_config_write(dev, 0x80, 0, 1);

  EXPECT_EQ(pm.board.in(0xb002), 0xff);
}

TEST(Piix4Pm, general_purpose_events_are_enabled_and_cleared_by_the_guest) {
  PowerBoard pm;
  for (std::uint16_t port = 0xafe0; port < 0xafe4; ++port) {
    pm.board.out(port, 0xff);
  }
  EXPECT_EQ(pm.board.in(0xafe0), 0);
  EXPECT_EQ(pm.board.in(0xafe2), 0xff);
}

TEST(Piix4Pm, tells_which_slots_can_be_emptied_and_which_cpus_are_there) {
  PowerBoard pm;
  std::byte slots[4];
  address_space_io().read(0xae0c, slots);

  EXPECT_EQ(slots[0], std::byte{0xfc});  // slots 0 and 1 are the chipset
  EXPECT_EQ(slots[3], std::byte{0xff});
  EXPECT_EQ(pm.board.in(0xaf00), 1);
  EXPECT_EQ(pm.board.in(0xaf1f), 0);
}

}  // namespace
