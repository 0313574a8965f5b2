// virtio-serial-device: control messages, which tell of ports as they come, open and go,
// and the bus ports are plugged into. virtio_serial.h shows the whole.
//
// A control message has 8 bytes: port (4), event (2), value (2); the name of a port
// follows. One for which the guest has no buffer yet waits for it.
#include "hw/virtio_serial.h"

#include <algorithm>
#include <utility>

#include "core/log.h"
#include "core/run_state.h"

namespace hw {

namespace {

constexpr std::uint16_t VIRTIO_ID_CONSOLE = 3;
constexpr unsigned port_queue_size = 128, control_queue_size = 32;
constexpr std::size_t config_size_base = 8, config_size_emergency = 12;
constexpr std::size_t message_size = 8;
constexpr unsigned control_in_queue = 2, control_out_queue = 3;

struct ControlSent {
  static constexpr trace::Declaration declaration{
      "virtio_serial_send_control_event", trace::Category::device, trace::Shape::instant,
      "The guest is told something about a port of a virtio serial device."};
  trace::ObjectId device;
  std::uint32_t port = 0, event = 0, value = 0;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &ControlSent::device, "the device"),
        trace::identity("port", &ControlSent::port, "the port's number"),
        trace::identity("event", &ControlSent::event, "VIRTIO_CONSOLE_*"),
        trace::state("value", &ControlSent::value, "what it says"));
  }
};

struct ControlTaken {
  static constexpr trace::Declaration declaration{
      "virtio_serial_handle_control_message", trace::Category::device,
      trace::Shape::instant, "The guest says something about a port."};
  trace::ObjectId device;
  std::uint32_t port = 0, event = 0, value = 0;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &ControlTaken::device, "the device"),
        trace::identity("port", &ControlTaken::port, "the port's number"),
        trace::identity("event", &ControlTaken::event, "VIRTIO_CONSOLE_*"),
        trace::state("value", &ControlTaken::value, "what it says"));
  }
};

VirtIOSerial* as_serial(Object* obj) {
  return object_cast<VirtIOSerial>(obj);
}

VirtIOSerialPort* port_by_id(const VirtIOSerial* vser, std::uint32_t id) {
  const auto port = std::find_if(vser->ports.begin(), vser->ports.end(),
                                 [id](const auto* each) { return each->nr == id; });
  return port == vser->ports.end() ? nullptr : *port;
}

// ---- control ------------------------------------------------------------------------

void flush_messages(VirtIOSerial* vser) {
  VirtQueue* vq = virtio_queue(vser, control_in_queue);
  bool sent = false;
  while (!vser->waiting.empty()) {
    const std::optional<VirtQueueElement> element = virtqueue_pop(vq);
    if (!element) {
      break;
    }
    virtqueue_push(vq, *element, pieces_write(element->in, 0, vser->waiting.front()));
    vser->waiting.pop_front();
    sent = true;
  }
  if (sent) {
    virtio_notify(vser, vq);
  }
}

void put(std::vector<std::byte>& bytes, std::uint32_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) {
    bytes.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
}

void send_message(VirtIOSerial* vser, std::uint32_t port, std::uint16_t event,
                  std::uint16_t value, const std::string& name = {}) {
  if (!virtio_serial_multiport(vser)) {
    return;
  }
  // A guest that reads none of them is told no more: it would not read these either.
  constexpr std::size_t most_for_a_port = 8;
  if (vser->waiting.size() >= most_for_a_port * vser->max_ports) {
    return;
  }
  std::vector<std::byte> message;
  put(message, port, 4);
  put(message, event, 2);
  put(message, value, 2);
  if (!name.empty()) {
    for (const char letter : name) {
      message.push_back(static_cast<std::byte>(letter));
    }
    message.push_back(std::byte{});
  }
  trace::instant(ControlSent{
      .device = object_id(vser), .port = port, .event = event, .value = value});
  vser->waiting.push_back(std::move(message));
  flush_messages(vser);
}

void port_ready(VirtIOSerial* vser, VirtIOSerialPort* port) {
  if (class_of<VirtIOSerialPortClass>(port)->is_console) {
    send_message(vser, port->nr, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
  }
  if (!port->name.empty()) {
    send_message(vser, port->nr, VIRTIO_CONSOLE_PORT_NAME, 1, port->name);
  }
  if (port->host_connected) {
    send_message(vser, port->nr, VIRTIO_CONSOLE_PORT_OPEN, 1);
  }
}

void guest_error(const VirtIOSerial* vser, const std::string& what) {
  qemu_log_mask(LOG_GUEST_ERROR, "%s: %s\n", vser->name.c_str(), what.c_str());
}

void handle_port_message(VirtIOSerial* vser, std::uint32_t id, std::uint32_t event,
                         std::uint32_t value) {
  VirtIOSerialPort* port = port_by_id(vser, id);
  if (port == nullptr) {
    guest_error(vser, "Unexpected port id " + std::to_string(id));
  } else if (event == VIRTIO_CONSOLE_PORT_READY) {
    if (value == 0) {
      guest_error(vser, "Guest failure in adding port " + std::to_string(id));
    } else {
      port_ready(vser, port);
    }
  } else if (event == VIRTIO_CONSOLE_PORT_OPEN) {
    port->guest_connected = value != 0;
    main_loop_wake();
  }
}

void handle_message(VirtIOSerial* vser, std::span<const std::byte> message) {
  const auto field = [&](std::size_t at, std::size_t width) {
    return static_cast<std::uint32_t>(ldn_le_p(message.subspan(at, width)));
  };
  const std::uint32_t id = field(0, 4), event = field(4, 2), value = field(6, 2);
  trace::instant(ControlTaken{
      .device = object_id(vser), .port = id, .event = event, .value = value});
  if (event != VIRTIO_CONSOLE_DEVICE_READY) {
    handle_port_message(vser, id, event, value);
  } else if (value == 0) {
    guest_error(vser, "Guest failure in adding device");
  } else {
    for (VirtIOSerialPort* port : vser->ports) {
      send_message(vser, port->nr, VIRTIO_CONSOLE_PORT_ADD, 1);
    }
  }
}

void control_out(VirtIODevice* vdev, VirtQueue* vq) {
  bool taken = false;
  while (const std::optional<VirtQueueElement> element = virtqueue_pop(vq)) {
    std::array<std::byte, message_size> message{};
    if (pieces_read(element->out, 0, message) == message.size()) {
      handle_message(as_serial(vdev), message);
    } else {
      guest_error(as_serial(vdev), "control message is too short");
    }
    virtqueue_push(vq, *element, 0);
    taken = true;
  }
  if (taken) {
    virtio_notify(vdev, vq);
  }
}

void control_in(VirtIODevice* vdev, VirtQueue*) {
  flush_messages(as_serial(vdev));
}

// ---- ports' queues ------------------------------------------------------------------

// Queues 2 and 3 are the control's.
std::uint32_t port_of_queue(unsigned queue) {
  return queue < control_in_queue ? 0 : queue / 2 - 1;
}

unsigned first_queue(std::uint32_t port) {
  return port == 0 ? 0 : 2 * port + 2;
}

// What is sent to a port that does not exist is lost.
void discard(VirtIODevice* vdev, VirtQueue* vq) {
  while (const std::optional<VirtQueueElement> element = virtqueue_pop(vq)) {
    virtqueue_push(vq, *element, 0);
  }
  virtio_notify(vdev, vq);
}

void handle_output(VirtIODevice* vdev, VirtQueue* vq) {
  VirtIOSerialPort* port = port_by_id(as_serial(vdev), port_of_queue(vq->index));
  if (port == nullptr) {
    discard(vdev, vq);
  } else {
    virtio_serial_port_output(port);
  }
}

void handle_input(VirtIODevice* vdev, VirtQueue* vq) {
  if (VirtIOSerialPort* port = port_by_id(as_serial(vdev), port_of_queue(vq->index))) {
    virtio_serial_port_input(port);
  }
}

// ---- the device ---------------------------------------------------------------------

std::uint64_t get_features(VirtIODevice* vdev, std::uint64_t features) {
  return features |
         (as_serial(vdev)->max_ports > 1 ? 1ull << VIRTIO_CONSOLE_F_MULTIPORT : 0);
}

// columns (2), rows (2), greatest number of ports (4), emergency write (4)
void get_config(VirtIODevice* vdev, std::span<std::byte> config) {
  constexpr std::size_t ports_at = 4;
  std::fill(config.begin(), config.end(), std::byte{});
  for (std::size_t i = 0; i < 4; ++i) {
    config[ports_at + i] = static_cast<std::byte>(as_serial(vdev)->max_ports >> (8 * i));
  }
}

// A driver that has no queues yet can print a byte.
void set_config(VirtIODevice* vdev, std::span<const std::byte> config) {
  constexpr std::size_t emergency_at = 8;
  VirtIOSerial* vser = as_serial(vdev);
  const auto console = std::find_if(
      vser->ports.begin(), vser->ports.end(), [](const VirtIOSerialPort* port) {
        return class_of<VirtIOSerialPortClass>(port)->is_console && port->host_connected;
      });
  if (config.size() <= emergency_at || config[emergency_at] == std::byte{} ||
      console == vser->ports.end()) {
    return;
  }
  const auto byte = std::to_integer<std::uint8_t>(config[emergency_at]);
  chardev_write((*console)->chardev, std::span(&byte, 1));
}

void reset_ports(VirtIOSerial* vser) {
  vser->waiting.clear();
  for (VirtIOSerialPort* port : vser->ports) {
    virtio_serial_port_reset(port);
  }
}

void virtio_serial_reset(VirtIODevice* vdev) {
  reset_ports(as_serial(vdev));
}

// Without control messages port 0 is open as soon as there is a driver.
void set_status(VirtIODevice* vdev, std::uint8_t status) {
  VirtIOSerial* vser = as_serial(vdev);
  if ((status & VIRTIO_CONFIG_S_DRIVER_OK) == 0) {
    reset_ports(vser);
  } else if (VirtIOSerialPort* port = port_by_id(vser, 0);
             port != nullptr && !virtio_serial_multiport(vser)) {
    port->guest_connected = true;
    main_loop_wake();
  }
}

void add_queues(VirtIOSerial* vser) {
  virtio_add_queue(vser, port_queue_size, handle_input);
  virtio_add_queue(vser, port_queue_size, handle_output);
  virtio_add_queue(vser, control_queue_size, control_in);
  virtio_add_queue(vser, control_queue_size, control_out);
  for (std::uint32_t port = 1; port < vser->max_ports; ++port) {
    virtio_add_queue(vser, port_queue_size, handle_input);
    virtio_add_queue(vser, port_queue_size, handle_output);
  }
}

void virtio_serial_realize(VirtIODevice* vdev) {
  constexpr std::uint32_t most_queues = 1024, most_ports = most_queues / 2 - 1;
  VirtIOSerial* vser = as_serial(vdev);
  if (vser->max_ports == 0) {
    throw Error("Maximum number of serial ports not specified");
  }
  if (vser->max_ports > most_ports) {
    throw Error("maximum ports supported: " + std::to_string(most_ports));
  }
  virtio_init(vser, "virtio-serial", VIRTIO_ID_CONSOLE,
              virtio_host_has_feature(vser, VIRTIO_CONSOLE_F_EMERG_WRITE)
                  ? config_size_emergency
                  : config_size_base);
  add_queues(vser);
  vser->bus = qbus_create(TYPE_VIRTIO_SERIAL_BUS, vser,
                          vser->bus_name.empty() ? nullptr : vser->bus_name.c_str());
  object_property_set_link(vser->bus, vser, "hotplug-handler");
}

void virtio_serial_unrealize(VirtIODevice* vdev) {
  object_property_set_link(as_serial(vdev)->bus, nullptr, "hotplug-handler");
  virtio_cleanup(vdev);
}

// ---- plugging -----------------------------------------------------------------------

std::uint32_t free_port(const VirtIOSerial* vser, bool console) {
  for (std::uint32_t id = console ? 0 : 1; id < vser->max_ports; ++id) {
    if (port_by_id(vser, id) == nullptr) {
      return id;
    }
  }
  throw Error("virtio-serial-bus: Maximum port limit for this device reached");
}

void plug_port(Object* handler, DeviceState* dev) {
  VirtIOSerial* vser = as_serial(handler);
  auto* port = object_cast<VirtIOSerialPort>(dev);
  port->vser = vser;
  vser->ports.push_back(port);
  if (port->nr == 0 && !virtio_serial_multiport(vser)) {
    port->guest_connected = (vser->status & VIRTIO_CONFIG_S_DRIVER_OK) != 0;
  }
  send_message(vser, port->nr, VIRTIO_CONSOLE_PORT_ADD, 1);
}

// Gives the port its number. Only a console may have 0.
void pre_plug_port(Object* handler, DeviceState* dev) {
  const VirtIOSerial* vser = as_serial(handler);
  auto* port = object_cast<VirtIOSerialPort>(dev);
  const bool console = class_of<VirtIOSerialPortClass>(port)->is_console;
  if (port->nr != VIRTIO_CONSOLE_BAD_ID && port_by_id(vser, port->nr) != nullptr) {
    throw Error("virtio-serial-bus: A port already exists at id " +
                std::to_string(port->nr));
  }
  for (const VirtIOSerialPort* other : vser->ports) {
    if (!port->name.empty() && other->name == port->name) {
      throw Error("virtio-serial-bus: A port already exists by name " + port->name);
    }
  }
  if (port->nr == VIRTIO_CONSOLE_BAD_ID) {
    port->nr = free_port(vser, console);
  }
  if (port->nr >= vser->max_ports) {
    throw Error("virtio-serial-bus: Out-of-range port id specified, max. allowed: " +
                std::to_string(vser->max_ports - 1));
  }
  if (port->nr == 0 && !console) {
    throw Error(
        "Port number 0 on virtio-serial devices reserved for virtconsole devices for"
        " backward compatibility.");
  }
}

void print_port(DeviceState* dev, std::string& text, int indent) {
  const auto* port = object_cast<VirtIOSerialPort>(dev);
  const auto on = [](bool yes) { return yes ? "on" : "off"; };
  text.append(static_cast<std::size_t>(indent), ' ')
      .append("port " + std::to_string(port->nr) + ", guest " +
              on(port->guest_connected) + ", host " + on(port->host_connected) +
              ", throttle " + on(port->throttled) + "\n");
}

// ---- the types ----------------------------------------------------------------------

constexpr Property virtio_serial_properties[] = {
    qdev_prop_uint32("max_ports", &VirtIOSerial::max_ports, 31),
    qdev_prop_bit64("emergency-write", &VirtIOSerial::host_features,
                    VIRTIO_CONSOLE_F_EMERG_WRITE, true),
};

void virtio_serial_class_init(ObjectClass* klass, void*) {
  auto* vdc = class_cast<VirtioDeviceClass>(klass);
  vdc->categories = DEVICE_CATEGORY_INPUT;
  vdc->realize_virtio = virtio_serial_realize;
  vdc->unrealize_virtio = virtio_serial_unrealize;
  vdc->get_features = get_features;
  vdc->get_config = get_config;
  vdc->set_config = set_config;
  vdc->set_status = set_status;
  vdc->reset_virtio = virtio_serial_reset;
  device_class_set_props(vdc, virtio_serial_properties);
  auto* hotplug = class_cast<HotplugHandlerClass>(klass);
  hotplug->pre_plug = pre_plug_port;
  hotplug->plug = plug_port;
}

void virtio_serial_bus_class_init(ObjectClass* klass, void*) {
  class_cast<BusClass>(klass)->print_dev = print_port;
}

constexpr InterfaceInfo virtio_serial_interfaces[] = {{TYPE_HOTPLUG_HANDLER}, {}};

constinit const TypeInfo virtio_serial_types[] = {
    {
        .name = TYPE_VIRTIO_SERIAL_BUS,
        .parent = TYPE_BUS,
        .class_init = virtio_serial_bus_class_init,
    },
    {
        .name = TYPE_VIRTIO_SERIAL,
        .parent = TYPE_VIRTIO_DEVICE,
        .instance = instance_struct<VirtIOSerial>(),
        .class_init = virtio_serial_class_init,
        .interfaces = virtio_serial_interfaces,
    },
};

void virtio_serial_register_types() {
  for (const TypeInfo& info : virtio_serial_types) {
    type_register_static(info);
  }
}

type_init(virtio_serial_register_types);

}  // namespace

// ---- for ports ----------------------------------------------------------------------

VirtQueue* virtio_serial_in_queue(const VirtIOSerialPort* port) {
  return virtio_queue(port->vser, first_queue(port->nr));
}

VirtQueue* virtio_serial_out_queue(const VirtIOSerialPort* port) {
  return virtio_queue(port->vser, first_queue(port->nr) + 1);
}

bool virtio_serial_multiport(const VirtIOSerial* vser) {
  return virtio_vdev_has_feature(vser, VIRTIO_CONSOLE_F_MULTIPORT);
}

void virtio_serial_unplug(VirtIOSerialPort* port) {
  if (VirtIOSerial* vser = std::exchange(port->vser, nullptr)) {
    send_message(vser, port->nr, VIRTIO_CONSOLE_PORT_REMOVE, 1);
    std::erase(vser->ports, port);
  }
}

void virtio_serial_send_event(VirtIOSerialPort* port, std::uint16_t event,
                              std::uint16_t value) {
  if (port->vser != nullptr) {
    send_message(port->vser, port->nr, event, value);
  }
}

}  // namespace hw
