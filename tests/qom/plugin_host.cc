// Loads the sample plugin and uses its device the way the program would: realizes
// it, is refused by it, reads its port. Exits 0 when all was as the sample says.
#include <cstdio>

#include "core/isa.h"
#include "core/memory.h"
#include "core/qdev.h"
#include "qom/plugin.h"

namespace {

using namespace core;

bool check(bool right, const char* claim) {
  std::printf("%s: %s\n", right ? "ok" : "WRONG", claim);
  return right;
}

// The error crosses from the plugin into the program.
bool refuses_one_side(ISABus* bus) {
  DeviceState* dev = isa_create(bus, "dice");
  object_property_parse(dev, "1", "sides");
  try {
    qdev_realize(dev);
  } catch (const qom::Error& error) {
    return std::string(error.what()).find("dice need at least 2 sides, not 1") !=
           std::string::npos;
  }
  return false;
}

bool throws_are_repeatable(ISABus* bus) {
  DeviceState* dev = isa_create(bus, "dice");
  object_property_parse(dev, "42", "seed");
  qdev_realize(dev);
  const MemoryRegion* port = bus->address_space_io->subregions.front();
  port->ops->write(port->opaque, 0, 7, 1);
  const std::uint64_t first = port->ops->read(port->opaque, 0, 1);
  port->ops->write(port->opaque, 0, 7, 1);
  return port->ops->read(port->opaque, 0, 1) == first && first >= 1 && first <= 6;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s PLUGIN.so\n", argv[0]);
    return 2;
  }
  module_call_init(MODULE_INIT_QOM);
  try {
    module_load_file(argv[1]);
    MemoryRegion* memory = memory_region_new_container(nullptr, "memory", 1 << 20);
    MemoryRegion* io = memory_region_new_container(nullptr, "io", 1 << 16);
    ISABus* bus = isa_bus_new(nullptr, memory, io);
    bool right = check(object_class_by_name("dice") != nullptr, "the type is registered");
    right =
        check(refuses_one_side(bus), "an error of the plugin is caught here") && right;
    right = check(throws_are_repeatable(bus), "the same seed throws the same") && right;
    return right ? 0 : 1;
  } catch (const std::exception& error) {
    std::printf("WRONG: %s\n", error.what());
    return 1;
  }
}
