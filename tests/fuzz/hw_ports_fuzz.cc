// Any sequence of port accesses on a whole PC: no crash, no hang, no undefined
// behaviour. Three input bytes are one step: what to do, which port, the value.
#include <array>
#include <memory>

#include "core/chardev.h"
#include "core/clock.h"
#include "core/machine.h"
#include "core/memory.h"
#include "core/run_state.h"
#include "machine/board_config.h"
#include "machine/pc.h"
#include "machine/pc_fw_cfg.h"

namespace {

using namespace core;

struct ManualClock : ClockSource {
  std::int64_t now_ns() override { return now; }

  std::int64_t now = 0;
};

ManualClock* manual_clock = nullptr;
Chardev* console = nullptr;

void swallow(Chardev*, std::span<const std::uint8_t>) {}

void fuzz_chardev_class_init(ObjectClass* klass, void*) {
  class_cast<ChardevClass>(klass)->write = swallow;
}

constinit const TypeInfo fuzz_chardev_info{
    .name = "fuzz-chardev",
    .parent = TYPE_CHARDEV,
    .class_init = fuzz_chardev_class_init,
};

void build_board() {
  type_register_static(fuzz_chardev_info);
  module_call_init(MODULE_INIT_QOM);
  auto clock = std::make_unique<ManualClock>();
  manual_clock = clock.get();
  clock_set_source(std::move(clock));
  clock_set_host_base(1'700'000'000'000'000'000, true);
  current_machine = object_cast<MachineState>(object_new("pc-i440fx-4.0-machine"));
  object_property_add_child(object_get_root(), "machine", current_machine);
  address_spaces_init();
  machine::PCMachineState* pcms = machine::PC_MACHINE(current_machine);
  pcms->ram_size = 4 << 20;
  console = object_cast<Chardev>(object_new("fuzz-chardev"));
  object_property_add_child(container_get(object_get_root(), "/chardevs"), "serial0",
                            console);
  console->label = "serial0";
  machine::board_config().serial_hds = {console};
  machine::pc_split_ram(pcms, 0xc0000000);
  pcms->ram = memory_region_new_ram(nullptr, "pc.ram", pcms->ram_size);
  memory_region_add_subregion(get_system_memory(), 0, pcms->ram);
  machine::x86_gsi_init(pcms, &pcms->lines);
  ISABus* bus = isa_bus_new(nullptr, get_system_memory(), get_system_io());
  machine::x86_i8259_init(pcms, &pcms->lines, bus);
  machine::pc_basic_device_init(pcms, bus);
  machine::pc_fw_cfg_init(pcms);
}

constexpr std::array<std::uint16_t, 36> ports{
    0x20,  0x21,  0xa0, 0xa1, 0x4d0, 0x4d1, 0x40,  0x41,   0x42,  0x43,  0x61,  0x60,
    0x64,  0x70,  0x71, 0x92, 0x80,  0xf0,  0x3f8, 0x3f9,  0x3fa, 0x3fb, 0x3fc, 0x3fd,
    0x3fe, 0x3ff, 0x3f, 0x6f, 0x3f7, 0x72,  0xcf8, 0xffff, 0x510, 0x511, 0x514, 0x518};

void step(std::uint8_t what, std::uint8_t where, std::uint8_t value) {
  const std::uint16_t port = ports[where % ports.size()];
  std::array<std::byte, 4> data{std::byte{value}, std::byte{where}, std::byte{what}, {}};
  const std::size_t size = std::size_t{1} << (what >> 2) % 3;
  if (port == 0x518) {  // a request to fw_cfg that begins where the port says
    const std::array<std::byte, 16> request{
        std::byte{}, std::byte{where}, std::byte{},      std::byte{what},
        std::byte{}, std::byte{},      std::byte{value}, std::byte{value}};
    address_space_memory().write(std::uint64_t{value} << 24 | where << 16 | what << 8,
                                 request);
  }
  switch (what & 3) {
    case 0:
      address_space_io().write(port, std::span(data).first(size));
      break;
    case 1:
      address_space_io().read(port, std::span(data).first(size));
      break;
    case 2:  // up to 4 s, in steps that grow
      manual_clock->now += std::int64_t{1} << (value & 31);
      timers_run_expired();
      break;
    default:
      if (console->can_read() > 0) {
        console->read(std::span(&value, 1));
      }
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool built = (build_board(), true);
  (void)built;
  qemu_system_reset();
  for (std::size_t i = 0; i + 3 <= size; i += 3) {
    step(data[i], data[i + 1], data[i + 2]);
  }
  return 0;
}
