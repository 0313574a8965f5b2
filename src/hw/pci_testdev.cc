// pci-testdev: a PCI card whose registers count what is written to them, to measure what
// an access costs (documented as "pci-testdev" in QEMU's manual). BAR 0 is memory, BAR 1
// ports; each has three tests. Writing n to offset 0 begins test n; then the header reads
//
//   0  test   1  width of the access, bytes   4  offset to write to   8  data to write
//   12 how many such writes have come         16 name, ends with a zero
//
// In QEMU tests 1 and 2 are answered inside the kernel by an eventfd and never counted;
// here all writes exit, and all that match are counted. Property membar: size of one more
// BAR of RAM-less memory, for tests of very large ones.
#include <array>
#include <bit>
#include <cstring>

#include "core/pci.h"

namespace hw {

using namespace core;

namespace {

constexpr const char* TYPE_PCI_TEST_DEV = "pci-testdev";
constexpr unsigned tests_per_bar = 3;
constexpr std::uint64_t mem_size = 4096, io_size = 256;
constexpr std::uint32_t mem_data_offset = 2048, io_data_offset = 128;

// "mmio-no-eventfd" counts writes of this byte; "wildcard" any byte.
struct TestKind {
  const char* name;
  std::uint8_t data;
  bool any;
};

constexpr TestKind kinds[tests_per_bar] = {{"no-eventfd", 0xfa, false},
                                           {"wildcard-eventfd", 0xce, true},
                                           {"datamatch-eventfd", 0xfa, false}};

struct IOTest {
  std::uint32_t offset = 0;
  std::uint32_t count = 0;
  std::string name;
};

struct PCITestDevState : PCIDevice {
  static constexpr const char* qom_type = "pci-testdev";
  std::array<IOTest, 2 * tests_per_bar> tests;
  int current = -1;  // none begun
  std::uint64_t membar_size = 0;
};

PCITestDevState* as_testdev(Object* obj) {
  return object_cast<PCITestDevState>(obj);
}

std::uint8_t header_byte(PCITestDevState* d, std::uint64_t offset) {
  if (d->current < 0) {
    return 0;
  }
  const auto index = static_cast<unsigned>(d->current);
  const IOTest& test = d->tests[index];
  const auto byte_of = [](std::uint32_t value, std::uint64_t n) {
    return static_cast<std::uint8_t>(value >> 8 * (n & 3));
  };
  if (offset < 4) {
    const std::uint8_t first[] = {static_cast<std::uint8_t>(index), 1, 0, 0};
    return first[offset];
  }
  if (offset < 8) {
    return byte_of(test.offset, offset);
  }
  if (offset < 12) {
    return byte_of(kinds[index % tests_per_bar].data, offset);
  }
  if (offset < 16) {
    return byte_of(test.count, offset);
  }
  return offset - 16 < test.name.size()
             ? static_cast<std::uint8_t>(test.name[offset - 16])
             : 0;
}

std::uint64_t testdev_read(void* opaque, std::uint64_t offset, unsigned) {
  return header_byte(static_cast<PCITestDevState*>(opaque), offset);
}

void begin_test(PCITestDevState* d, std::uint64_t number, unsigned bar) {
  d->current = -1;
  if (number < tests_per_bar) {
    d->current = static_cast<int>(bar * tests_per_bar + number);
    d->tests[static_cast<std::size_t>(d->current)].count = 0;
  }
}

void testdev_write(PCITestDevState* d, std::uint64_t offset, std::uint64_t value,
                   unsigned bar) {
  if (offset == 0) {
    begin_test(d, value, bar);
    return;
  }
  if (d->current < 0) {
    return;
  }
  IOTest& test = d->tests[static_cast<std::size_t>(d->current)];
  const TestKind& kind = kinds[static_cast<unsigned>(d->current) % tests_per_bar];
  if (offset == test.offset && (kind.any || (value & 0xff) == kind.data)) {
    ++test.count;
  }
}

void mmio_write(void* opaque, std::uint64_t offset, std::uint64_t value, unsigned) {
  testdev_write(static_cast<PCITestDevState*>(opaque), offset, value, 0);
}

void pio_write(void* opaque, std::uint64_t offset, std::uint64_t value, unsigned) {
  testdev_write(static_cast<PCITestDevState*>(opaque), offset, value, 1);
}

constexpr MemoryRegionOps mmio_ops{.read = testdev_read,
                                   .write = mmio_write,
                                   .impl_min_access_size = 1,
                                   .impl_max_access_size = 1};
constexpr MemoryRegionOps pio_ops{.read = testdev_read,
                                  .write = pio_write,
                                  .impl_min_access_size = 1,
                                  .impl_max_access_size = 1};

void fill_tests(PCITestDevState* d) {
  for (unsigned i = 0; i < d->tests.size(); ++i) {
    const bool io = i >= tests_per_bar;
    // Each test writes to its own byte.
    d->tests[i] = {
        .offset = (io ? io_data_offset : mem_data_offset) + i,
        .name = std::string(io ? "portio-" : "mmio-") + kinds[i % tests_per_bar].name};
  }
}

void pci_testdev_realize(PCIDevice* dev) {
  PCITestDevState* d = as_testdev(dev);
  if (d->membar_size != 0 &&
      (!std::has_single_bit(d->membar_size) || d->membar_size < 16)) {
    throw Error("membar is " + std::to_string(d->membar_size) +
                " bytes: it must be a power of two, at least 16");
  }
  fill_tests(d);
  pci_register_bar(d, 0, PCI_BASE_ADDRESS_SPACE_MEMORY,
                   memory_region_new_io(d, &mmio_ops, d, "pci-testdev-mmio", mem_size));
  pci_register_bar(d, 1, PCI_BASE_ADDRESS_SPACE_IO,
                   memory_region_new_io(d, &pio_ops, d, "pci-testdev-portio", io_size));
  if (d->membar_size != 0) {
    pci_register_bar(
        d, 2,
        PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_PREFETCH |
            PCI_BASE_ADDRESS_MEM_TYPE_64,
        memory_region_new_container(d, "pci-testdev-membar", d->membar_size));
  }
}

void pci_testdev_reset(DeviceState* dev) {
  PCITestDevState* d = as_testdev(dev);
  d->current = -1;
  for (IOTest& test : d->tests) {
    test.count = 0;
  }
}

constexpr Property pci_testdev_properties[] = {
    qdev_prop_size("membar", &PCITestDevState::membar_size, 0),
};

void pci_testdev_class_init(ObjectClass* klass, void*) {
  auto* pc = class_cast<PCIDeviceClass>(klass);
  pc->realize_pci = pci_testdev_realize;
  pc->reset = pci_testdev_reset;
  pc->vendor_id = PCI_VENDOR_ID_REDHAT;
  pc->device_id = 0x0005;
  pc->class_id = PCI_CLASS_OTHERS;
  pc->desc = "PCI Test Device";
  pc->categories = DEVICE_CATEGORY_MISC;
  device_class_set_props(pc, pci_testdev_properties);
}

constexpr InterfaceInfo pci_testdev_interfaces[] = {{INTERFACE_CONVENTIONAL_PCI_DEVICE},
                                                    {}};

constinit const TypeInfo pci_testdev_info{
    .name = TYPE_PCI_TEST_DEV,
    .parent = TYPE_PCI_DEVICE,
    .instance = instance_struct<PCITestDevState>(),
    .class_init = pci_testdev_class_init,
    .interfaces = pci_testdev_interfaces,
};

void pci_testdev_register_types() {
  type_register_static(pci_testdev_info);
}

type_init(pci_testdev_register_types);

}  // namespace

}  // namespace hw
