// What no card of ours uses yet of a PCI device: several MSI vectors and their masks,
// MSI-X, capabilities that collide.
#include "core/pci.h"
#include "core/msi.h"
#include "fixture.h"

namespace core_test {
namespace {

constexpr const char* TYPE_CARD = "core-test-card";
constexpr const char* TYPE_BRIDGE = "core-test-host-bridge";

void card_realize(PCIDevice* dev) {
  msi_init(dev, 0x50, 4, true, true);
  MemoryRegion* bar = memory_region_new_container(dev, "bar", 0x1000);
  msix_init(dev, 3, bar, 0, 0, 0x800, 0x70);
  pci_register_bar(dev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, bar);
}

constexpr InterfaceInfo interfaces[] = {{INTERFACE_CONVENTIONAL_PCI_DEVICE}, {}};

constinit const TypeInfo card_info{
    .name = TYPE_CARD,
    .parent = TYPE_PCI_DEVICE,
    .class_init =
        [](ObjectClass* klass, void*) {
          class_cast<PCIDeviceClass>(klass)->realize_pci = card_realize;
        },
    .interfaces = interfaces,
};

constinit const TypeInfo bridge_info{
    .name = TYPE_BRIDGE,
    .parent = TYPE_PCI_HOST_BRIDGE,
};

void card_register_types() {
  type_register_static(card_info);
  type_register_static(bridge_info);
}

type_init(card_register_types);

constexpr std::uint64_t base = 0xe0000000, mailbox = 0x1000;
constexpr unsigned msi = 0x50, msix = 0x70;

struct PciCard : WithMachine {
  PciCard() {
    ram_ = memory_region_new_ram(nullptr, "ram", 0x10000);
    memory_region_add_subregion(get_system_memory(), 0, ram_);
    DeviceState* bridge = qdev_create(nullptr, TYPE_BRIDGE);
    bus = pci_root_bus_new(bridge, "pci.0", get_system_memory(), get_system_io(), 0,
                           TYPE_PCI_BUS);
    qdev_init_nofail(bridge);
    qemu_run_machine_init_done_notifiers();
    card = pci_create_simple(bus, -1, TYPE_CARD);
    config(0x10, base, 4);
    config(PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
  }

  void config(unsigned offset, std::uint32_t value, unsigned size) {
    pci_host_config_write(card, offset, value, size);
  }

  void write(std::uint64_t address, std::uint32_t value) {
    std::array<std::byte, 4> bytes{};
    for (unsigned i = 0; i < 4; ++i)
      bytes[i] = static_cast<std::byte>(value >> 8 * i);
    address_space_memory().write(address, bytes);
  }

  std::uint32_t read(std::uint64_t address) {
    std::array<std::byte, 4> bytes{};
    address_space_memory().read(address, bytes);
    std::uint32_t value = 0;
    for (unsigned i = 4; i-- > 0;)
      value = value << 8 | static_cast<std::uint32_t>(bytes[i]);
    return value;
  }

  // What was written last, and forgets it.
  std::uint32_t message() {
    const std::uint32_t value = read(mailbox);
    write(mailbox, 0);
    return value;
  }

  void enable_msi(unsigned log2_vectors) {
    config(msi + 4, mailbox, 4);
    config(msi + 12, 0x40, 2);
    config(msi + 2, 1 | log2_vectors << 4, 2);
  }

  void enable_msix() {
    for (std::uint32_t vector = 0; vector < 3; ++vector) {
      write(base + vector * 16, mailbox);
      write(base + vector * 16 + 8, 0x50 + vector);
      write(base + vector * 16 + 12, 0);
    }
    config(msix + 2, 1 << 15, 2);
  }

  PCIBus* bus = nullptr;
  PCIDevice* card = nullptr;

 private:
  MemoryRegion* ram_ = nullptr;
};

TEST_F(PciCard, a_vector_is_added_to_the_data_of_msi) {
  enable_msi(2);

  msi_notify(card, 3);

  EXPECT_EQ(message(), 0x43u);
}

TEST_F(PciCard, with_fewer_vectors_given_than_asked_they_share) {
  enable_msi(0);

  msi_notify(card, 3);

  EXPECT_EQ(message(), 0x40u);
}

TEST_F(PciCard, a_masked_msi_vector_fires_when_the_mask_goes) {
  enable_msi(2);
  config(msi + 16, 1u << 2, 4);
  msi_notify(card, 2);
  EXPECT_EQ(message(), 0u);
  EXPECT_EQ(pci_get_long(card->config, msi + 20), 1u << 2);

  config(msi + 16, 0, 4);

  EXPECT_EQ(message(), 0x42u);
  EXPECT_EQ(pci_get_long(card->config, msi + 20), 0u);
}

TEST_F(PciCard, a_vector_that_does_not_exist_does_nothing) {
  enable_msi(2);
  enable_msix();

  msi_notify(card, 4);
  msix_notify(card, 3);

  EXPECT_EQ(message(), 0u);
}

TEST_F(PciCard, no_message_leaves_a_card_that_is_no_bus_master) {
  enable_msi(0);
  config(PCI_COMMAND, PCI_COMMAND_MEMORY, 2);

  msi_notify(card, 0);

  EXPECT_EQ(message(), 0u);
}

TEST_F(PciCard, msix_sends_what_its_table_says) {
  enable_msix();

  msix_notify(card, 1);

  EXPECT_EQ(message(), 0x51u);
}

TEST_F(PciCard, a_masked_msix_vector_is_pending_until_the_mask_goes) {
  enable_msix();
  write(base + 16 + 12, 1);
  msix_notify(card, 1);
  EXPECT_EQ(message(), 0u);
  EXPECT_EQ(read(base + 0x800), 1u << 1);

  write(base + 16 + 12, 0);

  EXPECT_EQ(message(), 0x51u);
  EXPECT_EQ(read(base + 0x800), 0u);
}

TEST_F(PciCard, the_function_mask_holds_all_vectors_back) {
  enable_msix();
  config(msix + 2, 1u << 15 | 1u << 14, 2);
  msix_notify(card, 0);
  EXPECT_EQ(message(), 0u);

  config(msix + 2, 1u << 15, 2);

  EXPECT_EQ(message(), 0x50u);
}

TEST_F(PciCard, a_reset_masks_every_msix_vector_and_forgets_the_table) {
  enable_msix();

  qbus_reset_all(bus);

  EXPECT_FALSE(msix_enabled(card));
  config(0x10, base, 4);
  config(PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
  EXPECT_EQ(read(base), 0u);
  EXPECT_EQ(read(base + 12), 1u);
}

TEST_F(PciCard, pending_bits_cannot_be_written) {
  write(base + 0x800, 0xffffffff);

  EXPECT_EQ(read(base + 0x800), 0u);
}

TEST_F(PciCard, capabilities_are_found_by_their_number) {
  EXPECT_EQ(pci_find_capability(card, PCI_CAP_ID_MSI), msi);
  EXPECT_EQ(pci_find_capability(card, PCI_CAP_ID_MSIX), msix);
  EXPECT_EQ(pci_find_capability(card, PCI_CAP_ID_VNDR), 0u);
}

TEST_F(PciCard, a_capability_that_does_not_fit_is_refused) {
  EXPECT_THAT(error_of([&] { pci_add_capability(card, PCI_CAP_ID_VNDR, 0x54, 8); }),
              HasSubstr("overlaps"));
  EXPECT_THAT(error_of([&] { pci_add_capability(card, PCI_CAP_ID_VNDR, 0xf8, 16); }),
              HasSubstr("no room"));
  EXPECT_EQ(pci_add_capability(card, PCI_CAP_ID_VNDR, 0, 8), 0x40);
}

TEST_F(PciCard, a_list_of_capabilities_that_goes_in_circles_is_walked_once) {
  card->config[msix + 1] = msix;

  EXPECT_EQ(pci_find_capability(card, PCI_CAP_ID_VNDR), 0u);
}

}  // namespace
}  // namespace core_test
