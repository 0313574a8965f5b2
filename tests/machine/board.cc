#include "board.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "core/qdev_properties.h"

namespace machine_test {

namespace {

constexpr const char* TYPE_TEST_CHARDEV = "machine-test-chardev";

std::string& captured() {
  static std::string text;
  return text;
}

void capture(Chardev*, std::span<const std::uint8_t> bytes) {
  captured().append(bytes.begin(), bytes.end());
}

struct TestCpuState : CpuState {
  static constexpr const char* qom_type = test_cpu_type;
  std::uint32_t apic_id = 0;
  std::int32_t socket_id = 0, core_id = 0, thread_id = 0, node_id = 0;
};

constexpr Property test_cpu_properties[] = {
    qdev_prop_uint32("apic-id", &TestCpuState::apic_id, 0xffffffff),
    qdev_prop_int32("socket-id", &TestCpuState::socket_id, -1),
    qdev_prop_int32("core-id", &TestCpuState::core_id, -1),
    qdev_prop_int32("thread-id", &TestCpuState::thread_id, -1),
    qdev_prop_int32("node-id", &TestCpuState::node_id, -1),
};

constinit const TypeInfo cpu_info{
    .name = test_cpu_type,
    .parent = TYPE_CPU,
    .instance = instance_struct<TestCpuState>(),
    .class_init =
        [](ObjectClass* klass, void*) {
          device_class_set_props(class_cast<DeviceClass>(klass), test_cpu_properties);
        },
};

constinit const TypeInfo chardev_info{
    .name = TYPE_TEST_CHARDEV,
    .parent = TYPE_CHARDEV,
    .class_init = [](ObjectClass* klass,
                     void*) { class_cast<ChardevClass>(klass)->write = capture; },
};

void fixture_register_types() {
  type_register_static(cpu_info);
  type_register_static(chardev_info);
}

type_init(fixture_register_types);

struct TemporaryFiles {
  std::vector<std::string> paths;

  ~TemporaryFiles() {
    for (const std::string& path : paths) {
      ::unlink(path.c_str());
    }
  }
};

}  // namespace

void register_types() {
  static const bool once = (module_call_init(MODULE_INIT_QOM), true);
  (void)once;
}

std::string temporary_file(const std::string& bytes) {
  static TemporaryFiles files;
  std::string path = ::testing::TempDir() + "vitrine-image-XXXXXX";
  const int fd = ::mkstemp(path.data());
  if (fd >= 0) {
    ::close(fd);
  }
  std::ofstream(path, std::ios::binary) << bytes;
  files.paths.push_back(path);
  return path;
}

Board::Board(const std::string& name, const Configure& configure) {
  register_types();
  qdev_reset_for_test();
  auto clock = std::make_unique<ManualClock>();
  clock_ = clock.get();
  clock_set_source(std::move(clock));
  clock_set_host_base(1'700'000'000'000'000'000, true);
  output_ = &captured();
  output_->clear();

  machine_ = object_cast<MachineState>(object_new((name + "-machine").c_str()));
  current_machine = machine_;
  object_property_add_child(object_get_root(), "machine", machine_);
  object_unref(machine_);
  address_spaces_init();
  machine_->ram_size = 16 << 20;
  machine_->cpu_type = test_cpu_type;
  machine_->firmware = "bios-256k.bin";
  if (object_dynamic_cast(machine_, machine::TYPE_PC_MACHINE) != nullptr) {
    machine_->kernel_filename = temporary_file("\xf4");
  }
  chardev_ = object_cast<Chardev>(object_new(TYPE_TEST_CHARDEV));
  object_property_add_child(container_get(object_get_root(), "/chardevs"), "serial0",
                            chardev_);
  object_unref(chardev_);
  chardev_->label = "serial0";
  machine::board_config().serial_hds = {chardev_};
  if (configure) {
    configure(machine_);
  }
  machine_->max_cpus = std::max(machine_->max_cpus, machine_->smp_cpus);
  try {
    class_of<MachineClass>(machine_)->init(machine_);
  } catch (...) {
    tear_down();
    throw;
  }
  qemu_run_machine_init_done_notifiers();
  qemu_system_reset();
}

Board::~Board() {
  tear_down();
}

void Board::tear_down() {
  machine::board_config().serial_hds.clear();
  qemu_unregister_all_resets();
  memory_reset_for_test();
  object_unparent(machine_);
  object_unparent(chardev_);
  clock_reset_for_test();
  current_machine = nullptr;
}

std::uint8_t Board::in(std::uint16_t port) {
  return static_cast<std::uint8_t>(read_number(address_space_io(), port, 1));
}

void Board::out(std::uint16_t port, std::uint8_t value) {
  write_number(address_space_io(), port, value, 1);
}

void Board::pass(std::int64_t nanoseconds) {
  clock_->now += nanoseconds;
  timers_run_expired();
}

std::uint64_t read_number(AddressSpace& space, std::uint64_t address, unsigned size) {
  std::byte bytes[8]{};
  space.read(address, std::span(bytes, size));
  std::uint64_t value = 0;
  for (unsigned i = size; i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  return value;
}

void write_number(AddressSpace& space, std::uint64_t address, std::uint64_t value,
                  unsigned size) {
  std::byte bytes[8];
  for (unsigned i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(value >> 8 * i);
  }
  space.write(address, std::span(bytes, size));
}

}  // namespace machine_test
