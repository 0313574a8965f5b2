// The card under a virtio device: who it says it is, where its registers are, messages
// instead of its pin.
#include <algorithm>

#include "core/msi.h"
#include "driver.h"

namespace virtio_test {
namespace {

using Properties = std::map<std::string, std::string>;

TEST(VirtioPci, a_transitional_card_has_the_older_numbers) {
  DiskBoard it(Face::legacy);

  EXPECT_EQ(config_read(it.card, 0x00), 0x10011af4u);
  EXPECT_EQ(config_read(it.card, 0x08), 0x01000000u);
  EXPECT_EQ(config_read(it.card, 0x2c), 0x00021af4u);
  EXPECT_EQ(config_read(it.card, 0x3d, 1), 1u);
}

TEST(VirtioPci, a_modern_card_has_the_newer_numbers) {
  DiskBoard it(Face::modern, {{"disable-legacy", "on"}});

  EXPECT_EQ(config_read(it.card, 0x00), 0x10421af4u);
  EXPECT_EQ(config_read(it.card, 0x08, 1), 1u);
  EXPECT_EQ(config_read(it.card, 0x2c), 0x11001af4u);
}

TEST(VirtioPci, the_types_say_which_faces_there_are) {
  DiskBoard non_transitional(Face::modern, {}, "virtio-blk-pci-non-transitional");
  EXPECT_EQ(config_read(non_transitional.card, 0x00), 0x10421af4u);
}

TEST(VirtioPci, a_legacy_card_has_no_modern_registers) {
  DiskBoard it(Face::legacy, {{"disable-modern", "on"}});

  EXPECT_EQ(it.card->io_regions[4].size, 0u);
  EXPECT_EQ(it.driver().offered() >> 7 & 1, 1u);  // SCSI, which modern drivers never see
}

TEST(VirtioPci, regions_have_the_sizes_of_4_0) {
  DiskBoard it(Face::legacy);

  EXPECT_EQ(it.card->io_regions[0].size, 0x80u);
  EXPECT_EQ(it.card->io_regions[1].size, 0x1000u);
  EXPECT_EQ(it.card->io_regions[4].size, 0x4000u);
}

TEST(VirtioPci, a_page_per_queue_makes_a_larger_region) {
  DiskBoard it(Face::modern, {{"page-per-vq", "on"}});

  EXPECT_EQ(it.card->io_regions[4].size, 0x800000u);
}

// Type, BAR, offset, length of each vendor capability, from the head of the list.
std::vector<std::array<std::uint32_t, 4>> capabilities(const PCIDevice* card) {
  std::vector<std::array<std::uint32_t, 4>> found;
  for (unsigned at = config_read(card, 0x34, 1); at != 0;
       at = config_read(card, at + 1, 1)) {
    if (config_read(card, at, 1) == 0x09) {
      found.push_back({config_read(card, at + 3, 1), config_read(card, at + 4, 1),
                       config_read(card, at + 8), config_read(card, at + 12)});
    }
  }
  return found;
}

TEST(VirtioPci, capabilities_say_where_the_registers_are) {
  DiskBoard it(Face::modern);

  const std::vector<std::array<std::uint32_t, 4>> expected{{5, 0, 0, 0},
                                                           {2, 4, 0x3000, 0x1000},
                                                           {4, 4, 0x2000, 0x1000},
                                                           {3, 4, 0x1000, 0x1000},
                                                           {1, 4, 0x0000, 0x1000}};
  EXPECT_EQ(capabilities(it.card), expected);
}

TEST(VirtioPci, notification_by_port_has_a_region_of_its_own) {
  DiskBoard it(Face::modern, {{"modern-pio-notify", "on"}});

  EXPECT_EQ(it.card->io_regions[2].size, 4u);
}

unsigned window_of(const PCIDevice* card) {
  for (unsigned at = config_read(card, 0x34, 1); at != 0;
       at = config_read(card, at + 1, 1)) {
    if (config_read(card, at, 1) == 0x09 && config_read(card, at + 3, 1) == 5) {
      return at;
    }
  }
  return 0;
}

TEST(VirtioPci, the_window_reaches_registers_that_are_mapped_nowhere) {
  DiskBoard it(Face::modern);
  const unsigned window = window_of(it.card);
  config_write(it.card, 0x04, 0, 2);  // nothing is decoded
  config_write(it.card, window + 8, 0x14);
  config_write(it.card, window + 12, 1);

  config_write(it.card, window + 16, 3, 1);

  EXPECT_EQ(config_read(it.card, window + 16, 1), 3u);
}

TEST(VirtioPci, a_window_that_leads_out_of_the_region_does_nothing) {
  DiskBoard it(Face::modern);
  const unsigned window = window_of(it.card);
  for (const std::uint32_t offset : {0x4000u, 0x3ffeu, 0xfffffffcu}) {
    config_write(it.card, window + 8, offset);
    config_write(it.card, window + 12, 4);
    config_write(it.card, window + 16, 0xffffffff);
    EXPECT_EQ(config_read(it.card, window + 16), 0xffffffffu);
  }
  EXPECT_EQ(it.driver().status(), 0);
}

TEST(VirtioPci, sends_a_message_once_the_guest_switched_them_on) {
  constexpr std::uint64_t msix_bar = 0xe0000000;
  DiskBoard it(Face::modern);
  const unsigned cap = pci_find_capability(it.card, PCI_CAP_ID_MSIX);
  config_write(it.card, cap + 2, 0x8000, 2);
  write_number(address_space_memory(), msix_bar + 16, message_at, 8);
  write_number(address_space_memory(), msix_bar + 24, 0x1234, 4);
  write_number(address_space_memory(), msix_bar + 28, 0, 4);
  it.driver().start();
  it.driver().set_queue_vector(1);

  it.driver().request(0, 0, {}, 512);

  EXPECT_EQ(read_number(address_space_memory(), message_at, 4), 0x1234u);
  EXPECT_EQ(it.card->irq_state, 0);
}

TEST(VirtioPci, a_vector_it_does_not_have_is_none) {
  DiskBoard it(Face::modern);
  it.driver().start();

  it.driver().set_queue_vector(2);

  EXPECT_EQ(read_number(address_space_memory(), 0xe010001a, 2), 0xffffu);
}

TEST(VirtioPci, a_card_that_may_not_reach_memory_has_no_driver_any_more) {
  DiskBoard it(Face::legacy);
  it.driver().start();

  config_write(it.card, 0x04, 3, 2);

  EXPECT_EQ(it.driver().status(), 3);
}

TEST(VirtioPci, becomes_a_bus_master_by_itself_for_older_drivers) {
  DiskBoard it(Face::legacy);
  config_write(it.card, 0x04, 3, 2);

  it.driver().start();

  EXPECT_EQ(config_read(it.card, 0x04, 2) & 4, 4u);
}

TEST(VirtioPci, the_device_is_a_child_on_the_cards_own_bus) {
  DiskBoard it(Face::legacy);

  Object* backend = object_resolve_path_component(it.card, "virtio-backend");

  EXPECT_STREQ(object_get_typename(backend), "virtio-blk-device");
  const auto* dev = object_cast<DeviceState>(backend);
  EXPECT_EQ(dev->parent_bus->name, "virtio-bus");
  EXPECT_STREQ(object_get_typename(dev->parent_bus), "virtio-pci-bus");
}

// What "info qtree" of QEMU showed for each version of the machine.
struct OldValue {
  const char* machine;
  const char* property;
  const char* before;  // in that version
  const char* after;   // in the next
};

constexpr std::pair<const char*, const char*> versions[] = {
    {"2.1", "2.2"}, {"2.3", "2.4"}, {"2.4", "2.5"}, {"2.6", "2.7"},
    {"2.7", "2.8"}, {"2.8", "2.9"}, {"3.1", "4.0"}};

constexpr OldValue old_values[] = {
    {"3.1", "discard", "false", "true"},
    {"3.1", "write-zeroes", "false", "true"},
    {"2.8", "x-pcie-deverr-init", "false", "true"},
    {"2.8", "x-pcie-extcap-init", "false", "true"},
    {"2.7", "page-per-vq", "true", "false"},
    {"2.7", "x-ignore-backend-features", "true", "false"},
    {"2.6", "disable-modern", "true", "false"},
    {"2.4", "scsi", "true", "false"},
    {"2.4", "migrate-extra", "false", "true"},
    {"2.3", "x-pcie-lnksta-dllla", "false", "true"},
    {"2.1", "virtio-pci-bus-master-bug-migration", "true", "false"},
};

std::string value_on(const std::string& version, const char* property) {
  const Board board("pc-i440fx-" + version);
  object_set_machine_compat_props(
      machine_compat_props(class_of<MachineClass>(board.machine())));
  DeviceState* dev = qdev_create(DiskBoard::bus(), "virtio-blk-pci");
  const std::string value = object_property_print(dev, property, false);
  qdev_set_parent_bus(dev, nullptr);
  object_reset_globals_for_test();
  return value;
}

TEST(VirtioPci, older_machines_have_the_values_they_had) {
  for (const OldValue& row : old_values) {
    const auto next = std::find_if(
        std::begin(versions), std::end(versions),
        [&](const auto& pair) { return std::string_view(pair.first) == row.machine; });
    EXPECT_EQ(value_on(row.machine, row.property), row.before) << row.property;
    EXPECT_EQ(value_on(next->second, row.property), row.after) << row.property;
  }
}

TEST(VirtioPci, every_queue_has_its_place_to_be_notified_at) {
  DiskBoard it(Face::modern, {{"num-queues", "3"}});
  constexpr std::uint64_t common = 0xe0100000;
  for (unsigned queue = 0; queue < 4; ++queue) {
    write_number(address_space_memory(), common + 0x16, queue, 2);
    EXPECT_EQ(read_number(address_space_memory(), common + 0x1e, 2),
              queue < 3 ? queue : 0);
  }
  EXPECT_EQ(read_number(address_space_memory(), common + 0x12, 2), 3u);
}

}  // namespace
}  // namespace virtio_test
