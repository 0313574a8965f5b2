// A virtio disk, a virtio serial device and any driver: registers of both faces in any
// order, a ring that says anything, configuration cycles between them. No crash, no hang,
// no undefined behaviour. Eight input bytes are one step; some steps do what an honest
// driver would, so that the others meet a device that works.
#include <algorithm>
#include <string_view>
#include <vector>

#include "backend/block_null.h"
#include "core/chardev.h"
#include "core/qdev_properties.h"
#include "pci_board.h"
#include "qom/composition.h"

namespace {

using namespace core;
using pci_board::bus;

// A card and where its BARs are put.
struct Target {
  PCIDevice* card = nullptr;
  std::uint64_t io_bar = 0, msix_bar = 0, memory_bar = 0;
  unsigned queues = 1;  // that a start sets up, one over the other
};

Target disk_target{.io_bar = 0xc000, .msix_bar = 0xe0000000, .memory_bar = 0xe0100000};
Target serial_target{
    .io_bar = 0xc800, .msix_bar = 0xe0200000, .memory_bar = 0xe0300000, .queues = 6};
Target* target = &disk_target;
Chardev* host_side = nullptr;

constexpr std::uint64_t queue = 0x100000, avail = queue + 0x800, used = queue + 0x1000;
constexpr std::uint64_t places[] = {queue,    avail,    used,       0x110000,
                                    0x120000, 0x130000, 0xe0100000, 0x3ff000};
constexpr std::uint64_t disk_size = 1 << 20;

struct Step {
  std::uint8_t what, place;
  std::uint16_t offset;
  std::uint32_t value;
};

void add_cards() {
  bdrv_add_node(backend::block_null_open("disk", disk_size, false));
  PCIDevice* disk = object_cast<PCIDevice>(qdev_create(bus, "virtio-blk-pci"));
  object_property_set_str(disk, "disk", "drive");
  qdev_prop_set_uint16(disk, "num-queues", 2);
  qdev_realize(disk);
  disk_target.card = disk;
  serial_target.card = object_cast<PCIDevice>(qdev_create(bus, "virtio-serial-pci"));
  qdev_realize(serial_target.card);
  auto* ports = object_cast<BusState>(object_resolve_path_type("", "virtio-serial-bus"));
  host_side = chardev_new("null", "c0", {});
  for (const char* type : {"virtconsole", "virtserialport"}) {
    DeviceState* port = qdev_create(ports, type);
    object_property_set_str(port, type, "name");
    if (std::string_view(type) == "virtconsole") {
      object_property_set_str(port, "c0", "chardev");
    }
    qdev_realize(port);
  }
}

void poke(AddressSpace& space, std::uint64_t address, std::uint64_t value,
          unsigned size) {
  std::byte bytes[8];
  for (unsigned i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(value >> 8 * i);
  }
  space.write(address, std::span(bytes, size));
}

void memory(std::uint64_t address, std::uint64_t value, unsigned size) {
  poke(address_space_memory(), address, value, size);
}

void port(std::uint64_t offset, std::uint64_t value, unsigned size) {
  poke(address_space_io(), target->io_bar + offset, value, size);
}

void configure(unsigned offset, std::uint32_t value, unsigned size) {
  pci_data_write(
      bus, 0x80000000u | static_cast<std::uint32_t>(target->card->devfn) << 8 | offset,
      value, size);
}

void decode() {
  const auto low = [](std::uint64_t address) {
    return static_cast<std::uint32_t>(address);
  };
  configure(0x10, low(target->io_bar), 4);
  configure(0x14, low(target->msix_bar), 4);
  configure(0x20, low(target->memory_bar), 4);
  configure(0x24, 0, 4);
  configure(0x04, 7, 2);
}

void start_legacy(const Step& step) {
  port(0x12, 0, 1);
  port(0x12, 3, 1);
  port(0x04, step.value, 4);
  for (unsigned n = 0; n < target->queues; ++n) {
    port(0x0e, n, 2);
    port(0x08, queue >> 12, 4);
  }
  port(0x12, 7, 1);
}

void start_modern(const Step& step) {
  const std::uint64_t memory_bar = target->memory_bar;
  memory(memory_bar + 0x14, 0, 1);
  memory(memory_bar + 0x14, 3, 1);
  memory(memory_bar + 0x08, 1, 4);
  memory(memory_bar + 0x0c, 1, 4);
  memory(memory_bar + 0x08, 0, 4);
  memory(memory_bar + 0x0c, step.value, 4);
  memory(memory_bar + 0x14, 11, 1);
  for (unsigned n = 0; n < target->queues; ++n) {
    memory(memory_bar + 0x16, n, 2);
    memory(memory_bar + 0x20, queue, 4);
    memory(memory_bar + 0x28, avail, 4);
    memory(memory_bar + 0x30, used, 4);
    memory(memory_bar + 0x1c, 1, 2);
  }
  memory(memory_bar + 0x14, 15, 1);
}

void describe(const Step& step) {
  const std::uint64_t at = queue + 16 * (step.offset % 128);
  memory(at, places[step.place % std::size(places)] + (step.value >> 24), 8);
  memory(at + 8, step.value & 0x1fff, 4);
  memory(at + 12, step.what >> 3 & 7, 2);
  memory(at + 14, (step.offset >> 8) % 130, 2);
}

// A read, a write or a flush as it should be.
void request(const Step& step) {
  static std::uint16_t index = 0;
  constexpr std::uint64_t header = 0x110000, data = 0x120000, status = 0x130000;
  const bool write = (step.place & 1) != 0;
  memory(header, step.place % 16, 8);
  memory(header + 8, step.value % 4096, 8);
  const std::uint64_t pieces[3][4] = {
      {header, 16, 1, 1}, {data, step.offset, write ? 1u : 3u, 2}, {status, 1, 2, 0}};
  for (unsigned i = 0; i < 3; ++i) {
    memory(queue + 16 * i, pieces[i][0], 8);
    memory(queue + 16 * i + 8, pieces[i][1], 4);
    memory(queue + 16 * i + 12, pieces[i][2], 2);
    memory(queue + 16 * i + 14, pieces[i][3], 2);
  }
  memory(avail + 4 + 2 * (index % 128), 0, 2);
  memory(avail + 2, ++index, 2);
}

// A control message that may make sense, and bytes of the host for whoever takes them.
void talk(const Step& step) {
  constexpr std::uint64_t message = 0x110000;
  const unsigned n = step.place % 6;
  memory(message, step.value >> 16 & 3, 4);
  memory(message + 4, step.value & 7, 2);
  memory(message + 6, step.value >> 8 & 1, 2);
  port(0x10, n, 2);
  memory(target->memory_bar + 0x3000 + 4 * n, n, 2);
  const int room = host_side->can_read ? host_side->can_read() : 0;
  const std::vector<std::uint8_t> bytes(
      static_cast<std::size_t>(std::min(room, int{step.offset})), 'x');
  if (!bytes.empty()) {
    host_side->read(bytes);
  }
}

void read_something(const Step& step) {
  std::byte bytes[4];
  AddressSpace& space = step.place & 1 ? address_space_io() : address_space_memory();
  const std::uint64_t base = step.place & 1   ? target->io_bar
                             : step.place & 2 ? target->msix_bar
                                              : target->memory_bar;
  space.read(base + step.offset % 0x4000, std::span(bytes, 1u << (step.value % 3)));
}

void run(const Step& step) {
  const unsigned size = 1u << (step.what >> 3) % 3;
  switch (step.what & 7) {
    case 0:
      memory(places[step.place % std::size(places)] + step.offset % 0x1000, step.value,
             size);
      break;
    case 1:
      port(step.offset % 0x80, step.value, size);
      break;
    case 2:
      memory(target->memory_bar + step.offset % 0x4000, step.value, size);
      break;
    case 3:
      configure(step.offset % 256, step.value, size);
      break;
    case 4:
      target = step.place & 0x40 ? &serial_target : &disk_target;
      decode();
      step.place & 1 ? start_modern(step) : start_legacy(step);
      break;
    case 5:
      describe(step);
      break;
    case 6:
      request(step);
      if (target == &serial_target) {
        talk(step);
        break;
      }
      port(0x10, 0, 2);
      memory(target->memory_bar + 0x3000, 0, 2);
      break;
    default:
      read_something(step);
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool built = (pci_board::build(add_cards), true);
  (void)built;
  target = &disk_target;
  qemu_system_reset();
  decode();
  for (std::uint64_t at = queue; at < queue + 0x2000; at += 8) {
    memory(at, 0, 8);
  }
  for (std::size_t i = 0; i + 8 <= size; i += 8) {
    const std::uint8_t* d = data + i;
    run({.what = d[0],
         .place = d[1],
         .offset = static_cast<std::uint16_t>(d[2] | d[3] << 8),
         .value = static_cast<std::uint32_t>(d[4] | d[5] << 8 | d[6] << 16) |
                  static_cast<std::uint32_t>(d[7]) << 24});
  }
  return 0;
}
