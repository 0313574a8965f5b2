// virtio-serial: one virtio device with many lines between guest and host (Virtio 1.1,
// 5.3). The device has a bus; each line is a device on it, a "port": virtconsole, a
// terminal, or virtserialport, a stream of bytes with a name.
//
//   virtio-serial-pci        the card
//   `- virtio-serial-device  queues: 0, 1 of port 0; 2, 3 control; 4, 5 of port 1...
//      `- virtio-serial-bus
//         |- virtconsole     port 0 is always one
//         `- virtserialport
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/chardev.h"
#include "core/clock.h"
#include "hw/virtio.h"

namespace hw {

inline constexpr const char* TYPE_VIRTIO_SERIAL = "virtio-serial-device";
inline constexpr const char* TYPE_VIRTIO_SERIAL_BUS = "virtio-serial-bus";
inline constexpr const char* TYPE_VIRTIO_SERIAL_PORT = "virtio-serial-port";
inline constexpr std::uint32_t VIRTIO_CONSOLE_BAD_ID = ~std::uint32_t{0};

enum VirtioConsoleFeature : std::uint8_t {
  VIRTIO_CONSOLE_F_SIZE = 0,
  VIRTIO_CONSOLE_F_MULTIPORT = 1,
  VIRTIO_CONSOLE_F_EMERG_WRITE = 2,
};

// What control messages say.
enum VirtioConsoleEvent : std::uint16_t {
  VIRTIO_CONSOLE_DEVICE_READY = 0,
  VIRTIO_CONSOLE_PORT_ADD = 1,
  VIRTIO_CONSOLE_PORT_REMOVE = 2,
  VIRTIO_CONSOLE_PORT_READY = 3,
  VIRTIO_CONSOLE_CONSOLE_PORT = 4,
  VIRTIO_CONSOLE_RESIZE = 5,
  VIRTIO_CONSOLE_PORT_OPEN = 6,
  VIRTIO_CONSOLE_PORT_NAME = 7,
};

struct VirtIOSerial;

struct VirtIOSerialPortClass : DeviceClass {
  static constexpr const char* qom_type = "virtio-serial-port";
  bool is_console = false;
};

struct VirtIOSerialPort : DeviceState {
  static constexpr const char* qom_type = "virtio-serial-port";
  std::uint32_t nr = VIRTIO_CONSOLE_BAD_ID;
  std::string name;
  Chardev* chardev = nullptr;
  VirtIOSerial* vser = nullptr;  // set while the port is plugged
  bool guest_connected = false, host_connected = false;
  bool throttled = false;               // the host side takes nothing now
  std::optional<VirtQueueElement> out;  // being sent to the host
  std::uint64_t out_done = 0;           // bytes of it that were
  std::optional<VirtQueueElement> in;   // waits for bytes of the host
  std::unique_ptr<Timer> retry;         // asks a throttling host side again
};

struct VirtIOSerial : VirtIODevice {
  static constexpr const char* qom_type = "virtio-serial-device";
  std::uint32_t max_ports = 0;
  std::string bus_name;  // empty: the bus numbers itself
  BusState* bus = nullptr;
  std::vector<VirtIOSerialPort*> ports;
  std::deque<std::vector<std::byte>> waiting;  // control messages without a buffer yet
};

// ---- between the device and its ports -----------------------------------------------

VirtQueue* virtio_serial_in_queue(const VirtIOSerialPort* port);
VirtQueue* virtio_serial_out_queue(const VirtIOSerialPort* port);
bool virtio_serial_multiport(const VirtIOSerial* vser);
void virtio_serial_send_event(VirtIOSerialPort* port, std::uint16_t event,
                              std::uint16_t value);
// The guest has put something into a port's queue of output, or room into that of input.
void virtio_serial_port_output(VirtIOSerialPort* port);
void virtio_serial_port_input(VirtIOSerialPort* port);
void virtio_serial_port_reset(VirtIOSerialPort* port);
void virtio_serial_unplug(VirtIOSerialPort* port);

}  // namespace hw
