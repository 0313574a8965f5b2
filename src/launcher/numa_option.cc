#include "launcher/numa_option.h"

#include <algorithm>
#include <cstdio>

#include "core/report.h"
#include "core/startup_step.h"
#include "launcher/guest_ram.h"
#include "launcher/unbuilt.h"
#include "options/groups.h"
#include "options/opts_visitor.h"

namespace launcher {

using namespace core;
using options::MemberType;
using options::OptsMember;
using options::QemuOpts;

namespace {

constexpr std::uint64_t most_nodes = 128;
constexpr std::uint64_t least_distance = 10;     // to itself
constexpr std::uint64_t memory_unit = 8u << 20;  // what a node's memory is a multiple of

constexpr OptsMember node_members[] = {{"type"},
                                       {"nodeid", MemberType::uint16},
                                       {"cpus", MemberType::ranges},
                                       {"mem", MemberType::size},
                                       {"memdev"}};
constexpr OptsMember dist_members[] = {{"type"},
                                       {"src", MemberType::uint16, true},
                                       {"dst", MemberType::uint16, true},
                                       {"val", MemberType::uint8, true}};
constexpr OptsMember cpu_members[] = {{"type"},
                                      {"node-id", MemberType::uint64},
                                      {"socket-id", MemberType::uint64},
                                      {"core-id", MemberType::uint64},
                                      {"thread-id", MemberType::uint64}};

std::vector<NumaNode>& nodes() {
  return current_machine->numa_nodes;
}

bool present(std::uint64_t node) {
  return node < nodes().size() && nodes()[node].present;
}

bool given(const QemuOpts* opts, const char* key) {
  return options::qemu_opt_find(opts, key) != nullptr;
}

std::string hex(std::uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

// ---- CPUs ---------------------------------------------------------------------------

struct CpuPlace {
  std::uint64_t socket, core, thread;
};

CpuPlace place_of(int cpu) {
  const int threads = std::max(current_machine->smp_threads, 1);
  const int cores = std::max(current_machine->smp_cores, 1);
  return {static_cast<std::uint64_t>(cpu / (threads * cores)),
          static_cast<std::uint64_t>(cpu / threads % cores),
          static_cast<std::uint64_t>(cpu % threads)};
}

void assign_cpu(int cpu, std::uint64_t node) {
  auto& ids = current_machine->cpu_node_ids;
  ids.resize(static_cast<std::size_t>(current_machine->max_cpus), -1);
  std::int32_t& id = ids[static_cast<std::size_t>(cpu)];
  if (id != -1 && id != static_cast<std::int32_t>(node)) {
    throw Error("CPU is already assigned to node-id: " + std::to_string(id));
  }
  id = static_cast<std::int32_t>(node);
}

void parse_cpu(const QemuOpts* opts) {
  options::visit_opts(opts, cpu_members);
  if (!given(opts, "node-id")) {
    throw Error("Missing mandatory node-id property");
  }
  const std::uint64_t node = options::opt_uint64(opts, "node-id", 0);
  if (!present(node)) {
    throw Error("Invalid node-id=" + std::to_string(node) +
                ", NUMA node must be defined with -numa node,nodeid=ID before it's used "
                "with -numa cpu,node-id=ID");
  }
  const auto wanted = [opts](const char* key, std::uint64_t has) {
    return !given(opts, key) || options::opt_uint64(opts, key, 0) == has;
  };
  bool matched = false;
  for (int cpu = 0; cpu < current_machine->max_cpus; ++cpu) {
    const CpuPlace place = place_of(cpu);
    if (wanted("socket-id", place.socket) && wanted("core-id", place.core) &&
        wanted("thread-id", place.thread)) {
      assign_cpu(cpu, node);
      matched = true;
    }
  }
  if (!matched) {
    throw Error("no match found");
  }
}

// ---- nodes and distances ------------------------------------------------------------

// All nodes have mem= or all have memdev=.
void check_one_kind(const QemuOpts* opts, std::uint64_t number) {
  bool memory = given(opts, "mem");
  bool memdev = given(opts, "memdev");
  for (std::size_t i = 0; i < nodes().size(); ++i) {
    if (i != number && nodes()[i].present) {
      memdev = memdev || !nodes()[i].memdev.empty();
      memory = memory || (nodes()[i].memory != 0 && nodes()[i].memdev.empty());
    }
  }
  if (memory && memdev) {
    throw Error(
        "numa configuration should use either mem= or memdev=,mixing both is not "
        "allowed");
  }
}

void set_memdev(NumaNode& node, const std::string& id) {
  Object* backend = object_resolve_path_type(id, "memory-backend", nullptr);
  if (backend == nullptr) {
    throw Error("memdev=" + id + " is ambiguous");
  }
  node.memdev = object_get_canonical_path(backend).value_or(id);
  node.memory = object_property_get_uint(backend, "size");
}

void parse_node(const QemuOpts* opts, const MachineClass* mc) {
  options::visit_opts(opts, node_members);
  const auto count = static_cast<std::uint64_t>(std::count_if(
      nodes().begin(), nodes().end(), [](const NumaNode& node) { return node.present; }));
  const std::uint64_t number = options::opt_uint64(opts, "nodeid", count);
  if (number >= most_nodes) {
    throw Error("Max number of NUMA nodes reached: " + std::to_string(number));
  }
  if (present(number)) {
    throw Error("Duplicate NUMA nodeid: " + std::to_string(number));
  }
  if (!has_named_ram(mc)) {
    throw Error("NUMA is not supported by this machine-type");
  }
  const auto maximum = static_cast<std::uint64_t>(current_machine->max_cpus);
  for (const std::uint64_t cpu : options::opt_ranges(opts, "cpus")) {
    if (cpu >= maximum) {
      throw Error("CPU index (" + std::to_string(cpu) +
                  ") should be smaller than maxcpus (" + std::to_string(maximum) + ")");
    }
    assign_cpu(static_cast<int>(cpu), number);
  }
  check_one_kind(opts, number);
  nodes().resize(std::max<std::size_t>(nodes().size(), number + 1));
  NumaNode& node = nodes()[number];
  node.present = true;
  if (given(opts, "mem")) {
    // A bare number means MiB, as for -m.
    node.memory = options::qemu_strtosz(options::qemu_opt_get(opts, "mem"), 'M').bytes;
  }
  if (given(opts, "memdev")) {
    set_memdev(node, options::qemu_opt_get(opts, "memdev"));
  }
}

void parse_distance(const QemuOpts* opts) {
  options::visit_opts(opts, dist_members);
  const std::uint64_t from = options::opt_uint64(opts, "src", 0);
  const std::uint64_t to = options::opt_uint64(opts, "dst", 0);
  const std::uint64_t distance = options::opt_uint64(opts, "val", 0);
  if (from >= most_nodes || to >= most_nodes) {
    throw Error(std::string("Parameter '") + (from >= most_nodes ? "src" : "dst") +
                "' expects an integer between 0 and " + std::to_string(most_nodes - 1));
  }
  if (!present(from) || !present(to)) {
    throw Error(
        "Source/Destination NUMA node is missing. Please use '-numa node' option "
        "to declare it first.");
  }
  if (distance < least_distance) {
    throw Error("NUMA distance (" + std::to_string(distance) +
                ") is invalid, it shouldn't be less than " +
                std::to_string(least_distance) + ".");
  }
  if (from == to && distance != least_distance) {
    throw Error("Local distance of node " + std::to_string(from) + " should be " +
                std::to_string(least_distance) + ".");
  }
  auto& distances = nodes()[from].distance;
  distances.resize(most_nodes, 0);
  distances[to] = static_cast<std::uint8_t>(distance);
}

void parse_numa(const QemuOpts* opts, const MachineClass* mc) {
  const char* type = options::qemu_opt_get(opts, "type");
  if (type == nullptr) {
    throw Error("Parameter 'type' is missing");
  }
  const std::string_view name = type;
  if (name == "node") {
    parse_node(opts, mc);
  } else if (name == "dist") {
    parse_distance(opts);
  } else if (name == "cpu") {
    parse_cpu(opts);
  } else {
    Error error("Invalid parameter '" + std::string(name) + "'");
    if (name.starts_with("hmat-")) {
      error.hint = "-numa hmat-lb and hmat-cache came with QEMU 5.0.";
    }
    throw error;
  }
}

// ---- completing ---------------------------------------------------------------------

// Equal parts in whole units; what is left over moves on to the next node.
void spread_memory() {
  const std::uint64_t size = current_machine->ram_size;
  const std::uint64_t share = size / nodes().size();
  std::uint64_t left_over = 0;
  std::uint64_t used = 0;
  for (std::size_t i = 0; i + 1 < nodes().size(); ++i) {
    nodes()[i].memory = (share + left_over) / memory_unit * memory_unit;
    left_over = share + left_over - nodes()[i].memory;
    used += nodes()[i].memory;
  }
  nodes().back().memory = size - used;
}

void check_total() {
  std::uint64_t total = 0;
  for (const NumaNode& node : nodes()) {
    total += node.memory;
  }
  if (total != current_machine->ram_size) {
    throw Error("total memory for NUMA nodes (" + hex(total) +
                ") should equal RAM size (" + hex(current_machine->ram_size) + ")");
  }
}

std::uint8_t distance_of(std::size_t from, std::size_t to) {
  const auto& distances = nodes()[from].distance;
  return to < distances.size() ? distances[to] : 0;
}

// One direction of every pair must be known, and both of all pairs if any two differ.
void check_distances() {
  bool asymmetrical = false;
  for (std::size_t from = 0; from < nodes().size(); ++from) {
    for (std::size_t to = from; to < nodes().size(); ++to) {
      const std::uint8_t there = distance_of(from, to);
      const std::uint8_t back = distance_of(to, from);
      if (there == 0 && back == 0 && from != to) {
        throw Error("The distance between node " + std::to_string(from) + " and " +
                    std::to_string(to) +
                    " is missing, at least one distance value between each nodes should "
                    "be provided.");
      }
      asymmetrical = asymmetrical || (there != 0 && back != 0 && there != back);
    }
  }
  for (std::size_t from = 0; asymmetrical && from < nodes().size(); ++from) {
    for (std::size_t to = 0; to < nodes().size(); ++to) {
      if (from != to && distance_of(from, to) == 0) {
        throw Error(
            "At least one asymmetrical pair of distances is given, please provide "
            "distances for both directions of all node pairs.");
      }
    }
  }
}

void complete_distances() {
  const bool any = std::any_of(nodes().begin(), nodes().end(), [](const NumaNode& node) {
    return !node.distance.empty();
  });
  if (!any) {
    return;
  }
  check_distances();
  for (std::size_t from = 0; from < nodes().size(); ++from) {
    nodes()[from].distance.resize(most_nodes, 0);
    for (std::size_t to = 0; to < nodes().size(); ++to) {
      std::uint8_t& distance = nodes()[from].distance[to];
      if (distance == 0) {
        distance = from == to ? static_cast<std::uint8_t>(least_distance)
                              : distance_of(to, from);
      }
    }
  }
}

std::string cpu_text(int cpu) {
  const CpuPlace place = place_of(cpu);
  return "CPU " + std::to_string(cpu) + " [socket-id: " + std::to_string(place.socket) +
         ", core-id: " + std::to_string(place.core) +
         ", thread-id: " + std::to_string(place.thread) + "]";
}

// Without any mapping a socket's CPUs share a node; with a partial one the rest is told.
void complete_cpus() {
  auto& ids = current_machine->cpu_node_ids;
  const bool by_default =
      std::all_of(ids.begin(), ids.end(), [](std::int32_t id) { return id == -1; });
  ids.resize(static_cast<std::size_t>(current_machine->max_cpus), -1);
  std::string missing;
  for (int cpu = 0; cpu < current_machine->max_cpus; ++cpu) {
    std::int32_t& id = ids[static_cast<std::size_t>(cpu)];
    if (by_default) {
      id = static_cast<std::int32_t>(place_of(cpu).socket % nodes().size());
    } else if (id == -1) {
      missing += (missing.empty() ? "" : ", ") + cpu_text(cpu);
      id = 0;
    }
  }
  if (!missing.empty()) {
    warn_report("CPU(s) not present in any NUMA nodes: " + missing);
    warn_report(
        "All CPU(s) up to maxcpus should be described in NUMA config, ability to start "
        "up "
        "with partial NUMA mappings is obsoleted and will be removed in future");
  }
}

}  // namespace

void parse_numa_options(const MachineClass* mc) {
  const core::StartupStep step("parse_numa_opts");
  for (const auto& opts : options::qemu_numa_opts.head) {
    at_option(opts->location, [&] { parse_numa(opts.get(), mc); });
  }
}

void complete_numa_configuration(const MachineClass* mc) {
  // Pluggable memory needs nodes to belong to.
  if (nodes().empty() && current_machine->ram_slots > 0 &&
      mc->auto_enable_numa_with_memhp) {
    nodes().push_back(
        NumaNode{.present = true, .memory = 0, .memdev = {}, .distance = {}});
  }
  if (nodes().empty()) {
    return;
  }
  for (std::size_t i = nodes().size(); i-- > 0;) {
    if (!nodes()[i].present) {
      throw Error("numa: Node ID missing: " + std::to_string(i));
    }
  }
  if (std::all_of(nodes().begin(), nodes().end(),
                  [](const NumaNode& node) { return node.memory == 0; })) {
    spread_memory();
  }
  check_total();
  complete_distances();
  complete_cpus();
}

}  // namespace launcher
