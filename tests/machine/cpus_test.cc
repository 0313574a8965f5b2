// CPUs on their places: those of -smp, and those plugged in by hand up to maxcpus.
#include <map>

#include "board.h"

namespace {

using namespace machine_test;
using Ids = std::map<std::string, std::int64_t>;

// Two sockets of two cores of two threads, the first two places taken.
void eight_places(MachineState* machine) {
  machine->smp_cpus = 2;
  machine->smp_sockets = machine->smp_cores = machine->smp_threads = 2;
  machine->max_cpus = 8;
}

CpuState* plug(const Ids& ids) {
  const Ref<> cpu(object_new(test_cpu_type));
  for (const auto& [property, id] : ids) {
    object_property_set_int(cpu.get(), id, property);
  }
  object_property_set_bool(cpu.get(), true, "realized");
  return object_cast<CpuState>(cpu.get());
}

std::string refusal(const Ids& ids) {
  return error_of([&] { plug(ids); });
}

std::int64_t id_of(CpuState* cpu, const char* property) {
  return object_property_get_int(cpu, property);
}

TEST(Cpus, those_of_the_board_are_told_where_they_sit) {
  const Board board("pc-i440fx-4.0", [](MachineState* machine) {
    eight_places(machine);
    machine->smp_cpus = 8;
  });

  CpuState* cpu = cpu_list()[6];

  EXPECT_EQ(id_of(cpu, "socket-id"), 1);
  EXPECT_EQ(id_of(cpu, "core-id"), 1);
  EXPECT_EQ(id_of(cpu, "thread-id"), 0);
}

TEST(Cpus, one_is_plugged_where_its_three_ids_say) {
  const Board board("pc-i440fx-4.0", eight_places);

  CpuState* cpu = plug({{"socket-id", 1}, {"core-id", 0}, {"thread-id", 1}});

  EXPECT_EQ(cpu->cpu_index, 5);
  EXPECT_EQ(object_property_get_uint(cpu, "apic-id"), 5u);
  EXPECT_TRUE(cpu->start_halted);
}

TEST(Cpus, one_is_plugged_where_its_apic_id_says) {
  const Board board("pc-i440fx-4.0", eight_places);

  CpuState* cpu = plug({{"apic-id", 6}});

  EXPECT_EQ(id_of(cpu, "socket-id"), 1);
  EXPECT_EQ(id_of(cpu, "core-id"), 1);
  EXPECT_EQ(id_of(cpu, "thread-id"), 0);
}

TEST(Cpus, the_accelerator_knows_one_by_its_apic_id) {
  const Board board("pc-i440fx-4.0", [](MachineState* machine) {
    machine->smp_cpus = 4;
    machine->smp_cores = 3;  // three cores need two bits of the id
  });

  EXPECT_EQ(cpu_list()[3]->cpu_index, 3);
  EXPECT_EQ(cpu_list()[3]->accel_id, 4);
}

TEST(Cpus, they_are_listed_by_place_not_by_arrival) {
  const Board board("pc-i440fx-4.0", eight_places);

  CpuState* last = plug({{"apic-id", 7}});
  CpuState* middle = plug({{"apic-id", 4}});

  EXPECT_EQ(cpu_list()[2], middle);
  EXPECT_EQ(cpu_list()[3], last);
}

TEST(Cpus, firmware_is_told_how_many_there_are) {
  Board board("pc-i440fx-4.0", eight_places);

  plug({{"apic-id", 7}});

  board.out(0x70, 0x5f);
  EXPECT_EQ(board.in(0x71), 2);  // one less
}

TEST(Cpus, a_taken_place_is_refused) {
  const Board board("pc-i440fx-4.0", eight_places);

  EXPECT_EQ(refusal({{"socket-id", 0}, {"core-id", 0}, {"thread-id", 1}}),
            "CPU[1] with APIC ID 1 exists");
}

TEST(Cpus, a_missing_id_is_named) {
  const Board board("pc-i440fx-4.0", eight_places);

  EXPECT_EQ(refusal({}), "CPU socket-id is not set");
  EXPECT_EQ(refusal({{"socket-id", 1}}), "CPU core-id is not set");
  EXPECT_EQ(refusal({{"socket-id", 1}, {"core-id", 1}}), "CPU thread-id is not set");
}

TEST(Cpus, an_id_out_of_range_is_told_its_range) {
  const Board board("pc-i440fx-4.0", eight_places);

  EXPECT_EQ(refusal({{"socket-id", 2}, {"core-id", 0}, {"thread-id", 0}}),
            "Invalid CPU socket-id: 2 must be in range 0:1");
  EXPECT_EQ(refusal({{"socket-id", 1}, {"core-id", 5}, {"thread-id", 0}}),
            "Invalid CPU core-id: 5 must be in range 0:1");
  EXPECT_EQ(refusal({{"socket-id", 1}, {"core-id", 1}, {"thread-id", 2}}),
            "Invalid CPU thread-id: 2 must be in range 0:1");
}

TEST(Cpus, an_apic_id_without_a_place_is_refused) {
  const Board board("pc-i440fx-4.0", eight_places);

  EXPECT_EQ(refusal({{"apic-id", 13}}),
            "Invalid CPU [socket: 3, core: 0, thread: 1] with APIC ID 13, valid index "
            "range 0:7");
}

TEST(Cpus, ids_that_contradict_the_apic_id_are_refused) {
  const Board board("pc-i440fx-4.0", eight_places);

  EXPECT_EQ(refusal({{"apic-id", 6}, {"socket-id", 0}}),
            "property socket-id: 0 doesn't match set apic-id: 0x6 (socket-id: 1)");
  EXPECT_EQ(refusal({{"apic-id", 6}, {"core-id", 0}}),
            "property core-id: 0 doesn't match set apic-id: 0x6 (core-id: 1)");
}

TEST(Cpus, a_refused_one_leaves_nothing_behind) {
  const Board board("pc-i440fx-4.0", eight_places);

  refusal({{"apic-id", 0}});

  EXPECT_EQ(cpu_list().size(), 2u);
}

TEST(Cpus, all_are_of_the_machines_type) {
  const Board board("pc-i440fx-4.0", eight_places);
  board.machine()->cpu_type = "another-cpu";

  EXPECT_EQ(refusal({{"apic-id", 2}}),
            "Invalid CPU type, expected cpu type: 'another-cpu'");
}

// ---- NUMA ---------------------------------------------------------------------------

void two_nodes(MachineState* machine) {
  eight_places(machine);
  machine->cpu_node_ids = {0, 0, 0, 0, 1, 1, 1, 1};
}

TEST(Cpus, one_is_told_its_node) {
  const Board board("pc-i440fx-4.0", two_nodes);

  EXPECT_EQ(id_of(cpu_list()[1], "node-id"), 0);
  EXPECT_EQ(id_of(plug({{"apic-id", 4}}), "node-id"), 1);
}

TEST(Cpus, without_nodes_the_node_id_stays_unset) {
  const Board board("pc-i440fx-4.0", eight_places);

  EXPECT_EQ(id_of(cpu_list()[1], "node-id"), -1);
}

TEST(Cpus, a_node_id_that_contradicts_numa_is_refused) {
  const Board board("pc-i440fx-4.0", two_nodes);

  EXPECT_EQ(refusal({{"apic-id", 4}, {"node-id", 0}}),
            "node-id=0 must match numa node specified with -numa option");
}

}  // namespace
