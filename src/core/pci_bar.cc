// Base addresses: from what the guest wrote to regions in its address spaces. See pci.h.
//
// A BAR's low bits say what kind it is and cannot be written; neither can the address
// bits below its size, which is how firmware finds the size (write ones, read back). A
// region is mapped while its kind is switched on in the command register and its address
// is one that can be decoded; address 0 means "not assigned" on a PC.
#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "core/loader.h"
#include "core/pci.h"
#include "core/pci_internal.h"
#include "core/report.h"

namespace core {
namespace {

// A region's way into an address space, or out of it.
struct Mapping {
  trace::ObjectId device;
  std::uint32_t bar = 0;
  trace::Hex address;
  trace::Hex size;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &Mapping::device, "the device"),
        trace::identity("bar", &Mapping::bar, "number of the BAR; 6: the ROM"),
        trace::state("address", &Mapping::address, "where it begins"),
        trace::state("size", &Mapping::size, "bytes"));
  }
};

struct MappingAdd : Mapping {
  static constexpr trace::Declaration declaration{
      "pci_update_mappings_add", trace::Category::device, trace::Shape::instant,
      "A region of a PCI device appears where the guest wants it."};
};

struct MappingDel : Mapping {
  static constexpr trace::Declaration declaration{
      "pci_update_mappings_del", trace::Category::device, trace::Shape::instant,
      "A region of a PCI device is no longer decoded."};
};

struct BarRegistered {
  static constexpr trace::Declaration declaration{
      "pci_register_bar", trace::Category::device, trace::Shape::instant,
      "A PCI device says what one of its base addresses decodes."};
  trace::ObjectId device;
  std::uint32_t bar = 0;
  std::string_view kind;
  trace::Hex size;
  std::string_view region;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &BarRegistered::device, "the device"),
        trace::identity("bar", &BarRegistered::bar, "number of the BAR; 6: the ROM"),
        trace::state("kind", &BarRegistered::kind, "io, mem, mem64, each with -prefetch"),
        trace::state("size", &BarRegistered::size, "bytes"),
        trace::state("region", &BarRegistered::region, "what is behind it"));
  }
};

std::string_view kind_of(std::uint8_t type) {
  if (type & PCI_BASE_ADDRESS_SPACE_IO)
    return "io";
  const bool prefetch = (type & PCI_BASE_ADDRESS_MEM_PREFETCH) != 0;
  if (type & PCI_BASE_ADDRESS_MEM_TYPE_64)
    return prefetch ? "mem64-prefetch" : "mem64";
  return prefetch ? "mem-prefetch" : "mem";
}

Mapping mapping_of(PCIDevice* dev, int n) {
  const PCIIORegion& region = dev->io_regions[static_cast<std::size_t>(n)];
  return {.device = object_id(dev),
          .bar = static_cast<std::uint32_t>(n),
          .address = {region.address},
          .size = {region.size}};
}

bool is_io(const PCIIORegion& region) {
  return (region.type & PCI_BASE_ADDRESS_SPACE_IO) != 0;
}

// The address of a decoded region, or pci_bar_unmapped if it cannot be there.
std::uint64_t checked(std::uint64_t address, std::uint64_t size, std::uint64_t limit) {
  address &= ~(size - 1);
  const std::uint64_t last = address + size - 1;
  return address == 0 || last <= address || last >= limit ? pci_bar_unmapped : address;
}

void map(PCIDevice* dev, int n, std::uint64_t address) {
  PCIIORegion& region = dev->io_regions[static_cast<std::size_t>(n)];
  if (region.address != pci_bar_unmapped) {
    trace::instant(MappingDel{mapping_of(dev, n)});
    if (region.memory->container)  // it may have died with the machine
      memory_region_del_subregion(region.memory->container, region.memory);
  }
  region.address = address;
  if (address != pci_bar_unmapped) {
    trace::instant(MappingAdd{mapping_of(dev, n)});
    memory_region_add_subregion_overlap(region.address_space, address, region.memory, 1);
  }
}

}  // namespace

unsigned pci_bar_offset(int n) {
  return n == pci_rom_slot ? PCI_ROM_ADDRESS
                           : PCI_BASE_ADDRESS_0 + 4 * static_cast<unsigned>(n);
}

std::uint64_t pci_bar_address(const PCIDevice* dev, int n) {
  const PCIIORegion& region = dev->io_regions[static_cast<std::size_t>(n)];
  const std::uint16_t command = pci_get_word(dev->config, PCI_COMMAND);
  constexpr std::uint64_t last_of_4_gib = 0xffffffff;
  const unsigned offset = pci_bar_offset(n);
  if (is_io(region))
    return (command & PCI_COMMAND_IO)
               ? checked(pci_get_long(dev->config, offset), region.size, last_of_4_gib)
               : pci_bar_unmapped;
  if (!(command & PCI_COMMAND_MEMORY))
    return pci_bar_unmapped;
  if (region.type & PCI_BASE_ADDRESS_MEM_TYPE_64)
    return checked(pci_get<std::uint64_t>(dev->config, offset), region.size, ~0ull);
  const std::uint32_t value = pci_get_long(dev->config, offset);
  if (n == pci_rom_slot && !(value & PCI_ROM_ADDRESS_ENABLE))
    return pci_bar_unmapped;
  return checked(value, region.size, last_of_4_gib);
}

void pci_update_mappings(PCIDevice* dev) {
  for (int n = 0; n < pci_num_regions; ++n) {
    const PCIIORegion& region = dev->io_regions[static_cast<std::size_t>(n)];
    if (region.size == 0)
      continue;
    const std::uint64_t address = pci_bar_address(dev, n);
    if (address != region.address)
      map(dev, n, address);
  }
}

void pci_unmap_all(PCIDevice* dev) {
  for (int n = 0; n < pci_num_regions; ++n)
    if (dev->io_regions[static_cast<std::size_t>(n)].address != pci_bar_unmapped)
      map(dev, n, pci_bar_unmapped);
}

void pci_register_bar(PCIDevice* dev, int n, std::uint8_t type, MemoryRegion* memory) {
  const std::uint64_t size = memory->size;
  const bool wide = (type & PCI_BASE_ADDRESS_MEM_TYPE_64) != 0;
  assert(n >= 0 && n < pci_num_regions && (!wide || n < pci_rom_slot - 1));
  assert(std::has_single_bit(size) &&
         size >= (type & PCI_BASE_ADDRESS_SPACE_IO ? 4 : 16));
  PCIBus* bus = pci_bus_of(dev);
  PCIIORegion& region = dev->io_regions[static_cast<std::size_t>(n)];
  region = {.size = size, .type = type, .memory = memory};
  region.address_space = is_io(region) ? bus->address_space_io : bus->address_space_mem;
  trace::instant(BarRegistered{.device = object_id(dev),
                               .bar = static_cast<std::uint32_t>(n),
                               .kind = kind_of(type),
                               .size = {size},
                               .region = memory->name});
  const unsigned offset = pci_bar_offset(n);
  std::uint64_t mask = ~(size - 1);
  if (n == pci_rom_slot)
    mask |= PCI_ROM_ADDRESS_ENABLE;
  if (wide) {
    pci_set<std::uint64_t>(dev->config, offset, type);
    pci_set<std::uint64_t>(dev->wmask, offset, mask);
  } else {
    pci_set_long(dev->config, offset, type);
    pci_set_long(dev->wmask, offset, static_cast<std::uint32_t>(mask));
  }
}

// ---- option ROM ---------------------------------------------------------------------

// Those of video cards are run first.
static std::string rom_folder(PCIDevice* dev) {
  constexpr std::uint16_t vga = 0x0300;
  return class_of<PCIDeviceClass>(dev)->class_id == vga ? "vgaroms/" : "genroms/";
}

void pci_add_option_rom(PCIDevice* dev) {
  if (dev->romfile.empty())
    return;
  constexpr std::uint64_t limit = 64ull << 20;
  const std::optional<std::string> path = find_firmware(dev->romfile);
  if (!path)
    throw Error("failed to find romfile \"" + dev->romfile + "\"");
  const std::vector<std::byte> file = read_image_file(*path, limit);
  if (file.empty())
    throw Error("romfile \"" + dev->romfile + "\" is empty");
  if (dev->rom_bar == 0) {  // firmware gets it as a file
    const std::string name = dev->romfile.substr(dev->romfile.rfind('/') + 1);
    add_option_rom({rom_folder(dev) + name, file});
    return;
  }
  constexpr std::uint64_t page = 4096;
  const std::uint64_t size = std::bit_ceil(std::max<std::uint64_t>(file.size(), page));
  MemoryRegion* rom =
      memory_region_new_rom(dev, std::string(object_get_typename(dev)) + ".rom", size);
  std::copy(file.begin(), file.end(), rom->ram.begin());
  pci_register_bar(dev, pci_rom_slot, PCI_BASE_ADDRESS_SPACE_MEMORY, rom);
}

}  // namespace core
