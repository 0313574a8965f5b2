// The places for CPUs a board has, and who sits in them. A place has an index (0 is the
// CPU that boots), an APIC id, and with it a socket, a core and a thread. The board fills
// the first -smp of them; -device MODEL,socket-id=S,core-id=C,thread-id=T, or apic-id=N,
// fills one of the others, up to maxcpus. Both ways a CPU passes x86_cpu_pre_plug() when
// it is realized, which finds its place or refuses it in 4.0's words.
#include <algorithm>
#include <string>

#include "core/qdev_properties.h"
#include "core/run_state.h"
#include "core/startup_step.h"
#include "machine/x86_board.h"

namespace machine {

namespace {

constexpr std::uint32_t unassigned_apic_id = 0xffffffff;

struct Place {
  unsigned socket, core, thread;
};

unsigned bits_for(unsigned count) {
  unsigned bits = 0;
  while ((1u << bits) < count) {
    ++bits;
  }
  return bits;
}

unsigned threads_of(const MachineState* machine) {
  return static_cast<unsigned>(std::max(machine->smp_threads, 1));
}

unsigned cores_of(const MachineState* machine) {
  return static_cast<unsigned>(std::max(machine->smp_cores, 1));
}

// The APIC id packs package, core and thread into bit fields (SDM vol. 3, 8.9).
std::uint32_t pack(const MachineState* machine, const Place& place) {
  const unsigned thread_bits = bits_for(threads_of(machine));
  const unsigned core_bits = bits_for(cores_of(machine));
  return place.socket << (thread_bits + core_bits) | place.core << thread_bits |
         place.thread;
}

Place unpack(const MachineState* machine, std::uint32_t apic_id) {
  const unsigned thread_bits = bits_for(threads_of(machine));
  const unsigned core_bits = bits_for(cores_of(machine));
  return {apic_id >> (thread_bits + core_bits),
          apic_id >> thread_bits & ((1u << core_bits) - 1),
          apic_id & ((1u << thread_bits) - 1)};
}

std::uint32_t apic_id_of(const MachineState* machine, int index) {
  const auto number = static_cast<unsigned>(index);
  const unsigned threads = threads_of(machine), cores = cores_of(machine);
  return pack(machine,
              {number / (threads * cores), number / threads % cores, number % threads});
}

// -1: no place has that id.
int index_of(const MachineState* machine, std::uint32_t apic_id) {
  for (int index = 0; index < machine->max_cpus; ++index) {
    if (apic_id_of(machine, index) == apic_id) {
      return index;
    }
  }
  return -1;
}

// ---- finding a place ------------------------------------------------------------------

unsigned checked_id(DeviceState* cpu, const std::string& property, unsigned last) {
  const std::int64_t id = object_property_get_int(cpu, property);
  if (id < 0) {
    throw Error("CPU " + property + " is not set");
  }
  if (id > last) {
    throw Error("Invalid CPU " + property + ": " + std::to_string(id) +
                " must be in range 0:" + std::to_string(last));
  }
  return static_cast<unsigned>(id);
}

// By the three ids, if the CPU was given no APIC id.
void settle_apic_id(const MachineState* machine, DeviceState* cpu) {
  if (object_property_get_uint(cpu, "apic-id") != unassigned_apic_id) {
    return;
  }
  const unsigned threads = threads_of(machine), cores = cores_of(machine);
  const unsigned last_socket =
      static_cast<unsigned>(machine->max_cpus - 1) / threads / cores;
  Place place{};
  place.socket = checked_id(cpu, "socket-id", last_socket);
  place.core = checked_id(cpu, "core-id", cores - 1);
  place.thread = checked_id(cpu, "thread-id", threads - 1);
  object_property_set_uint(cpu, pack(machine, place), "apic-id");
}

int free_index(const MachineState* machine, std::uint32_t apic_id) {
  const int index = index_of(machine, apic_id);
  if (index < 0) {
    const Place place = unpack(machine, apic_id);
    throw Error("Invalid CPU [socket: " + std::to_string(place.socket) + ", core: " +
                std::to_string(place.core) + ", thread: " + std::to_string(place.thread) +
                "] with APIC ID " + std::to_string(apic_id) +
                ", valid index range 0:" + std::to_string(machine->max_cpus - 1));
  }
  for (const CpuState* other : cpu_list()) {
    if (other->cpu_index == index) {
      throw Error("CPU[" + std::to_string(index) + "] with APIC ID " +
                  std::to_string(apic_id) + " exists");
    }
  }
  return index;
}

std::string hex(std::uint32_t value) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), digits[value & 0xf]);
    value >>= 4;
  } while (value != 0);
  return "0x" + text;
}

// An id given beside the APIC id has to mean the same place.
void settle_id(DeviceState* cpu, const std::string& property, unsigned id,
               std::uint32_t apic_id) {
  const std::int64_t given = object_property_get_int(cpu, property);
  if (given != -1 && given != id) {
    throw Error("property " + property + ": " + std::to_string(given) +
                " doesn't match set apic-id: " + hex(apic_id) + " (" + property + ": " +
                std::to_string(id) + ")");
  }
  object_property_set_int(cpu, id, property);
}

void settle_node(DeviceState* cpu, int index) {
  const std::int64_t given = object_property_get_int(cpu, "node-id");
  const std::int32_t node = machine_cpu_node_id(index);
  if (given != -1 && given != node) {
    throw Error("node-id=" + std::to_string(given) +
                " must match numa node specified with -numa option");
  }
  object_property_set_int(cpu, node, "node-id");
}

void new_cpu(const char* type, std::uint32_t apic_id) {
  if (object_class_by_name(type) == nullptr) {
    throw Error("unable to find CPU type '" + std::string(type) + "'");
  }
  const Ref<> cpu(object_new(type));
  object_property_set_uint(cpu.get(), apic_id, "apic-id");
  object_property_set_bool(cpu.get(), true, "realized");
}

const char* cpu_type_of(const MachineState* machine) {
  return machine->cpu_type.empty() ? class_of<MachineClass>(machine)->default_cpu_type
                                   : machine->cpu_type.c_str();
}

void pre_plug(Object* handler, DeviceState* dev) {
  x86_cpu_pre_plug(object_cast<MachineState>(handler), dev);
}

}  // namespace

void x86_cpus_init(MachineState* machine) {
  const StartupStep step("pc_cpus_init");
  for (int i = 0; i < machine->smp_cpus; ++i) {
    new_cpu(cpu_type_of(machine), apic_id_of(machine, i));
  }
}

void x86_cpu_pre_plug(const MachineState* machine, DeviceState* dev) {
  auto* cpu = object_cast<CpuState>(dev);
  const char* type = cpu_type_of(machine);
  if (object_dynamic_cast(cpu, type) == nullptr) {
    throw Error("Invalid CPU type, expected cpu type: '" + std::string(type) + "'");
  }
  settle_apic_id(machine, dev);
  const auto apic_id =
      static_cast<std::uint32_t>(object_property_get_uint(dev, "apic-id"));
  const int index = free_index(machine, apic_id);
  const Place place = unpack(machine, apic_id);
  settle_id(dev, "socket-id", place.socket, apic_id);
  settle_id(dev, "core-id", place.core, apic_id);
  settle_id(dev, "thread-id", place.thread, apic_id);
  cpu->cpu_index = index;
  cpu->accel_id = static_cast<int>(apic_id);
  cpu->start_halted = index != 0;
  settle_node(dev, index);
}

std::uint32_t x86_apic_id_limit(const MachineState* machine) {
  return apic_id_of(machine, std::max(machine->max_cpus, 1) - 1) + 1;
}

void x86_take_cpus(ObjectClass* klass) {
  class_cast<MachineClass>(klass)->get_hotplug_handler = [](MachineState* machine,
                                                            DeviceState* dev) -> Object* {
    return object_dynamic_cast(dev, TYPE_CPU) == nullptr ? nullptr : machine;
  };
  class_cast<HotplugHandlerClass>(klass)->pre_plug = pre_plug;
}

}  // namespace machine
