// i8042: the keyboard controller, which on a PC also switches address line 20 and can
// reset the CPU (IBM AT Technical Reference, "Keyboard Controller"; Intel 8042).
//
//   0x60  r   the byte in the output buffer      w  data: for a command, or the keyboard
//   0x64  r   status                             w  command to the controller
//
// No keyboard and no mouse are plugged in: a byte sent to one is answered by 0xfe with
// the time-out bit of the status set, as the controller does when nothing answers.
//
//   commands (0x64)                             output port (d0, d1)
//   20-3f read, 60-7f write controller RAM      bit 0  0: reset the CPU
//   a7 a8 a9  mouse off, on, test               bit 1  A20
//   aa ab     self test, keyboard line test     bit 4  interrupt 1 is up
//   ad ae     keyboard off, on                  bit 5  interrupt 12 is up
//   c0 d0 d1  ports; d2 d3 d4 as if sent, to the mouse; dd df A20; f0-ff pulses
#include "hw/i8042.h"

#include <array>

#include "core/log.h"
#include "core/run_state.h"

namespace hw {

using namespace core;

namespace {

constexpr const char* TYPE_I8042 = "i8042";
constexpr const char* I8042_A20_LINE = "a20";
constexpr unsigned keyboard_irq = 1, mouse_irq = 12;
constexpr std::uint8_t no_answer = 0xfe;

enum : std::uint8_t {  // status
  status_output_full = 0x01,
  status_self_test = 0x04,
  status_command = 0x08,
  status_unlocked = 0x10,
  status_mouse_data = 0x20,
  status_timeout = 0x40,
};

enum : std::uint8_t {  // controller RAM byte 0, the "command byte"
  mode_keyboard_interrupt = 0x01,
  mode_mouse_interrupt = 0x02,
  mode_self_test = 0x04,
  mode_keyboard_off = 0x10,
  mode_mouse_off = 0x20,
};

enum : std::uint8_t {  // output port
  port_no_reset = 0x01,
  port_a20 = 0x02,
  port_keyboard_full = 0x10,
  port_mouse_full = 0x20,
};

struct I8042State : ISADeviceState {
  static constexpr const char* qom_type = "i8042";
  MemoryRegion *data_io = nullptr, *command_io = nullptr;
  Irq keyboard_line = nullptr, mouse_line = nullptr, a20_out = nullptr;
  std::array<std::uint8_t, 32> ram{};
  std::uint8_t status = 0, output_port = 0, output = 0;
  std::uint8_t command = 0;  // waits for its data byte; 0: none, data is the keyboard's
};

// Interrupt lines follow the output buffer, gated by the command byte.
void kbd_update_irq(I8042State* s) {
  const bool full = (s->status & status_output_full) != 0;
  const bool mouse = (s->status & status_mouse_data) != 0;
  s->output_port &= static_cast<std::uint8_t>(~(port_keyboard_full | port_mouse_full));
  if (full) {
    s->output_port |= mouse ? port_mouse_full : port_keyboard_full;
  }
  qemu_set_irq(s->keyboard_line,
               full && !mouse && (s->ram[0] & mode_keyboard_interrupt) ? 1 : 0);
  qemu_set_irq(s->mouse_line,
               full && mouse && (s->ram[0] & mode_mouse_interrupt) ? 1 : 0);
}

void answer(I8042State* s, std::uint8_t value, std::uint8_t extra_status = 0) {
  s->output = value;
  s->status &= static_cast<std::uint8_t>(~(status_mouse_data | status_timeout));
  s->status |= static_cast<std::uint8_t>(status_output_full | extra_status);
  kbd_update_irq(s);
}

void write_output_port(I8042State* s, std::uint8_t value) {
  s->output_port = value;
  qemu_set_irq(s->a20_out, (value & port_a20) ? 1 : 0);
  if ((value & port_no_reset) == 0) {
    request_reset(ShutdownCause::guest_reset);
  }
  kbd_update_irq(s);
}

void change_mode(I8042State* s, std::uint8_t clear, std::uint8_t set) {
  s->ram[0] = static_cast<std::uint8_t>((s->ram[0] & ~clear) | set);
}

void self_test(I8042State* s) {
  s->status |= status_self_test;
  change_mode(s, 0, mode_self_test);
  answer(s, 0x55);
}

// Commands a0 to ef: one each.
void single_command(I8042State* s, std::uint8_t command) {
  switch (command) {
    case 0xa7:
      return change_mode(s, 0, mode_mouse_off);
    case 0xa8:
      return change_mode(s, mode_mouse_off, 0);
    case 0xa9:
    case 0xab:
      return answer(s, 0x00);  // the line is neither stuck high nor stuck low
    case 0xaa:
      return self_test(s);
    case 0xad:
      return change_mode(s, 0, mode_keyboard_off);
    case 0xae:
      return change_mode(s, mode_keyboard_off, 0);
    case 0xc0:
      return answer(s, 0x80);  // input port: keyboard not locked
    case 0xd0:
      return answer(s, s->output_port);
    case 0xd1:
    case 0xd2:
    case 0xd3:
    case 0xd4:
      s->command = command;
      return;
    case 0xdd:
      return write_output_port(s, static_cast<std::uint8_t>(s->output_port & ~port_a20));
    case 0xdf:
      return write_output_port(s, static_cast<std::uint8_t>(s->output_port | port_a20));
    default:  // unknown commands do nothing
      qemu_log_mask(LOG_GUEST_ERROR, "unsupported keyboard cmd=0x%02x\n", command);
      return;
  }
}

void kbd_write_command(void* opaque, std::uint64_t, std::uint64_t data, unsigned) {
  auto* s = static_cast<I8042State*>(opaque);
  const auto command = static_cast<std::uint8_t>(data);
  s->status |= status_command;
  s->command = 0;
  if ((command & 0xe0) == 0x20) {
    answer(s, s->ram[command & 0x1f]);
  } else if ((command & 0xe0) == 0x60) {
    s->command = command;
  } else if ((command & 0xf0) == 0xf0) {  // pulses low the output bits written as 0
    if ((command & port_no_reset) == 0) {
      request_reset(ShutdownCause::guest_reset);
    }
  } else {
    single_command(s, command);
  }
}

void kbd_write_data(void* opaque, std::uint64_t, std::uint64_t data, unsigned) {
  auto* s = static_cast<I8042State*>(opaque);
  const auto value = static_cast<std::uint8_t>(data);
  const std::uint8_t command = s->command;
  s->command = 0;
  s->status &= static_cast<std::uint8_t>(~status_command);
  if ((command & 0xe0) == 0x60) {
    s->ram[command & 0x1f] = value;
    kbd_update_irq(s);
    return;
  }
  switch (command) {
    case 0xd1:
      write_output_port(s, value);
      break;
    case 0xd2:
      answer(s, value);
      break;
    case 0xd3:
      answer(s, value, status_mouse_data);
      break;
    case 0xd4:
      change_mode(s, mode_mouse_off, 0);
      answer(s, no_answer, status_mouse_data | status_timeout);
      break;
    default:  // for the keyboard, which also switches its line on
      change_mode(s, mode_keyboard_off, 0);
      answer(s, no_answer, status_timeout);
      break;
  }
}

std::uint64_t kbd_read_data(void* opaque, std::uint64_t, unsigned) {
  auto* s = static_cast<I8042State*>(opaque);
  if (s->status & status_output_full) {
    s->status &= static_cast<std::uint8_t>(
        ~(status_output_full | status_mouse_data | status_timeout));
    kbd_update_irq(s);
  }
  return s->output;
}

std::uint64_t kbd_read_status(void* opaque, std::uint64_t, unsigned) {
  return static_cast<I8042State*>(opaque)->status;
}

constexpr MemoryRegionOps i8042_data_ops{
    .read = kbd_read_data,
    .write = kbd_write_data,
    .impl_min_access_size = 1,
    .impl_max_access_size = 1,
};

constexpr MemoryRegionOps i8042_cmd_ops{
    .read = kbd_read_status,
    .write = kbd_write_command,
    .impl_min_access_size = 1,
    .impl_max_access_size = 1,
};

void i8042_initfn(Object* obj) {
  auto* s = object_cast<I8042State>(obj);
  s->data_io = memory_region_new_io(s, &i8042_data_ops, s, "i8042-data", 1);
  s->command_io = memory_region_new_io(s, &i8042_cmd_ops, s, "i8042-cmd", 1);
  qdev_init_gpio_out_named(s, &s->a20_out, I8042_A20_LINE, 1);
}

void i8042_realizefn(DeviceState* dev) {
  auto* s = object_cast<I8042State>(dev);
  isa_init_irq(s, &s->keyboard_line, keyboard_irq);
  isa_init_irq(s, &s->mouse_line, mouse_irq);
  isa_register_ioport(s, s->data_io, 0x60);
  isa_register_ioport(s, s->command_io, 0x64);
}

void i8042_reset(DeviceState* dev) {
  auto* s = object_cast<I8042State>(dev);
  s->ram.fill(0);
  s->ram[0] = mode_keyboard_interrupt | mode_mouse_interrupt;
  s->status = status_command | status_unlocked;
  s->output = s->command = 0;
  write_output_port(s, port_no_reset | port_a20);
}

void i8042_class_initfn(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->realize = i8042_realizefn;
  dc->reset = i8042_reset;
  dc->categories = DEVICE_CATEGORY_INPUT;
}

constinit const TypeInfo i8042_info{
    .name = TYPE_I8042,
    .parent = TYPE_ISA_DEVICE,
    .instance = instance_struct<I8042State>(),
    .instance_init = i8042_initfn,
    .class_init = i8042_class_initfn,
};

void i8042_register_types() {
  type_register_static(i8042_info);
}

type_init(i8042_register_types);

}  // namespace

ISADeviceState* i8042_init(ISABus* bus, Irq a20) {
  ISADeviceState* dev = isa_create_simple(bus, TYPE_I8042);
  qdev_connect_gpio_out_named(dev, I8042_A20_LINE, 0, a20);
  return dev;
}

}  // namespace hw
