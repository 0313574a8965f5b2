// Numbered facts of the command line as a whole (qom-semantics N to Q): what a start does
// with machines, memory, CPUs, accelerators and NUMA, and what it says about mistakes.
#include "options_fixture.h"

namespace launcher_test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// ---- N: the line as a whole ---------------------------------------------------------

TEST_F(OptionsTest, N220_an_error_has_program_location_and_text_and_ends_with_1) {
  EXPECT_EQ(refusal({"-device", "isa-debug-exit,foo=1"}),
            "-device isa-debug-exit,foo=1: Property '.foo' not found\n");
}

TEST_F(OptionsTest, N221_what_is_used_later_has_no_location) {
  EXPECT_EQ(refusal({"-machine", "usb=maybe"}),
            "Invalid parameter type for 'usb', expected: boolean\n");
}

TEST_F(OptionsTest, N222_what_parsing_finds_comes_before_what_the_machine_finds) {
  EXPECT_THAT(refusal({"-machine", "foo", "-m", "zz"}), StartsWith("-m zz: "));
}

TEST_F(OptionsTest, N223_where_4_0_aborts_there_is_an_error) {
  EXPECT_EQ(refusal({"-icount", "foo"}), "icount: Invalid shift value\n");
  EXPECT_THAT(refusal({"-cpu", ""}), StartsWith("unable to find CPU model ''"));
}

TEST_F(OptionsTest, N224_help_is_on_standard_output_and_a_success) {
  for (const char* option : {"-machine", "-cpu", "-device"}) {
    const Outcome outcome = run_program({vitrine(), "run", option, "help"});
    EXPECT_EQ(outcome.exit_code, 0) << option;
    EXPECT_FALSE(outcome.out.empty()) << option;
  }
}

// ---- O: machines, memory, CPUs ------------------------------------------------------

TEST_F(OptionsTest, O226_without_a_name_the_default_machine_starts) {
  EXPECT_EQ(machine_of({"-accel", "tcg"}), "pc-i440fx-4.0-machine");
  EXPECT_EQ(machine_of({"-accel", "tcg", "-machine", ""}), "pc-i440fx-4.0-machine");
  EXPECT_EQ(machine_of({"-accel", "tcg", "-machine", "usb=off"}),
            "pc-i440fx-4.0-machine");
}

TEST_F(OptionsTest, O227_repeated_machine_options_merge) {
  EXPECT_EQ(machine_of({"-machine", "pc,accel=tcg", "-M", "isapc"}), "isapc-machine");
}

TEST_F(OptionsTest, O228_an_unknown_machine_property_is_named) {
  EXPECT_EQ(refusal({"-machine", "foo=1"}), "Property '.foo' not found\n");
}

TEST_F(OptionsTest, O229_switches_of_a_machine_take_several_words) {
  for (const char* word : {"usb=off", "usb=no", "usb=false", "usb=OFF", "pc,nousb"}) {
    EXPECT_EQ(run({"-machine", word}).exit_code, 0) << word;
  }
  EXPECT_THAT(refusal({"-machine", "usb=n"}), HasSubstr("expected: boolean"));
}

TEST_F(OptionsTest, O236_a_command_line_needs_a_kernel) {
  EXPECT_EQ(refusal({"-append", "x"}), "-append only allowed with -kernel option\n");
  EXPECT_EQ(refusal({"-initrd", "x"}), "-initrd only allowed with -kernel option\n");
}

TEST_F(OptionsTest, O238_an_empty_size_is_an_error_and_no_size_is_not) {
  EXPECT_EQ(run({"-m", ""}).exit_code, 0);
  EXPECT_THAT(refusal({"-m", "size="}), HasSubstr("Parameter 'size' expects"));
}

TEST_F(OptionsTest, O239_the_most_memory_is_not_less_than_the_memory) {
  EXPECT_THAT(refusal({"-m", "1G,maxmem=512M"}),
              EndsWith("maximum memory size (0x20000000) must be at least the initial "
                       "memory size (0x40000000)\n"));
  EXPECT_THAT(refusal({"-m", "1G,slots=1"}), HasSubstr("missing 'maxmem' option"));
  EXPECT_EQ(refusal({"-m", "1G,slots=1000,maxmem=2G"}),
            "unsupported amount of memory slots: 1000\n");
}

TEST_F(OptionsTest, O240_the_low_part_ends_at_4_GiB_at_most) {
  EXPECT_EQ(
      refusal({"-machine", "max-ram-below-4g=5G"}),
      "Machine option 'max-ram-below-4g=5368709120' expects size less than or equal "
      "to 4G\n");
}

TEST_F(OptionsTest, O241_missing_numbers_are_sockets_then_cores_then_threads) {
  EXPECT_EQ(topology("4"), "4 4 1 1 4");
  EXPECT_EQ(topology("4,cores=2"), "4 2 2 1 4");
  EXPECT_EQ(topology("4,sockets=2"), "4 2 2 1 4");
  EXPECT_EQ(topology("sockets=2,cores=2,threads=2"), "8 2 2 2 8");
  EXPECT_EQ(topology("cores=4"), "4 1 4 1 4");
}

TEST_F(OptionsTest, O242_maxcpus_counts_when_cpus_is_given) {
  EXPECT_EQ(topology("4,maxcpus=8"), "4 8 1 1 8");
  EXPECT_EQ(topology("maxcpus=8"), "1 1 1 1 8");
}

TEST_F(OptionsTest, O243_a_topology_that_does_not_fit_is_refused) {
  EXPECT_EQ(refusal({"-smp", "4,sockets=1,cores=2,threads=1"}),
            "cpu topology: sockets (1) * cores (2) * threads (1) < smp_cpus (4)\n");
  EXPECT_EQ(refusal({"-smp", "4,maxcpus=2"}),
            "maxcpus must be equal to or greater than smp\n");
}

TEST_F(OptionsTest, O244_zero_is_not_given_and_dies_are_unknown) {
  EXPECT_EQ(topology("0"), "1 1 1 1 1");
  EXPECT_THAT(refusal({"-smp", "2,dies=1"}), HasSubstr("Invalid parameter 'dies'"));
}

TEST_F(OptionsTest, O246_a_machine_has_a_most_number_of_CPUs) {
  EXPECT_EQ(refusal({"-smp", "256"}),
            "Invalid SMP CPUs 256. The max CPUs supported by machine 'pc-i440fx-4.0' is "
            "255\n");
}

TEST_F(OptionsTest, a_pc_boots_from_three_kinds_of_devices_at_most) {
  EXPECT_EQ(run({"-boot", "order=dc,menu=on"}).exit_code, 0);
  EXPECT_EQ(refusal({"-boot", "help"}), "Too many boot devices for PC\n");
  EXPECT_EQ(refusal({"-boot", "e"}), "Invalid boot device for PC: 'e'\n");
  EXPECT_EQ(refusal({"-boot", "cc"}), "Boot device 'c' was given twice\n");
}

// ---- P: accelerators ----------------------------------------------------------------

TEST_F(OptionsTest, P249_names_are_tried_in_order_and_unknown_ones_are_passed_over) {
  EXPECT_EQ(run({"-machine", "accel=foo:tcg"}).exit_code, 0);
  EXPECT_EQ(refusal({"-machine", "accel=foo:bar"}),
            "-machine accel=foo:bar: No accelerator found\n");
}

TEST_F(OptionsTest, P250_the_last_accel_wins) {
  EXPECT_EQ(refusal({"-accel", "tcg", "-accel", "foo"}),
            "-machine accel=foo: No accelerator found\n");
}

TEST_F(OptionsTest, P258_a_host_cpu_needs_kvm) {
  EXPECT_THAT(refusal({"-cpu", "host"}), StartsWith("CPU model 'host' requires KVM"));
}

// ---- Q: the order -------------------------------------------------------------------

TEST_F(OptionsTest, Q267_an_id_is_used_once) {
  EXPECT_EQ(refusal({"-device", "isa-debug-exit,id=a", "-device", "isa-debug-exit,id=a"}),
            "-device isa-debug-exit,id=a: Duplicate ID 'a' for device\n");
}

TEST_F(OptionsTest, Q271_an_unknown_cpu_model_is_named) {
  EXPECT_THAT(refusal({"-cpu", "foo"}), StartsWith("unable to find CPU model 'foo'"));
}

// ---- NUMA ---------------------------------------------------------------------------

TEST_F(OptionsTest, numa_nodes_are_numbered_and_known_once) {
  EXPECT_EQ(refusal({"-numa", "node,nodeid=0", "-numa", "node,nodeid=0"}),
            "-numa node,nodeid=0: Duplicate NUMA nodeid: 0\n");
  EXPECT_EQ(refusal({"-numa", "node,nodeid=200"}),
            "-numa node,nodeid=200: Max number of NUMA nodes reached: 200\n");
  EXPECT_EQ(refusal({"-numa", "node,nodeid=1"}), "numa: Node ID missing: 0\n");
  EXPECT_THAT(refusal({"-numa", "hmat-lb"}),
              StartsWith("-numa hmat-lb: Invalid parameter 'hmat-lb'\n"));
}

TEST_F(OptionsTest, numa_memory_adds_up) {
  EXPECT_EQ(run({"-numa", "node", "-numa", "node"}).exit_code, 0);
  EXPECT_EQ(run({"-numa", "node,mem=64", "-numa", "node,mem=64M"}).exit_code, 0);
  EXPECT_EQ(
      refusal({"-numa", "node,mem=64M"}),
      "total memory for NUMA nodes (0x4000000) should equal RAM size (0x8000000)\n");
}

TEST_F(OptionsTest, numa_distances_are_between_known_nodes) {
  EXPECT_EQ(
      refusal({"-numa", "dist,src=0,dst=1,val=20"}),
      "-numa dist,src=0,dst=1,val=20: Source/Destination NUMA node is missing. Please "
      "use '-numa node' option to declare it first.\n");
  EXPECT_EQ(refusal({"-numa", "node", "-numa", "dist,src=0,dst=0,val=20"}),
            "-numa dist,src=0,dst=0,val=20: Local distance of node 0 should be 10.\n");
  EXPECT_THAT(refusal({"-numa", "node", "-numa", "node", "-numa", "node", "-numa",
                       "dist,src=0,dst=1,val=20"}),
              StartsWith("The distance between node 0 and 2 is missing"));
}

TEST_F(OptionsTest, numa_cpus_are_named_by_number_or_by_place) {
  EXPECT_EQ(refusal({"-numa", "node,nodeid=0,cpus=9"}),
            "-numa node,nodeid=0,cpus=9: CPU index (9) should be smaller than maxcpus "
            "(1)\n");
  EXPECT_EQ(refusal({"-numa", "cpu"}), "-numa cpu: Missing mandatory node-id property\n");
  EXPECT_EQ(refusal({"-numa", "node", "-numa", "cpu,node-id=0,socket-id=7"}),
            "-numa cpu,node-id=0,socket-id=7: no match found\n");
}

TEST_F(OptionsTest, numa_with_some_cpus_left_out_is_warned_about) {
  EXPECT_THAT(run({"-smp", "2,cores=2,sockets=1", "-numa", "node,cpus=0"}).err,
              HasSubstr("CPU(s) not present in any NUMA nodes: CPU 1 [socket-id: 0, "
                        "core-id: 1, thread-id: 0]\n"));
}

TEST_F(OptionsTest, numa_memory_may_be_objects) {
  EXPECT_EQ(run({"-object", "memory-backend-ram,id=a,size=64M", "-object",
                 "memory-backend-ram,id=b,size=64M", "-numa", "node,memdev=a", "-numa",
                 "node,memdev=b"})
                .exit_code,
            0);
  EXPECT_EQ(refusal({"-object", "memory-backend-ram,id=a,size=64M", "-numa",
                     "node,memdev=a", "-numa", "node,memdev=a"}),
            "memory backend a is used multiple times. Each -numa option must use a "
            "different memdev value.\n");
  EXPECT_EQ(refusal({"-numa", "node,memdev=x"}),
            "-numa node,memdev=x: memdev=x is ambiguous\n");
}

// ---- -mem-path ----------------------------------------------------------------------

TEST_F(OptionsTest, mem_path_puts_guest_memory_into_a_file) {
  EXPECT_EQ(run({"-m", "1M", "-mem-path", folder + "/ram"}).exit_code, 0);
  EXPECT_EQ(read_file(folder + "/ram").size(), std::size_t{1} << 20);
}

TEST_F(OptionsTest, mem_path_that_fails_is_told_and_only_with_prealloc_the_end) {
  const Outcome outcome = run({"-mem-path", "nosuch/x"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.err,
              HasSubstr("can't open backing store nosuch/x for guest RAM: No "
                        "such file or directory\n"));
  EXPECT_THAT(refusal({"-mem-path", "nosuch/x", "-mem-prealloc"}),
              StartsWith("can't open backing store nosuch/x"));
}

// ---- disks and networks that are not built ------------------------------------------

TEST_F(OptionsTest, a_disk_has_a_place_of_its_own) {
  write_file(folder + "/d", std::string(4096, '\0'));
  const std::string drive = "file=d,format=raw";

  EXPECT_EQ(
      refusal({"-drive", drive + ",index=0", "-drive", drive + ",index=0"}),
      "-drive file=d,format=raw,index=0: drive with bus=0, unit=0 (index=0) exists\n");
  EXPECT_EQ(refusal({"-drive", drive + ",bus=9"}),
            "-drive file=d,format=raw,bus=9: machine type does not support "
            "if=ide,bus=9,unit=0\n");
  EXPECT_EQ(refusal({"-drive", drive + ",index=1,unit=1"}),
            "-drive file=d,format=raw,index=1,unit=1: index cannot be used with bus and "
            "unit\n");
}

TEST_F(OptionsTest, an_image_without_a_format_is_warned_about) {
  write_file(folder + "/d", std::string(4096, '\0'));

  EXPECT_THAT(run({"-drive", "file=d"}).err,
              StartsWith("WARNING: Image format was not specified for 'd' and probing "
                         "guessed raw.\n"));
}

TEST_F(OptionsTest, a_forwarding_rule_is_read_part_by_part) {
  const auto fault = [this](const std::string& rule) {
    return refusal({"-netdev", "user,id=n,hostfwd=" + rule});
  };

  EXPECT_EQ(fault("abc"), "Invalid host forwarding rule 'abc' (No : separators)\n");
  EXPECT_EQ(fault("foo:a"), "Invalid host forwarding rule 'foo:a' (Bad protocol name)\n");
  EXPECT_EQ(fault("tcp::22-:x"),
            "Invalid host forwarding rule 'tcp::22-:x' (Bad guest port)\n");
  EXPECT_EQ(run({"-netdev", "user,id=n,hostfwd=tcp::5555-:22"}).exit_code, 0);
}

TEST_F(OptionsTest, Q268_a_back_end_without_a_card_is_warned_about) {
  EXPECT_THAT(run({"-netdev", "user,id=n0"}).err,
              HasSubstr("warning: netdev n0 has no peer\n"));
  EXPECT_THAT(run({"-net", "user"}).err, HasSubstr("warning: hub 0 with no nics\n"));
}

TEST_F(OptionsTest, an_entry_of_fw_cfg_has_a_name_and_one_source) {
  EXPECT_EQ(refusal({"-fw_cfg", "name=foo"}), "-fw_cfg name=foo: invalid argument(s)\n");
  EXPECT_THAT(refusal({"-fw_cfg", "name=opt/x,file=nosuch"}),
              HasSubstr("can't load nosuch: Failed to open file"));
}

}  // namespace
}  // namespace launcher_test
