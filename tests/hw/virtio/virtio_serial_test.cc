// virtio-serial as a driver of the guest finds it: control messages, ports in both
// directions, a host side that is slow or not there, and messages no driver would send.
#include "hw/virtio_serial.h"

#include "core/block.h"
#include "driver.h"
#include "qom/composition.h"

namespace virtio_test {
namespace {

using hw::VirtIOSerialPort;

constexpr const char* TYPE_SLOW_CHARDEV = "virtio-test-slow-chardev";
constexpr std::uint64_t multiport = 1 << 1;
constexpr unsigned port_0_in = 0, port_0_out = 1, control_in = 2, control_out = 3,
                   port_1_in = 4, port_1_out = 5, queues = 6;

// Takes `room` bytes and then no more.
struct SlowChardev : Chardev {
  static constexpr const char* qom_type = TYPE_SLOW_CHARDEV;
  std::size_t room = 1 << 20;
  std::string taken;
};

std::size_t write_some(Chardev* chr, std::span<const std::uint8_t> bytes) {
  auto* self = static_cast<SlowChardev*>(chr);
  const auto part = bytes.first(std::min(self->room, bytes.size()));
  self->taken.append(part.begin(), part.end());
  self->room -= part.size();
  return part.size();
}

void write_all(Chardev* chr, std::span<const std::uint8_t> bytes) {
  static_cast<SlowChardev*>(chr)->taken.append(bytes.begin(), bytes.end());
}

constinit const TypeInfo slow_info{
    .name = TYPE_SLOW_CHARDEV,
    .parent = TYPE_CHARDEV,
    .instance = instance_struct<SlowChardev>(),
    .class_init =
        [](ObjectClass* klass, void*) {
          class_cast<ChardevClass>(klass)->write = write_all;
          class_cast<ChardevClass>(klass)->write_some = write_some;
        },
};

void register_slow_chardev() {
  type_register_static(slow_info);
}

type_init(register_slow_chardev);

SlowChardev* add_chardev(const char* id) {
  auto* chr = object_cast<SlowChardev>(object_new(TYPE_SLOW_CHARDEV));
  object_property_add_child(container_get(object_get_root(), "/chardevs"), id, chr);
  object_unref(chr);
  chr->label = id;
  return chr;
}

// A card with a console as port 0 and a stream named "data" as port 1.
class SerialBoard {
 public:
  explicit SerialBoard(Face face = Face::modern) : board("pc-i440fx-4.0") {
    card = add_card(DiskBoard::bus(), "virtio-serial-pci", {});
    console = add_port("virtconsole", {{"chardev", "c0"}});
    stream = add_port("virtserialport", {{"chardev", "c1"}, {"name", "data"}});
    driver = std::make_unique<Driver>(card, face);
  }

  ~SerialBoard() {
    {
      const Ref<> alive(object_ref(card));
      object_unparent(card);
    }
    object_unparent(host_0);
    object_unparent(host_1);
  }

  BusState* ports() const {
    return object_cast<BusState>(object_resolve_path_type("", "virtio-serial-bus"));
  }

  VirtIOSerialPort* add_port(const char* type,
                             const std::map<std::string, std::string>& properties) {
    DeviceState* dev = qdev_create(ports(), type);
    const Ref<DeviceState> alive(static_cast<DeviceState*>(object_ref(dev)));
    try {
      for (const auto& [name, value] : properties) {
        object_property_parse(dev, value, name);
      }
      qdev_realize(dev);
    } catch (...) {
      qdev_set_parent_bus(dev, nullptr);
      throw;
    }
    return object_cast<VirtIOSerialPort>(dev);
  }

  std::string refused(const char* type,
                      const std::map<std::string, std::string>& properties) {
    return error_of([&] { add_port(type, properties); });
  }

  void start() {
    driver->start(multiport, queues);
    offer_control_buffers();
  }

  void offer_control_buffers() {
    driver->select(control_in);
    for (unsigned i = 0; i < 16; ++i) {
      driver->describe(i, {{control_at + 64 * i, 64, true}});
      driver->make_available(i);
    }
    driver->notify();
  }

  void send_control(std::uint32_t port, std::uint32_t event, std::uint32_t value) {
    write_number(address_space_memory(), header_at, port, 4);
    write_number(address_space_memory(), header_at + 4, event, 2);
    write_number(address_space_memory(), header_at + 6, value, 2);
    driver->select(control_out);
    driver->describe(0, {{header_at, 8, false}});
    driver->make_available(0);
    driver->notify();
  }

  // "port event value" of each control message that came, a name behind it.
  std::vector<std::string> control_messages() {
    driver->select(control_in);
    std::vector<std::string> messages;
    for (unsigned i = 0; i < driver->used_index(); ++i) {
      const std::uint64_t at = control_at + 64 * i;
      std::string text =
          std::to_string(read_number(address_space_memory(), at, 4)) + " " +
          std::to_string(read_number(address_space_memory(), at + 4, 2)) + " " +
          std::to_string(read_number(address_space_memory(), at + 6, 2));
      for (std::uint64_t c = at + 8; c + 1 < at + driver->used_length(i); ++c) {
        text += static_cast<char>(read_number(address_space_memory(), c, 1));
      }
      messages.push_back(text);
    }
    return messages;
  }

  void print(unsigned queue, const std::string& text) {
    address_space_memory().write(data_at, std::as_bytes(std::span(text)));
    driver->select(queue);
    driver->describe(0, {{data_at, static_cast<std::uint32_t>(text.size()), false}});
    driver->make_available(0);
    driver->notify();
  }

  void offer_input(unsigned queue, std::uint32_t size) {
    driver->select(queue);
    driver->describe(0, {{data_at, size, true}});
    driver->make_available(0);
    driver->notify();
  }

  std::string input(unsigned queue, unsigned entry = 0) {
    driver->select(queue);
    const Bytes bytes = driver->data(driver->used_length(entry));
    return {bytes.begin(), bytes.end()};
  }

  static void type(Chardev* chr, const std::string& text) {
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    chr->read(bytes);
  }

  static constexpr std::uint64_t control_at = message_at;
  Board board;
  SlowChardev* host_0 = add_chardev("c0");
  SlowChardev* host_1 = add_chardev("c1");
  PCIDevice* card = nullptr;
  VirtIOSerialPort *console = nullptr, *stream = nullptr;
  std::unique_ptr<Driver> driver;
};

TEST(VirtioSerial, says_how_many_ports_it_can_have) {
  SerialBoard it;

  EXPECT_EQ(it.driver->config(4, 4), 31u);
  EXPECT_EQ(it.driver->offered() & multiport, multiport);
}

TEST(VirtioSerial, without_control_messages_a_console_works) {
  SerialBoard it(Face::legacy);
  it.driver->start(0, 2);

  it.print(port_0_out, "hello");
  it.offer_input(port_0_in, 16);
  const int room = it.host_0->can_read();
  SerialBoard::type(it.host_0, "ok");

  EXPECT_EQ(it.host_0->taken, "hello");
  EXPECT_EQ(room, 16);
  EXPECT_EQ(it.input(port_0_in), "ok");
}

TEST(VirtioSerial, ports_are_told_when_the_driver_is_ready) {
  SerialBoard it;
  it.start();

  it.send_control(hw::VIRTIO_CONSOLE_BAD_ID, hw::VIRTIO_CONSOLE_DEVICE_READY, 1);

  EXPECT_THAT(it.control_messages(), testing::ElementsAre("0 1 1", "1 1 1"));
}

TEST(VirtioSerial, a_port_tells_what_it_is_when_the_driver_knows_it) {
  SerialBoard it;
  it.start();

  it.send_control(0, hw::VIRTIO_CONSOLE_PORT_READY, 1);
  it.send_control(1, hw::VIRTIO_CONSOLE_PORT_READY, 1);

  EXPECT_THAT(it.control_messages(),
              testing::ElementsAre("0 4 1", "0 6 1", "1 7 1data", "1 6 1"));
}

TEST(VirtioSerial, a_message_waits_for_a_buffer) {
  SerialBoard it;
  it.driver->start(multiport, queues);

  it.send_control(hw::VIRTIO_CONSOLE_BAD_ID, hw::VIRTIO_CONSOLE_DEVICE_READY, 1);
  it.offer_control_buffers();

  EXPECT_THAT(it.control_messages(), testing::ElementsAre("0 1 1", "1 1 1"));
}

TEST(VirtioSerial, each_port_has_its_own_queues) {
  SerialBoard it;
  it.start();

  it.print(port_1_out, "to the stream");
  it.print(port_0_out, "to the console");

  EXPECT_EQ(it.host_1->taken, "to the stream");
  EXPECT_EQ(it.host_0->taken, "to the console");
}

TEST(VirtioSerial, input_waits_until_the_guest_has_opened_the_port) {
  SerialBoard it;
  it.start();
  it.offer_input(port_1_in, 8);

  const int before = it.host_1->can_read();
  it.send_control(1, hw::VIRTIO_CONSOLE_PORT_OPEN, 1);

  EXPECT_EQ(before, 0);
  EXPECT_EQ(it.host_1->can_read(), 8);
}

TEST(VirtioSerial, input_waits_for_a_buffer) {
  SerialBoard it;
  it.start();
  it.send_control(1, hw::VIRTIO_CONSOLE_PORT_OPEN, 1);

  EXPECT_EQ(it.host_1->can_read(), 0);
}

TEST(VirtioSerial, a_slow_host_side_holds_the_guest_s_request_back) {
  SerialBoard it;
  it.start();
  it.host_1->room = 3;

  it.print(port_1_out, "abcdef");
  it.driver->select(port_1_out);
  const unsigned while_slow = it.driver->used_index();
  it.host_1->room = 100;
  it.board.pass(20'000'000);

  EXPECT_EQ(while_slow, 0u);
  EXPECT_EQ(it.driver->used_index(), 1u);
  EXPECT_EQ(it.host_1->taken, "abcdef");
  EXPECT_FALSE(it.stream->throttled);
}

TEST(VirtioSerial, with_nobody_at_the_host_side_output_is_dropped) {
  SerialBoard it;
  it.start();
  it.host_1->room = 0;
  it.print(port_1_out, "abc");

  it.host_1->event(ChardevEvent::closed);
  it.driver->select(port_1_out);

  EXPECT_EQ(it.driver->used_index(), 1u);
  EXPECT_EQ(it.host_1->taken, "");
  EXPECT_THAT(it.control_messages(), testing::ElementsAre("1 6 0"));
}

TEST(VirtioSerial, a_reset_forgets_what_was_on_its_way) {
  SerialBoard it;
  it.start();
  it.host_1->room = 1;
  it.print(port_1_out, "abc");

  it.driver->reset();
  it.host_1->room = 100;
  it.board.pass(20'000'000);

  EXPECT_EQ(it.host_1->taken, "a");
  EXPECT_FALSE(it.stream->guest_connected);
}

TEST(VirtioSerial, an_emergency_byte_needs_no_driver) {
  SerialBoard it;

  it.driver->write_config(8, 'E', 4);

  EXPECT_EQ(it.host_0->taken, "E");
}

TEST(VirtioSerial, a_port_that_goes_says_so) {
  SerialBoard it;
  it.start();

  object_unparent(it.stream);

  EXPECT_THAT(it.control_messages(), testing::ElementsAre("1 2 1"));
  EXPECT_EQ(it.host_1->read, nullptr);
}

TEST(VirtioSerial, refuses_ports_in_the_words_of_4_0) {
  SerialBoard it;

  EXPECT_EQ(it.refused("virtserialport", {{"nr", "1"}}),
            "virtio-serial-bus: A port already exists at id 1");
  EXPECT_EQ(it.refused("virtserialport", {{"name", "data"}}),
            "virtio-serial-bus: A port already exists by name data");
  EXPECT_EQ(it.refused("virtconsole", {{"nr", "31"}}),
            "virtio-serial-bus: Out-of-range port id specified, max. allowed: 30");
}

TEST(VirtioSerial, keeps_port_0_for_a_console) {
  const Board board("pc-i440fx-4.0");
  add_card(DiskBoard::bus(), "virtio-serial-pci", {{"max_ports", "2"}});
  auto* bus = object_cast<BusState>(object_resolve_path_type("", "virtio-serial-bus"));

  auto* port = object_cast<VirtIOSerialPort>(qdev_create(bus, "virtserialport"));
  qdev_realize(port);

  EXPECT_EQ(port->nr, 1u);
}

TEST(VirtioSerial, a_bus_is_named_after_its_card) {
  const Board board("pc-i440fx-4.0");
  DeviceState* card = qdev_create(DiskBoard::bus(), "virtio-serial-pci");
  card->id = "vs0";

  qdev_realize(card);

  EXPECT_EQ(
      object_cast<BusState>(object_resolve_path_type("", "virtio-serial-bus"))->name,
      "vs0.0");
}

// ---- what no driver would do --------------------------------------------------------

TEST(HostileSerial, messages_that_are_short_or_about_nothing_are_given_back) {
  SerialBoard it;
  it.start();
  it.send_control(77, hw::VIRTIO_CONSOLE_PORT_OPEN, 1);
  it.send_control(0, 0xffff, 0xffff);

  it.driver->describe(0, {{header_at, 3, false}});
  it.driver->make_available(0);
  it.driver->notify();

  EXPECT_EQ(it.driver->used_index(), 3);
  EXPECT_THAT(it.control_messages(), testing::IsEmpty());
}

TEST(HostileSerial, output_in_a_buffer_for_input_is_no_output) {
  SerialBoard it;
  it.start();
  it.driver->select(port_0_out);
  it.driver->describe(0, {{data_at, 100, true}});
  it.driver->make_available(0);
  it.driver->notify();

  EXPECT_EQ(it.driver->used_index(), 1);
  EXPECT_EQ(it.host_0->taken, "");
}

TEST(HostileSerial, a_driver_that_reads_no_messages_does_not_make_us_keep_them_all) {
  SerialBoard it;
  it.driver->start(multiport, queues);

  for (int i = 0; i < 10'000; ++i) {
    it.send_control(0, hw::VIRTIO_CONSOLE_PORT_READY, 1);
  }

  auto* device = object_cast<hw::VirtIOSerial>(
      object_resolve_path_component(it.card, "virtio-backend"));
  EXPECT_LE(device->waiting.size(), 8u * 31);
}

TEST(HostileSerial, a_message_into_too_small_a_buffer_is_cut) {
  SerialBoard it;
  it.driver->start(multiport, queues);
  it.driver->select(control_in);
  it.driver->describe(0, {{message_at, 2, true}});
  it.driver->make_available(0);
  it.driver->notify();

  it.send_control(0, hw::VIRTIO_CONSOLE_PORT_READY, 1);
  it.driver->select(control_in);

  EXPECT_EQ(it.driver->used_index(), 1);
  EXPECT_EQ(it.driver->used_length(0), 2u);
}

}  // namespace
}  // namespace virtio_test
