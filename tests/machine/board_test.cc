// Boards as built: what is where, and that lines lead where they should.
#include "board.h"

namespace {

using namespace machine_test;
using ::testing::HasSubstr;

std::vector<std::string> children_of(const char* path) {
  std::vector<std::string> names;
  Object* obj = object_resolve_path(path);
  if (obj != nullptr) {
    object_child_foreach(obj, [&](Object* child) {
      names.push_back(*object_get_canonical_path_component(child));
      return 0;
    });
  }
  return names;
}

std::string type_at(const std::string& path) {
  Object* obj = object_resolve_path(path);
  return obj == nullptr ? "(nothing)" : object_get_typename(obj);
}

// The path of the only object of a type.
std::string path_of_type(const char* type) {
  Object* obj = object_resolve_path_type("", type);
  return obj == nullptr ? "" : *object_get_canonical_path(obj);
}

const FlatRange* memory_at(std::uint64_t address) {
  return address_space_memory().find(address);
}

TEST(PcBoard, the_first_cpu_is_the_first_unattached_device) {
  const Board board("pc-i440fx-4.0");

  EXPECT_EQ(type_at("/machine/unattached/device[0]"), test_cpu_type);
}

TEST(PcBoard, application_processors_wait_and_have_ids_by_topology) {
  const Board board("pc-i440fx-4.0", [](MachineState* machine) {
    machine->smp_cpus = 6;
    machine->smp_cores = 3;  // three cores need two bits of the id
  });

  ASSERT_EQ(cpu_list().size(), 6u);
  EXPECT_FALSE(cpu_list()[0]->start_halted);
  EXPECT_TRUE(cpu_list()[1]->start_halted);
  EXPECT_EQ(object_property_get_uint(cpu_list()[2], "apic-id"), 2u);
  EXPECT_EQ(object_property_get_uint(cpu_list()[3], "apic-id"), 4u);
}

TEST(PcBoard, an_unknown_cpu_type_is_refused_by_name) {
  register_types();
  machine::PCMachineState* pcms =
      machine::PC_MACHINE(object_new("pc-i440fx-4.0-machine"));
  pcms->cpu_type = "nosuch-x86_64-cpu";

  EXPECT_THAT(error_of([&] { machine::x86_cpus_init(pcms); }),
              HasSubstr("nosuch-x86_64-cpu"));
  object_unref(pcms);
}

TEST(PcBoard, memory_regions_have_their_measured_names) {
  const Board board("pc-i440fx-4.0");
  for (const char* name : {"pc.ram[0]", "ram-below-4g[0]", "pci[0]", "pc.rom[0]",
                           "ioport80[0]", "ioportF0[0]", "system[0]", "io[0]"}) {
    EXPECT_EQ(type_at(std::string("/machine/unattached/") + name), "qemu:memory-region")
        << name;
  }
}

TEST(PcBoard, device_children_have_their_measured_names) {
  const Board board("pc-i440fx-4.0");
  const std::pair<const char*, std::vector<std::string>> rows[] = {
      {"mc146818rtc", {"rtc[0]", "rtc-index[0]"}},
      {"isa-pit", {"pit[0]", "unnamed-gpio-in[0]"}},
      {"isa-pcspk", {"pcspk[0]"}},
      {"isa-serial", {"serial[0]"}},
      {"i8042", {"i8042-data[0]", "i8042-cmd[0]"}},
      {"port92", {"port92[0]"}}};
  for (const auto& [type, children] : rows) {
    const std::string path = path_of_type(type);
    ASSERT_FALSE(path.empty()) << type;
    EXPECT_THAT(children_of(path.c_str()), ::testing::ElementsAreArray(children)) << type;
  }
}

TEST(PcBoard, the_master_8259_comes_before_the_slave_and_before_the_clock) {
  const Board board("pc-i440fx-4.0");
  std::vector<std::string> order;
  for (const std::string& name : children_of("/machine/unattached")) {
    if (name.rfind("device[", 0) == 0) {
      order.push_back(type_at("/machine/unattached/" + name));
    }
  }
  const std::vector<std::string> expected{
      test_cpu_type, "i440FX",    "PIIX3",      "isa-i8259", "isa-i8259", "mc146818rtc",
      "isa-pit",     "isa-pcspk", "isa-serial", "i8042",     "port92",    "PIIX4_PM"};
  EXPECT_EQ(order, expected);
}

TEST(PcBoard, small_ram_lies_below_4_gib) {
  const Board board("pc-i440fx-4.0");

  ASSERT_NE(memory_at(0), nullptr);
  EXPECT_EQ(memory_at(0)->region->name, "pc.ram");
  EXPECT_EQ(memory_at((16 << 20) - 1)->region->name, "pc.ram");
  EXPECT_EQ(memory_at(16 << 20), nullptr);
}

TEST(RamSplit, large_ram_is_split_at_3_gib_or_for_old_machines_at_3_and_a_half) {
  register_types();

  const struct {
    const char* type;
    std::uint64_t ram, limit_given, low_limit, below;
  } cases[] = {
      {"pc-i440fx-4.0-machine", 0x80000000, 0, 0xc0000000, 0x80000000},
      {"pc-i440fx-4.0-machine", 0xdfffffff, 0, 0xc0000000, 0xdfffffff},
      {"pc-i440fx-4.0-machine", 0xe0000000, 0, 0xc0000000, 0xc0000000},
      {"pc-i440fx-1.7-machine", 0x140000000, 0, 0xe0000000, 0xe0000000},
      {"pc-i440fx-4.0-machine", 0x140000000, 0x40000000, 0xc0000000, 0x40000000},
  };

  for (const auto& c : cases) {
    machine::PCMachineState* pcms = machine::PC_MACHINE(object_new(c.type));
    pcms->ram_size = c.ram;
    pcms->max_ram_below_4g = c.limit_given;
    machine::pc_split_ram(pcms, c.low_limit);
    EXPECT_EQ(pcms->below_4g_mem_size, c.below);
    EXPECT_EQ(pcms->above_4g_mem_size, c.ram - c.below);
    object_unref(pcms);
  }
}

TEST(PcMachineProperties, max_ram_below_4g_beyond_4_gib_is_refused_in_4_0s_words) {
  register_types();
  Object* machine = object_new("pc-i440fx-4.0-machine");

  EXPECT_EQ(error_of([&] { object_property_parse(machine, "5G", "max-ram-below-4g"); }),
            "Machine option 'max-ram-below-4g=5368709120' expects size less than or "
            "equal to 4G");
  object_unref(machine);
}

TEST(PcBoard, max_ram_below_4g_and_vmport_read_as_measured_after_init) {
  const Board board("pc-i440fx-4.0");

  EXPECT_EQ(object_property_get_uint(board.machine(), "max-ram-below-4g"), 3758096384u);
  EXPECT_EQ(object_property_get_str(board.machine(), "vmport"), "on");
  EXPECT_EQ(object_property_get_str(board.machine(), "smm"), "auto");
}

TEST(PcBoard, rtc_state_links_to_the_clock) {
  const Board board("pc-i440fx-4.0");

  EXPECT_STREQ(
      object_get_typename(object_property_get_link(board.machine(), "rtc_state")),
      "mc146818rtc");
}

TEST(PcBoard, a_byte_to_the_serial_port_reaches_its_character_device) {
  Board board("pc-i440fx-4.0");
  for (const char c : std::string("hi\n")) {
    board.out(0x3f8, static_cast<std::uint8_t>(c));
  }
  EXPECT_EQ(board.serial_output(), "hi\n");
}

TEST(PcBoard, host_input_arrives_in_the_receive_buffer_with_interrupt_4) {
  Board board("pc-i440fx-4.0");
  board.out(0x20, 0x11);
  board.out(0x21, 0x08);
  board.out(0x21, 0x04);
  board.out(0x21, 0x01);
  board.out(0x21, 0x00);
  board.out(0x3f9, 0x01);

  const std::uint8_t byte = 'k';
  ASSERT_EQ(board.serial()->can_read(), 1);
  board.serial()->read(std::span(&byte, 1));

  EXPECT_EQ(board.in(0x20) & 0x10, 0x10);  // IRR
  EXPECT_EQ(board.in(0x3f8), 'k');
}

TEST(PcBoard, a_timer_tick_reaches_the_interrupt_controller) {
  Board board("pc-i440fx-4.0");
  board.out(0x20, 0x11);
  board.out(0x21, 0x20);
  board.out(0x21, 0x04);
  board.out(0x21, 0x01);
  board.out(0x21, 0xfe);
  board.out(0x43, 0x34);
  board.out(0x40, 0xa9);
  board.out(0x40, 0x04);             // 1193 ticks: a millisecond
  EXPECT_EQ(board.in(0x20) & 1, 1);  // the output rose to its idle level

  board.out(0x20, 0x0c);
  EXPECT_EQ(board.in(0x20), 0x80);
  board.out(0x20, 0x20);
  EXPECT_EQ(board.in(0x20) & 1, 0);
  board.pass(1'000'000);
  EXPECT_EQ(board.in(0x20) & 1, 1);
}

TEST(PcBoard, the_clocks_interrupt_goes_through_the_slave) {
  Board board("pc-i440fx-4.0");
  for (const auto& [port, base, wire] :
       {std::tuple{0x20, 0x20, 0x04}, std::tuple{0xa0, 0x28, 0x02}}) {
    board.out(static_cast<std::uint16_t>(port), 0x11);
    board.out(static_cast<std::uint16_t>(port + 1), static_cast<std::uint8_t>(base));
    board.out(static_cast<std::uint16_t>(port + 1), static_cast<std::uint8_t>(wire));
    board.out(static_cast<std::uint16_t>(port + 1), 0x01);
    board.out(static_cast<std::uint16_t>(port + 1), 0x00);
  }
  board.out(0x70, 0x0b);
  board.out(0x71, 0x12);  // update interrupt
  board.pass(1'100'000'000);

  EXPECT_EQ(board.in(0xa0) & 1, 1);
  EXPECT_EQ(board.in(0x20) & 4, 4);
  board.out(0x70, 0x0c);
  EXPECT_EQ(board.in(0x71) & 0x90, 0x90);
}

TEST(PcBoard, port_61_shows_the_output_of_counter_2_and_gates_it) {
  Board board("pc-i440fx-4.0");
  board.out(0x61, 0x01);
  board.out(0x43, 0xb0);  // counter 2, mode 0
  board.out(0x42, 0xa9);
  board.out(0x42, 0x04);
  EXPECT_EQ(board.in(0x61) & 0x20, 0);

  board.pass(1'100'000);

  EXPECT_EQ(board.in(0x61) & 0x20, 0x20);
}

TEST(PcBoard, the_keyboard_controller_passes_its_self_test) {
  Board board("pc-i440fx-4.0");
  board.out(0x64, 0xaa);

  EXPECT_EQ(board.in(0x64) & 0x05, 0x05);
  EXPECT_EQ(board.in(0x60), 0x55);
  EXPECT_EQ(board.in(0x64) & 0x01, 0);
}

TEST(PcBoard, a_byte_to_the_absent_keyboard_times_out) {
  Board board("pc-i440fx-4.0");
  board.out(0x60, 0xed);

  EXPECT_EQ(board.in(0x64) & 0x41, 0x41);
  EXPECT_EQ(board.in(0x60), 0xfe);
}

TEST(PcBoard, with_the_A20_gate_off_the_second_mebibyte_shows_the_first) {
  Board board("pc-i440fx-4.0");
  const std::byte marks[2] = {std::byte{1}, std::byte{2}};
  address_space_memory().write(0x500, std::span(&marks[0], 1));
  address_space_memory().write(0x100500, std::span(&marks[1], 1));
  std::byte seen{};

  board.out(0x92, 0x00);
  address_space_memory().read(0x100500, std::span(&seen, 1));
  EXPECT_EQ(seen, marks[0]);

  board.out(0x64, 0xdf);
  address_space_memory().read(0x100500, std::span(&seen, 1));
  EXPECT_EQ(seen, marks[1]);
}

TEST(PcBoard, reset_brings_the_devices_back_to_power_on) {
  Board board("pc-i440fx-4.0");
  board.out(0x3ff, 0x77);
  board.out(0x3f9, 0x0f);
  board.out(0x21, 0x55);

  qemu_system_reset();

  EXPECT_EQ(board.in(0x3f9), 0);
  EXPECT_EQ(board.in(0x21), 0);
}

TEST(PcBoard, cmos_tells_how_much_ram_there_is) {
  Board board("pc-i440fx-4.0",
              [](MachineState* machine) { machine->ram_size = 64 << 20; });
  const auto cmos = [&](std::uint8_t index) {
    board.out(0x70, index);
    return int{board.in(0x71)};
  };

  EXPECT_EQ(cmos(0x15) | cmos(0x16) << 8, 640);
  EXPECT_EQ(cmos(0x34) | cmos(0x35) << 8, (64 - 16) * 16);
}

TEST(PcBoard, an_unclaimed_port_reads_all_ones) {
  Board board("pc-i440fx-4.0");

  EXPECT_EQ(board.in(0x1234), 0xff);
}

TEST(PcBoard, without_the_pit_there_is_no_timer_and_no_speaker) {
  const Board board("pc-i440fx-4.0", [](MachineState* machine) {
    object_property_set_bool(machine, false, "pit");
  });

  EXPECT_EQ(path_of_type("isa-pit"), "");
  EXPECT_EQ(path_of_type("isa-pcspk"), "");
}

TEST(IsaPc, builds_with_writable_option_rom_memory) {
  const Board board("isapc");

  ASSERT_NE(memory_at(0xc0000), nullptr);
  EXPECT_EQ(memory_at(0xc0000)->region->name, "pc.rom");
  EXPECT_FALSE(memory_at(0xc0000)->read_only);
}

TEST(EveryPc, each_version_builds) {
  register_types();
  for (ObjectClass* klass : object_class_get_list(machine::TYPE_PC_MACHINE, false)) {
    const auto* mc = class_cast<MachineClass>(klass);
    if (mc->not_built != nullptr) {
      EXPECT_EQ(std::string(mc->family), "pc_q35");
      continue;
    }
    const Board board(mc->name);
    EXPECT_EQ(type_at("/machine"), object_class_get_name(klass));
  }
}

TEST(NoneMachine, has_no_device_unless_asked) {
  const Board board("none", [](MachineState* machine) {
    machine->cpu_type.clear();
    machine->ram_size = 0;
  });

  EXPECT_EQ(type_at("/machine/unattached/device[0]"), "(nothing)");
  EXPECT_EQ(memory_at(0), nullptr);
}

TEST(NoneMachine, can_have_a_cpu_and_ram) {
  const Board board("none");

  EXPECT_EQ(type_at("/machine/unattached/device[0]"), test_cpu_type);
  EXPECT_NE(memory_at(0), nullptr);
}

TEST(NoneMachine, refuses_a_kernel_in_4_0s_words) {
  EXPECT_EQ(error_of([] {
              const Board board(
                  "none", [](MachineState* machine) { machine->kernel_filename = "x"; });
            }),
            "The -kernel parameter is not supported (use the generic 'loader' device "
            "instead).");
}

}  // namespace
