// mc146818rtc: the PC's clock and CMOS memory, an MC146818A (hw/mc146818_chip.h).
//
//   0x70  w   index of the byte wanted, 0..7f (bit 7, the NMI mask, is ignored)
//   0x71  rw  that byte                              gpio-out 0: interrupt line 8
#include <memory>
#include <string>

#include "core/clock.h"
#include "core/qdev_properties.h"
#include "hw/mc146818_chip.h"
#include "hw/mc146818rtc.h"

namespace hw {

using namespace core;

namespace {

constexpr std::uint32_t rtc_base = 0x70;
constexpr const char* const lost_tick_policies[] = {"discard", "delay", "slew", nullptr};

struct RTCState : ISADeviceState {
  static constexpr const char* qom_type = "mc146818rtc";
  std::int32_t base_year = 1980;
  std::int32_t lost_tick_policy = 0;  // discard; ticks of a late host are never repeated
  Mc146818 chip;
  std::uint8_t index = 0;
  Irq irq = nullptr;
  int level = 0;
  std::unique_ptr<Timer> timer;
};

// Brings the interrupt line to what the chip says now, and comes back when an enabled
// interrupt is due. The chip lives on host time, timers on guest time.
void rtc_update(RTCState* s) {
  const std::int64_t now = clock_host_ns();
  const int level = s->chip.interrupt(now) ? 1 : 0;
  if (level != s->level) {
    s->level = level;
    qemu_set_irq(s->irq, level);
  }
  const std::int64_t next = level ? -1 : s->chip.next_interrupt(now);
  if (next < 0) {
    s->timer->cancel();
  } else {
    s->timer->arm(clock_virtual_ns() + (next - now));
  }
}

std::uint64_t cmos_ioport_read(void* opaque, std::uint64_t offset, unsigned) {
  auto* s = static_cast<RTCState*>(opaque);
  if ((offset & 1) == 0) {
    return 0xff;
  }
  const std::uint8_t value = s->chip.read(s->index, clock_host_ns());
  if (s->index == Mc146818::reg_c) {
    rtc_update(s);
  }
  return value;
}

void cmos_ioport_write(void* opaque, std::uint64_t offset, std::uint64_t data, unsigned) {
  auto* s = static_cast<RTCState*>(opaque);
  if ((offset & 1) == 0) {
    s->index = data & 0x7f;
    return;
  }
  s->chip.write(s->index, static_cast<std::uint8_t>(data), clock_host_ns());
  if (s->index <= Mc146818::reg_b || s->index == Mc146818::century) {
    rtc_update(s);
  }
}

constexpr MemoryRegionOps cmos_ops{
    .read = cmos_ioport_read,
    .write = cmos_ioport_write,
    .impl_min_access_size = 1,
    .impl_max_access_size = 1,
};

std::string rtc_get_date(RTCState* s) {
  const CalendarTime t = s->chip.time(clock_host_ns());
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return std::to_string(t.year) + "-" + two(t.month) + "-" + two(t.day) + " " +
         two(t.hour) + ":" + two(t.minute) + ":" + two(t.second);
}

void rtc_realizefn(DeviceState* dev) {
  auto* s = object_cast<RTCState>(dev);
  s->timer = std::make_unique<Timer>([s] { rtc_update(s); });
  s->chip.power_on(clock_host_ns(), s->base_year);
  MemoryRegion* io = memory_region_new_io(s, &cmos_ops, s, "rtc", 2);
  MemoryRegion* index = memory_region_new_io(s, &cmos_ops, s, "rtc-index", 1);
  memory_region_add_subregion(io, 0, index);
  isa_register_ioport(s, io, rtc_base);
  qdev_init_gpio_out(s, &s->irq, 1);
  object_property_add(dev, "date", "struct tm",
                      [](Object* o, const ObjectProperty&) {
                        return Value{rtc_get_date(object_cast<RTCState>(o))};
                      },
                      {});
}

void rtc_resetdev(DeviceState* dev) {
  auto* s = object_cast<RTCState>(dev);
  s->chip.reset();
  s->index = 0;
  rtc_update(s);
}

constexpr Property mc146818rtc_properties[] = {
    qdev_prop_int32("base_year", &RTCState::base_year, 1980),
    qdev_prop_enum("lost_tick_policy", &RTCState::lost_tick_policy, "LostTickPolicy",
                   lost_tick_policies, 0),
};

void rtc_class_initfn(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = rtc_realizefn;
  dc->reset = rtc_resetdev;
  dc->categories = DEVICE_CATEGORY_MISC;
  dc->user_creatable = false;  // the board wires it
  device_class_set_props(dc, mc146818rtc_properties);
}

constinit const TypeInfo mc146818rtc_info{
    .name = TYPE_MC146818_RTC,
    .parent = TYPE_ISA_DEVICE,
    .instance = instance_struct<RTCState>(),
    .class_init = rtc_class_initfn,
};

void mc146818rtc_register_types() {
  type_register_static(mc146818rtc_info);
}

type_init(mc146818rtc_register_types);

}  // namespace

ISADeviceState* mc146818_rtc_init(ISABus* bus, int base_year, Irq line) {
  ISADeviceState* rtc = isa_create(bus, TYPE_MC146818_RTC);
  qdev_prop_set_int32(rtc, "base_year", base_year);
  qdev_init_nofail(rtc);
  qdev_connect_gpio_out(rtc, 0, line);
  return rtc;
}

void rtc_set_memory(ISADeviceState* rtc, unsigned index, std::uint8_t value) {
  object_cast<RTCState>(rtc)->chip.set_memory(index, value);
}

std::uint8_t rtc_get_memory(ISADeviceState* rtc, unsigned index) {
  return object_cast<RTCState>(rtc)->chip.memory(index);
}

}  // namespace hw
