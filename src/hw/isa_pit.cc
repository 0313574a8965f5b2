// isa-pit: the interval timer of a PC, an 8254 (hw/i8254_chip.h) at ports 0x40-0x43.
//
//   counter 0  interrupt line 0      counter 1  was DRAM refresh; counts, drives nothing
//   counter 2  the speaker; its gate is port 0x61 bit 0 (isa-pcspk)
//
//   gpio-out 0: counter 0's output   gpio-in 0: 0 cuts counter 0 off its line (HPET)
#include <algorithm>
#include <memory>

#include "core/clock.h"
#include "hw/i8254_chip.h"
#include "hw/pit_common.h"

namespace hw {

using namespace core;

namespace {

constexpr const char* TYPE_I8254 = "isa-pit";

// A guest may program a period of two ticks; the host need not follow that.
constexpr std::int64_t shortest_wait_ns = 10'000;

struct PITState : PITCommonState {
  static constexpr const char* qom_type = "isa-pit";
  I8254 chip;
  Irq irq = nullptr;
  std::unique_ptr<Timer> timer;  // counter 0's next change
  bool irq_enabled = true;
  int level = 0;
};

void pit_set_level(PITState* s, int level) {
  if (s->level != level) {
    s->level = level;
    qemu_set_irq(s->irq, level);
  }
}

// Brings line 0 to what counter 0 says now, and comes back when that will change.
void pit_irq_update(PITState* s) {
  if (!s->irq_enabled) {
    s->timer->cancel();
    return;
  }
  const std::int64_t now = clock_virtual_ns();
  I8254Counter& counter = s->chip.counter(0);
  pit_set_level(s, counter.output(now) ? 1 : 0);
  const std::int64_t next = counter.next_change(now);
  if (next < 0) {
    s->timer->cancel();
  } else {
    s->timer->arm(std::max(next, now + shortest_wait_ns));
  }
}

void pit_timer_fired(PITState* s) {
  if (s->chip.counter(0).mode() == 2) {
    pit_set_level(s, 0);  // the one low tick that ended the period
  }
  pit_irq_update(s);
}

std::uint64_t pit_ioport_read(void* opaque, std::uint64_t offset, unsigned) {
  return static_cast<PITState*>(opaque)->chip.read(static_cast<unsigned>(offset),
                                                   clock_virtual_ns());
}

void pit_ioport_write(void* opaque, std::uint64_t offset, std::uint64_t data, unsigned) {
  auto* s = static_cast<PITState*>(opaque);
  s->chip.write(static_cast<unsigned>(offset), static_cast<std::uint8_t>(data),
                clock_virtual_ns());
  pit_irq_update(s);
}

constexpr MemoryRegionOps pit_ioport_ops{
    .read = pit_ioport_read,
    .write = pit_ioport_write,
    .impl_min_access_size = 1,
    .impl_max_access_size = 1,
};

void pit_set_channel_gate(PITCommonState* dev, int channel, bool level) {
  object_cast<PITState>(dev)->chip.counter(channel).set_gate(level, clock_virtual_ns());
}

PITChannelInfo pit_channel_info(PITCommonState* dev, int channel) {
  I8254Counter& counter = object_cast<PITState>(dev)->chip.counter(channel);
  return {.gate = counter.gate(),
          .mode = counter.mode(),
          .initial_count = counter.initial_count(),
          .out = counter.output(clock_virtual_ns())};
}

void pit_realizefn(DeviceState* dev) {
  auto* s = object_cast<PITState>(dev);
  s->chip.reset();
  s->timer = std::make_unique<Timer>([s] { pit_timer_fired(s); });
  MemoryRegion* ports = memory_region_new_io(s, &pit_ioport_ops, s, "pit", 4);
  qdev_init_gpio_out(s, &s->irq, 1);
  qdev_init_gpio_in(
      s,
      [s](int, int level) {
        s->irq_enabled = level != 0;
        pit_irq_update(s);
      },
      1);
  isa_register_ioport(s, ports, s->iobase);
}

void pit_reset(DeviceState* dev) {
  auto* s = object_cast<PITState>(dev);
  s->chip.reset();
  s->irq_enabled = true;
  s->timer->cancel();
  pit_set_level(s, 0);
}

void pit_class_initfn(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = pit_realizefn;
  dc->reset = pit_reset;
  auto* pc = class_cast<PITCommonClass>(klass);
  pc->set_channel_gate = pit_set_channel_gate;
  pc->get_channel_info = pit_channel_info;
}

constinit const TypeInfo pit_info{
    .name = TYPE_I8254,
    .parent = TYPE_PIT_COMMON,
    .instance = instance_struct<PITState>(),
    .class_init = pit_class_initfn,
};

void pit_register_types() {
  type_register_static(pit_info);
}

type_init(pit_register_types);

}  // namespace

ISADeviceState* i8254_pit_init(ISABus* bus, std::uint32_t base, Irq line) {
  ISADeviceState* pit = isa_create(bus, TYPE_I8254);
  qdev_prop_set_uint32(pit, "iobase", base);
  qdev_init_nofail(pit);
  qdev_connect_gpio_out(pit, 0, line);
  return pit;
}

}  // namespace hw
