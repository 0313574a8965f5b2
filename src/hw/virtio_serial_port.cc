// The lines of a virtio serial device: virtconsole and virtserialport, and what they have
// in common. A line goes between two queues of the guest and a character device.
//
// Output is taken from the queue only as fast as the host side takes it: a request that
// it does not take whole is kept, and tried again after a while. Input waits at the host
// until the guest has given a buffer for it.
#include <algorithm>

#include "core/guest_events.h"
#include "core/qdev_properties.h"
#include "core/run_state.h"
#include "hw/virtio_serial.h"

namespace hw {

namespace {

constexpr std::int64_t retry_ns = 10'000'000;

struct Throttled {
  static constexpr trace::Declaration declaration{
      "virtio_serial_throttle_port", trace::Category::device, trace::Shape::instant,
      "The host side of a port takes no more for now, or takes bytes again."};
  trace::ObjectId port;
  bool throttle = false;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("port", &Throttled::port, "the port"),
        trace::volatile_field("throttle", &Throttled::throttle, "true: no more"));
  }
};

struct Flushed {
  static constexpr trace::Declaration declaration{
      "virtio_console_flush_buf", trace::Category::device, trace::Shape::instant,
      "Bytes of the guest go to the host side of a port."};
  trace::ObjectId port;
  std::uint64_t length = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("port", &Flushed::port, "the port"),
                         trace::state("length", &Flushed::length, "bytes"));
  }
};

struct HostRead {
  static constexpr trace::Declaration declaration{
      "virtio_console_chr_read", trace::Category::device, trace::Shape::instant,
      "Bytes of the host reach a buffer of the guest."};
  trace::ObjectId port;
  std::uint64_t size = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("port", &HostRead::port, "the port"),
                         trace::state("size", &HostRead::size, "bytes"));
  }
};

VirtIOSerialPort* as_port(Object* obj) {
  return object_cast<VirtIOSerialPort>(obj);
}

bool is_console(VirtIOSerialPort* port) {
  return class_of<VirtIOSerialPortClass>(port)->is_console;
}

// ---- to the host --------------------------------------------------------------------

void set_throttled(VirtIOSerialPort* port, bool throttled) {
  if (port->throttled != throttled) {
    port->throttled = throttled;
    trace::instant(Throttled{.port = object_id(port), .throttle = throttled});
  }
}

// Lines that a console prints are events of the guest.
void tell_console_bytes(VirtIOSerialPort* port, std::span<const std::uint8_t> bytes) {
  if (is_console(port)) {
    for (const std::uint8_t byte : bytes) {
      guest_console_byte(port, byte);
    }
  }
}

// True: the request is with the host whole.
bool send_rest(VirtIOSerialPort* port) {
  constexpr std::size_t chunk_size = 4096;
  const VirtPieces pieces = port->out->out;
  const std::uint64_t size = pieces_size(pieces);
  while (port->out_done < size) {
    std::array<std::byte, chunk_size> buffer;
    const std::size_t count = pieces_read(pieces, port->out_done, buffer);
    const std::span<const std::uint8_t> bytes(
        reinterpret_cast<const std::uint8_t*>(buffer.data()), count);
    const std::size_t taken = chardev_write_some(port->chardev, bytes);
    tell_console_bytes(port, bytes.first(taken));
    port->out_done += taken;
    if (taken < count) {
      return false;
    }
  }
  trace::instant(Flushed{.port = object_id(port), .length = size});
  return true;
}

void give_back(VirtIOSerialPort* port) {
  virtqueue_push(virtio_serial_out_queue(port), *port->out, 0);
  port->out.reset();
}

// ---- from the host ------------------------------------------------------------------

bool guest_listens(const VirtIOSerialPort* port) {
  return port->vser != nullptr && port->guest_connected;
}

// Takes a buffer of the guest, to know how much fits.
int can_read(VirtIOSerialPort* port) {
  if (!guest_listens(port)) {
    return 0;
  }
  if (!port->in) {
    port->in = virtqueue_pop(virtio_serial_in_queue(port));
  }
  constexpr std::uint64_t enough = 1 << 20;
  return port->in ? static_cast<int>(std::min(pieces_size(port->in->in), enough)) : 0;
}

// As many bytes as fit; a buffer goes back to the guest after each call.
void read(VirtIOSerialPort* port, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty() && can_read(port) > 0) {
    const std::size_t size = pieces_write(port->in->in, 0, std::as_bytes(bytes));
    trace::instant(HostRead{.port = object_id(port), .size = size});
    VirtQueue* vq = virtio_serial_in_queue(port);
    virtqueue_push(vq, *port->in, size);
    port->in.reset();
    virtio_notify(port->vser, vq);
    bytes = bytes.subspan(size);
  }
}

// ---- the host side comes and goes ---------------------------------------------------

// A console is connected always: nobody there is no reason for the guest to wait.
void set_host_connected(VirtIOSerialPort* port, bool connected) {
  if (port->host_connected == connected) {
    return;
  }
  port->host_connected = connected;
  virtio_serial_send_event(port, VIRTIO_CONSOLE_PORT_OPEN, connected ? 1 : 0);
  if (!connected && port->vser != nullptr) {
    virtio_serial_port_output(port);  // nobody takes it: it is dropped
  }
}

void connect_chardev(VirtIOSerialPort* port) {
  Chardev* chr = port->chardev;
  if (chr == nullptr) {
    return;
  }
  chr->can_read = [port] { return can_read(port); };
  chr->read = [port](std::span<const std::uint8_t> bytes) { read(port, bytes); };
  if (is_console(port)) {
    port->host_connected = true;
    return;
  }
  port->host_connected = chr->is_open;
  chr->event = [port](ChardevEvent event) {
    set_host_connected(port, event == ChardevEvent::opened);
  };
}

void port_realize(DeviceState* dev) {
  VirtIOSerialPort* port = as_port(dev);
  port->retry = std::make_unique<Timer>([port] { virtio_serial_port_output(port); });
  connect_chardev(port);
}

void port_unrealize(DeviceState* dev) {
  VirtIOSerialPort* port = as_port(dev);
  if (Chardev* chr = port->chardev) {
    chr->can_read = nullptr;
    chr->read = nullptr;
    chr->event = nullptr;
  }
  virtio_serial_port_reset(port);
  virtio_serial_unplug(port);
  port->retry.reset();
}

// ---- the types ----------------------------------------------------------------------

constexpr Property port_properties[] = {
    qdev_prop_uint32("nr", &VirtIOSerialPort::nr, VIRTIO_CONSOLE_BAD_ID),
    qdev_prop_string("name", &VirtIOSerialPort::name),
};

constexpr Property virtserialport_properties[] = {
    qdev_prop_chr("chardev", &VirtIOSerialPort::chardev),
};

void port_class_init(ObjectClass* klass, void*) {
  auto* dc = class_cast<DeviceClass>(klass);
  dc->categories = DEVICE_CATEGORY_INPUT;
  dc->bus_type = TYPE_VIRTIO_SERIAL_BUS;
  dc->realize = port_realize;
  dc->unrealize = port_unrealize;
  device_class_set_props(dc, port_properties);
}

void virtserialport_class_init(ObjectClass* klass, void*) {
  device_class_set_props(class_cast<DeviceClass>(klass), virtserialport_properties);
}

void virtconsole_class_init(ObjectClass* klass, void*) {
  class_cast<VirtIOSerialPortClass>(klass)->is_console = true;
}

constinit const TypeInfo port_types[] = {
    {
        .name = TYPE_VIRTIO_SERIAL_PORT,
        .parent = TYPE_DEVICE,
        .instance = instance_struct<VirtIOSerialPort>(),
        .abstract = true,
        .klass = class_struct<VirtIOSerialPortClass>(),
        .class_init = port_class_init,
    },
    {
        .name = "virtserialport",
        .parent = TYPE_VIRTIO_SERIAL_PORT,
        .class_init = virtserialport_class_init,
    },
    {
        .name = "virtconsole",
        .parent = "virtserialport",
        .class_init = virtconsole_class_init,
    },
};

void port_register_types() {
  for (const TypeInfo& info : port_types) {
    type_register_static(info);
  }
}

type_init(port_register_types);

}  // namespace

// ---- called by the device -----------------------------------------------------------

void virtio_serial_port_output(VirtIOSerialPort* port) {
  if (port->vser == nullptr) {
    return;
  }
  VirtQueue* vq = virtio_serial_out_queue(port);
  bool sent = false, waits = false;
  while (!waits && (port->out || (port->out = virtqueue_pop(vq)))) {
    if (!port->host_connected || send_rest(port)) {
      give_back(port);
      port->out_done = 0;
      sent = true;
    } else {
      waits = true;
    }
  }
  set_throttled(port, waits);
  if (waits) {
    port->retry->arm(clock_virtual_ns() + retry_ns);
  }
  if (sent) {
    virtio_notify(port->vser, vq);
  }
}

void virtio_serial_port_input(VirtIOSerialPort*) {
  main_loop_wake();  // the host side is asked for what it has
}

void virtio_serial_port_reset(VirtIOSerialPort* port) {
  port->guest_connected = false;
  port->out.reset();
  port->in.reset();
  port->out_done = 0;
  set_throttled(port, false);
  if (port->retry) {
    port->retry->cancel();
  }
}

}  // namespace hw
