// dice: an ISA device that throws dice, as a plugin.
//
// A guest reads a byte from the port and gets a number from 1 to `sides`. The dice are
// loaded: the same `seed` gives the same throws, so a run can be repeated.
//
//   offset 0   read: the next throw        write: a new seed
//   offset 1   read: the number of sides   write: ignored
//
// The file has everything a device file has: its state, what the guest can do with
// it, realize, the class, the type on paper, and the line that registers it.
#include "core/isa.h"
#include "core/memory.h"
#include "core/qdev_properties.h"

namespace {

using namespace core;

constexpr const char* TYPE_DICE = "dice";

struct DiceState : ISADeviceState {
  static constexpr const char* qom_type = TYPE_DICE;
  std::uint32_t iobase = 0x6d0;
  std::uint8_t sides = 6;
  std::uint32_t seed = 1;
};

// An event of our own: it is in the trace beside the program's.
struct DiceThrow {
  static constexpr trace::Declaration declaration{
      "dice_throw", trace::Category::device, trace::Shape::instant, "A die was thrown."};
  trace::ObjectId device;
  std::uint64_t value;

  static constexpr auto fields() {
    return trace::fields(trace::identity("device", &DiceThrow::device, "whose die"),
                         trace::state("value", &DiceThrow::value, "what it shows"));
  }
};

std::uint64_t throw_die(DiceState* dice) {
  dice->seed = dice->seed * 1103515245 + 12345;
  const std::uint64_t value = (dice->seed >> 16) % dice->sides + 1;
  trace::instant(DiceThrow{.device = object_id(dice), .value = value});
  return value;
}

std::uint64_t dice_read(void* opaque, std::uint64_t offset, unsigned) {
  auto* dice = static_cast<DiceState*>(opaque);
  return offset == 0 ? throw_die(dice) : dice->sides;
}

void dice_write(void* opaque, std::uint64_t offset, std::uint64_t data, unsigned) {
  if (offset == 0) {
    static_cast<DiceState*>(opaque)->seed = static_cast<std::uint32_t>(data);
  }
}

constexpr MemoryRegionOps dice_ops{
    .read = dice_read,
    .write = dice_write,
    .min_access_size = 1,
    .max_access_size = 1,
};

// What the user gave is checked here: instance_init cannot fail, realize may.
void dice_realize(DeviceState* dev) {
  auto* dice = object_cast<DiceState>(dev);
  if (dice->sides < 2) {
    throw Error("dice need at least 2 sides, not " + std::to_string(dice->sides));
  }
  isa_register_ioport(dice, memory_region_new_io(dice, &dice_ops, dice, TYPE_DICE, 2),
                      dice->iobase);
}

constexpr Property dice_properties[] = {
    qdev_prop_uint32("iobase", &DiceState::iobase, 0x6d0),
    qdev_prop_uint8("sides", &DiceState::sides, 6),
    qdev_prop_uint32("seed", &DiceState::seed, 1),
};

void dice_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->desc = "loaded dice";
  dc->realize = dice_realize;
  device_class_set_props(dc, dice_properties);
}

constinit const TypeInfo dice_info{
    .name = TYPE_DICE,
    .parent = TYPE_ISA_DEVICE,
    .instance = instance_struct<DiceState>(),
    .class_init = dice_class_init,
};

void dice_register_types() {
  type_register_static(dice_info);
}

type_init(dice_register_types);

}  // namespace
