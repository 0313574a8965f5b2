// Any sequence of configuration cycles, accesses to whatever regions they map, and time,
// on a PCI bus with a host bridge, PIIX3, PIIX4_PM, edu and pci-testdev: no crash, no
// hang, no undefined behaviour. Eight input bytes are one step.
#include <array>
#include <memory>

#include "core/clock.h"
#include "core/machine.h"
#include "core/pci.h"
#include "core/run_state.h"
#include "hw/i440fx.h"
#include "hw/piix3.h"
#include "hw/piix4_pm.h"
#include "machine/pc.h"

namespace {

using namespace core;

// Counted time: edu then computes by timer, so that a run can be repeated.
struct ManualClock : ClockSource {
  std::int64_t now_ns() override { return now; }

  bool counts_instructions() const override { return true; }

  std::int64_t now = 0;
};

ManualClock* manual_clock = nullptr;
PCIBus* bus = nullptr;

void add_device(const char* type) {
  qdev_realize(qdev_create(bus, type));
}

void build_board() {
  module_call_init(MODULE_INIT_QOM);
  auto clock = std::make_unique<ManualClock>();
  manual_clock = clock.get();
  clock_set_source(std::move(clock));
  current_machine = object_cast<MachineState>(object_new("pc-i440fx-4.0-machine"));
  object_property_add_child(object_get_root(), "machine", current_machine);
  address_spaces_init();
  machine::PCMachineState* pcms = machine::PC_MACHINE(current_machine);
  pcms->ram_size = pcms->below_4g_mem_size = 4 << 20;
  pcms->ram = memory_region_new_ram(nullptr, "pc.ram", pcms->ram_size);
  memory_region_add_subregion(get_system_memory(), 0, pcms->ram);
  MemoryRegion* pci = memory_region_new_container(nullptr, "pci", ~0ull);
  memory_region_add_subregion_overlap(get_system_memory(), 0, pci, -1);
  machine::x86_gsi_init(pcms, &pcms->lines);
  bus = hw::i440fx_init(hw::TYPE_I440FX_PCI_HOST_BRIDGE, hw::TYPE_I440FX_PCI_DEVICE,
                        {.system = get_system_memory(),
                         .io = get_system_io(),
                         .pci = pci,
                         .ram = pcms->ram,
                         .below_4g = pcms->ram_size});
  PCIDevice* piix3 = hw::piix3_create(bus, pcms->lines.gsi);
  machine::x86_i8259_init(pcms, &pcms->lines, hw::piix3_isa_bus(piix3));
  hw::piix4_pm_init(bus, piix3->devfn + 3, 0xb100, pcms->lines.gsi[9]);
  add_device("edu");
  add_device("pci-testdev");
  qemu_register_reset([] { qbus_reset_all(sysbus_get_default()); });
  qemu_run_machine_init_done_notifiers();
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
  static const bool built = (build_board(), true);
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
