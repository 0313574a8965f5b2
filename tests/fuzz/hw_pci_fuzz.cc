// Any sequence of configuration cycles, accesses to whatever regions they map, and time,
// on a PCI bus with a host bridge, PIIX3, PIIX4_PM, edu and pci-testdev: no crash, no
// hang, no undefined behaviour. Eight input bytes are one step.
#include <array>

#include "pci_board.h"

namespace {

using namespace core;
using pci_board::bus;
using pci_board::manual_clock;

void add_cards() {
  for (const char* type : {"edu", "pci-testdev"}) {
    qdev_realize(qdev_create(bus, type));
  }
}

constexpr std::array<std::uint8_t, 8> places{0x00, 0x08, 0x0b, 0x10,
                                             0x10, 0x10, 0x18, 0x20};

struct Step {
  std::uint8_t what, place, offset, more;
  std::uint32_t value;
};

// Where a region of the device is now, if anywhere.
std::uint64_t region_address(const Step& step) {
  const PCIDevice* dev = bus->devices[places[step.place % places.size()]];
  if (dev == nullptr) {
    return step.value;
  }
  const PCIIORegion& region = dev->io_regions[step.more % pci_num_regions];
  return region.address == pci_bar_unmapped ? step.value : region.address;
}

void access(AddressSpace& space, std::uint64_t address, const Step& step) {
  std::array<std::byte, 8> data{};
  for (std::size_t i = 0; i < data.size(); ++i) {
    data[i] = static_cast<std::byte>(step.value >> 8 * (i % 4));
  }
  const std::size_t size = std::size_t{1} << (step.what >> 3) % 4;
  if (step.what & 4) {
    space.write(address, std::span(data).first(size));
  } else {
    space.read(address, std::span(data).first(size));
  }
}

void configuration_cycle(const Step& step) {
  const std::uint32_t address =
      0x80000000u | std::uint32_t{places[step.place % places.size()]} << 8 | step.offset;
  const unsigned size = 1u << (step.what >> 3) % 3;
  if (step.what & 4) {
    pci_data_write(bus, address, step.value, size);
  } else {
    pci_data_read(bus, address, size);
  }
}

void run(const Step& step) {
  switch (step.what & 3) {
    case 0:
      configuration_cycle(step);
      break;
    case 1:
      access(address_space_memory(), region_address(step) + step.offset, step);
      break;
    case 2:
      access(address_space_io(), (region_address(step) + step.offset) & 0xffff, step);
      break;
    default:
      manual_clock->now += std::int64_t{1} << (step.value & 31);
      timers_run_expired();
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool built = (pci_board::build(add_cards), true);
  (void)built;
  qemu_system_reset();
  for (std::size_t i = 0; i + 8 <= size; i += 8) {
    const std::uint8_t* d = data + i;
    run({.what = d[0],
         .place = d[1],
         .offset = d[2],
         .more = d[3],
         .value = static_cast<std::uint32_t>(d[4] | d[5] << 8 | d[6] << 16) |
                  static_cast<std::uint32_t>(d[7]) << 24});
  }
  return 0;
}
