// isa-serial: a PC serial port, COM1 to COM4. A 16550A chip (hw/uart_16550.h) behind
// eight ports, one ISA interrupt line, and a character device as its cable.
//
//   index  iobase  irq       offset 0..7: the chip's registers, one byte each
//   0      0x3f8   4
//   1      0x2f8   3         Anything may sit at the far end; it always looks
//   2      0x3e8   4         connected: CTS, DSR and DCD are on.
//   3      0x2e8   3
//
// On IBM's card OUT2 also gates the interrupt line. As in QEMU it does not here, so
// that a guest that never heard of OUT2 still gets its interrupts.
#include <memory>
#include <span>
#include <string>

#include "core/chardev.h"
#include "core/clock.h"
#include "core/guest_events.h"
#include "core/isa.h"
#include "core/qdev_properties.h"
#include "core/run_state.h"
#include "hw/uart_16550.h"

namespace hw {

using namespace core;

namespace {

constexpr const char* TYPE_ISA_SERIAL = "isa-serial";
constexpr std::uint32_t unset = 0xffffffff;
constexpr std::uint32_t max_isa_serial_ports = 4;
constexpr std::uint32_t default_iobase[max_isa_serial_ports] = {0x3f8, 0x2f8, 0x3e8,
                                                                0x2e8};
constexpr std::uint32_t default_irq[max_isa_serial_ports] = {4, 3, 4, 3};

struct ISASerialState : ISADeviceState {
  static constexpr const char* qom_type = "isa-serial";
  std::uint32_t index = unset, iobase = unset, isairq = unset, wakeup = 0;
  Chardev* chardev = nullptr;
  Irq irq = nullptr;
  Uart16550 uart;
  std::unique_ptr<Timer> receive_timeout;
};

std::uint64_t serial_ioport_read(void* opaque, std::uint64_t offset, unsigned) {
  return static_cast<ISASerialState*>(opaque)->uart.read(static_cast<unsigned>(offset));
}

void serial_ioport_write(void* opaque, std::uint64_t offset, std::uint64_t data,
                         unsigned) {
  static_cast<ISASerialState*>(opaque)->uart.write(static_cast<unsigned>(offset),
                                                   static_cast<std::uint8_t>(data));
}

constexpr MemoryRegionOps serial_io_ops{
    .read = serial_ioport_read,
    .write = serial_ioport_write,
    .impl_min_access_size = 1,
    .impl_max_access_size = 1,
};

void arm(Timer& timer, std::int64_t nanoseconds) {
  if (nanoseconds < 0) {
    timer.cancel();
  } else {
    timer.arm(clock_virtual_ns() + nanoseconds);
  }
}

Uart16550::Wires serial_wires(ISASerialState* s) {
  return {
      .interrupt = [s](int level) { qemu_set_irq(s->irq, level); },
      .transmit =
          [s](std::uint8_t byte) {
            guest_console_byte(s, byte);
            chardev_write(s->chardev, std::span(&byte, 1));
          },
      .room = main_loop_wake,
      .arm_timeout =
          [s](std::int64_t nanoseconds) { arm(*s->receive_timeout, nanoseconds); },
      .modem_outputs = {},
  };
}

void serial_connect_chardev(ISASerialState* s) {
  if (s->chardev == nullptr) {
    return;
  }
  s->chardev->can_read = [s] { return s->uart.receive_room(); };
  s->chardev->read = [s](std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) {
      s->uart.receive(byte);
    }
  };
}

// Ports are numbered in the order they are made: one above the highest so far.
std::uint32_t serial_next_index(const ISASerialState* s) {
  std::uint32_t next = 0;
  for (DeviceState* sibling : s->parent_bus->children) {
    if (sibling == s || !sibling->realized ||
        object_dynamic_cast(sibling, TYPE_ISA_SERIAL) == nullptr) {
      continue;
    }
    const std::uint32_t index = object_cast<ISASerialState>(sibling)->index;
    next = index + 1 > next ? index + 1 : next;
  }
  return next;
}

void serial_isa_realize(DeviceState* dev) {
  auto* s = object_cast<ISASerialState>(dev);
  if (s->index == unset) {
    s->index = serial_next_index(s);
  }
  if (s->index >= max_isa_serial_ports) {
    throw Error("Max. supported number of ISA serial ports is " +
                std::to_string(max_isa_serial_ports) + ".");
  }
  if (s->iobase == unset) {
    s->iobase = default_iobase[s->index];
  }
  if (s->isairq == unset) {
    s->isairq = default_irq[s->index];
  }
  isa_init_irq(s, &s->irq, s->isairq);
  s->receive_timeout = std::make_unique<Timer>([s] { s->uart.timeout(); });
  s->uart = Uart16550(serial_wires(s));
  s->uart.set_modem_inputs(Uart16550::cts | Uart16550::dsr | Uart16550::dcd);
  s->uart.reset();  // the lines are as they are at power-on: nothing has changed
  serial_connect_chardev(s);
  MemoryRegion* io = memory_region_new_io(s, &serial_io_ops, s, "serial", 8);
  isa_register_ioport(s, io, s->iobase);
}

void serial_isa_unrealize(DeviceState* dev) {
  auto* s = object_cast<ISASerialState>(dev);
  if (s->chardev != nullptr) {
    s->chardev->can_read = {};
    s->chardev->read = {};
  }
  s->receive_timeout.reset();
}

void serial_isa_reset(DeviceState* dev) {
  object_cast<ISASerialState>(dev)->uart.reset();
}

constexpr Property serial_isa_properties[] = {
    qdev_prop_uint32("index", &ISASerialState::index, unset),
    qdev_prop_uint32("iobase", &ISASerialState::iobase, unset),
    qdev_prop_uint32("irq", &ISASerialState::isairq, unset),
    qdev_prop_chr("chardev", &ISASerialState::chardev),
    qdev_prop_uint32("wakeup", &ISASerialState::wakeup, 0),
};

void serial_isa_class_initfn(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = serial_isa_realize;
  dc->unrealize = serial_isa_unrealize;
  dc->reset = serial_isa_reset;
  dc->fw_name = "serial";
  dc->categories = DEVICE_CATEGORY_INPUT;
  device_class_set_props(dc, serial_isa_properties);
}

constinit const TypeInfo serial_isa_info{
    .name = TYPE_ISA_SERIAL,
    .parent = TYPE_ISA_DEVICE,
    .instance = instance_struct<ISASerialState>(),
    .class_init = serial_isa_class_initfn,
};

void serial_register_types() {
  type_register_static(serial_isa_info);
}

type_init(serial_register_types);

}  // namespace

}  // namespace hw
