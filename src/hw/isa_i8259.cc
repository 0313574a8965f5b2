// isa-i8259: one interrupt controller of a PC. Two of them make sixteen lines: the
// slave's output is the master's input 2, the master's output is the CPU's INTR.
//
//   master 0x20, 0x21, edge/level 0x4d0      slave 0xa0, 0xa1, edge/level 0x4d1
//   gpio-in 0..7: its inputs                 gpio-out 0: INT
//
// The chip itself is hw/i8259_chip.h. When the CPU takes an interrupt it asks the pair
// for the vector (core::InterruptController): the two INTA cycles of the bus.
#include <memory>

#include "core/log.h"
#include "core/run_state.h"
#include "hw/i8259_chip.h"
#include "hw/pic_common.h"

namespace hw {

using namespace core;

namespace {

constexpr const char* TYPE_I8259 = "isa-i8259";
constexpr int cascade_input = 2;

class PicPair : public InterruptController {
 public:
  PicPair(I8259& master, I8259& slave) : master_(master), slave_(slave) {}

  bool pending() override { return master_.output(); }

  std::uint8_t acknowledge() override {
    const std::uint8_t vector = take();
    qemu_log_mask(CPU_LOG_INT, "Servicing hardware INT=0x%02x\n", vector);
    return vector;
  }

 private:
  std::uint8_t take() {
    if (master_.pending() == cascade_input) {
      master_.acknowledge();
      return static_cast<std::uint8_t>(slave_.vector_base() + slave_.acknowledge());
    }
    return static_cast<std::uint8_t>(master_.vector_base() + master_.acknowledge());
  }

  I8259& master_;
  I8259& slave_;
};

struct PICState : PICCommonState {
  static constexpr const char* qom_type = "isa-i8259";
  I8259 chip;
  Irq int_out = nullptr;
  std::unique_ptr<PicPair> pair;  // the master's, once the slave is there
};

std::uint64_t pic_ioport_read(void* opaque, std::uint64_t offset, unsigned) {
  return static_cast<PICState*>(opaque)->chip.read(static_cast<unsigned>(offset));
}

void pic_ioport_write(void* opaque, std::uint64_t offset, std::uint64_t data, unsigned) {
  static_cast<PICState*>(opaque)->chip.write(static_cast<unsigned>(offset),
                                             static_cast<std::uint8_t>(data));
}

std::uint64_t elcr_ioport_read(void* opaque, std::uint64_t, unsigned) {
  return static_cast<PICState*>(opaque)->chip.elcr();
}

void elcr_ioport_write(void* opaque, std::uint64_t, std::uint64_t data, unsigned) {
  auto* s = static_cast<PICState*>(opaque);
  s->chip.set_elcr(static_cast<std::uint8_t>(data) & s->elcr_mask);
}

constexpr MemoryRegionOps pic_base_ioport_ops{
    .read = pic_ioport_read,
    .write = pic_ioport_write,
    .impl_min_access_size = 1,
    .impl_max_access_size = 1,
};

constexpr MemoryRegionOps pic_elcr_ioport_ops{
    .read = elcr_ioport_read,
    .write = elcr_ioport_write,
    .impl_min_access_size = 1,
    .impl_max_access_size = 1,
};

void pic_set_irq(PICState* s, int n, int level) {
  if (level != 0) {
    ++s->interrupt_counts[static_cast<std::size_t>(n)];
  }
  s->chip.set_input(n, level);
}

void pic_realize(DeviceState* dev) {
  auto* s = object_cast<PICState>(dev);
  s->chip = I8259(s->master ? cascade_input : -1,
                  [s](int level) { qemu_set_irq(s->int_out, level); });
  MemoryRegion* ports = memory_region_new_io(s, &pic_base_ioport_ops, s, "pic", 2);
  MemoryRegion* elcr = memory_region_new_io(s, &pic_elcr_ioport_ops, s, "elcr", 1);
  qdev_init_gpio_out(s, &s->int_out, 1);
  qdev_init_gpio_in(
      s, [s](int n, int level) { pic_set_irq(s, n, level); }, 8);
  pic_register_ports(s, ports, elcr);
}

void pic_reset(DeviceState* dev) {
  object_cast<PICState>(dev)->chip.reset();
}

void i8259_instance_finalize(Object* obj) {
  if (object_cast<PICState>(obj)->pair != nullptr) {
    set_interrupt_controller(nullptr);
  }
}

void i8259_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = pic_realize;
  dc->reset = pic_reset;
}

constinit const TypeInfo i8259_info{
    .name = TYPE_I8259,
    .parent = TYPE_PIC_COMMON,
    .instance = instance_struct<PICState>(),
    .instance_finalize = i8259_instance_finalize,
    .class_init = i8259_class_init,
};

void pic_register_types() {
  type_register_static(i8259_info);
}

type_init(pic_register_types);

}  // namespace

std::array<Irq, isa_irq_count> i8259_init(ISABus* bus, Irq parent_irq) {
  std::array<Irq, isa_irq_count> lines{};
  auto* master = object_cast<PICState>(i8259_init_chip(TYPE_I8259, bus, true));
  qdev_connect_gpio_out(master, 0, parent_irq);
  auto* slave = object_cast<PICState>(i8259_init_chip(TYPE_I8259, bus, false));
  qdev_connect_gpio_out(slave, 0, qdev_get_gpio_in(master, cascade_input));
  for (int n = 0; n < 8; ++n) {
    const auto i = static_cast<std::size_t>(n);
    lines[i] = n == cascade_input ? nullptr : qdev_get_gpio_in(master, n);
    lines[i + 8] = qdev_get_gpio_in(slave, n);
  }
  master->pair = std::make_unique<PicPair>(master->chip, slave->chip);
  set_interrupt_controller(master->pair.get());
  return lines;
}

}  // namespace hw
