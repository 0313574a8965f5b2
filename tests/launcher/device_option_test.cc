// Numbered facts about -device and the order of a start (qom-semantics Q), and the line
// that follows an unknown name.
#include "options_fixture.h"

namespace launcher_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::StartsWith;

struct DeviceOption : OptionsTest {};

// ---- Q ------------------------------------------------------------------------------

TEST_F(DeviceOption, Q259_the_phases_follow_each_other_as_in_4_0) {
  run({});

  EXPECT_THAT(values("phase", "name"),
              ElementsAre("modules", "options", "machine-class", "machine", "backends",
                          "accelerator", "board", "devices", "reset"));
}

TEST_F(DeviceOption, Q260_a_machine_property_is_set_after_the_chardevs) {
  EXPECT_THAT(refusal({"-chardev", "nosuch,id=c", "-machine", "foo=1"}),
              StartsWith("-chardev nosuch,id=c: "));
}

TEST_F(DeviceOption, Q260_a_machine_property_is_set_before_the_accelerator) {
  EXPECT_EQ(refusal({"-machine", "foo=1,accel=nosuch"}), "Property '.foo' not found\n");
}

TEST_F(DeviceOption, Q263_a_driver_is_needed_and_has_to_be_a_device) {
  EXPECT_EQ(refusal({"-device", "id=x"}),
            "-device id=x: Parameter 'driver' is missing\n");
  EXPECT_THAT(refusal({"-device", "object"}),
              StartsWith("-device object: 'object' is not a valid device model name\n"));
  EXPECT_EQ(refusal({"-device", "device"}),
            "-device device: Parameter 'driver' expects non-abstract device type\n");
  EXPECT_EQ(refusal({"-device", "i440FX"}),
            "-device i440FX: Parameter 'driver' expects pluggable device type\n");
}

TEST_F(DeviceOption, Q264_a_bus_has_a_name_or_a_path_and_a_kind) {
  EXPECT_EQ(run({"-device", "edu,bus=/i440FX-pcihost/pci.0"}).exit_code, 0);
  EXPECT_EQ(refusal({"-device", "edu,bus=nosuch"}),
            "-device edu,bus=nosuch: Bus 'nosuch' not found\n");
  EXPECT_EQ(refusal({"-device", "edu,bus=isa.0"}),
            "-device edu,bus=isa.0: Device 'edu' can't go on ISA bus\n");
  EXPECT_EQ(refusal({"-machine", "none", "-device", "edu"}),
            "-device edu: No 'PCI' bus found for device 'edu'\n");
}

TEST_F(DeviceOption, Q265_an_address_is_a_slot_and_a_function) {
  for (const char* address : {"5", "05.0", "0x5", "0x5.1", "10", "1f"}) {
    EXPECT_EQ(run({"-device", std::string("edu,addr=") + address}).exit_code, 0)
        << address;
  }
  EXPECT_EQ(refusal({"-device", "edu,addr=99"}),
            "-device edu,addr=99: Property 'edu.addr' doesn't take value '99'\n");
  EXPECT_EQ(refusal({"-device", "edu,addr=1.0"}),
            "-device edu,addr=1.0: PCI: slot 1 function 0 not available for edu, in use "
            "by PIIX3\n");
}

TEST_F(DeviceOption, Q266_of_a_property_given_twice_the_last_stays) {
  EXPECT_EQ(run({"-device", "edu,addr=5,addr=6", "-device", "edu,addr=5"}).exit_code, 0);
  EXPECT_EQ(refusal({"-device", "edu,addr=5,addr=6", "-device", "edu,addr=6"}),
            "-device edu,addr=6: PCI: slot 6 function 0 not available for edu, in use by "
            "edu\n");
}

TEST_F(DeviceOption, Q269_a_chardev_may_stand_after_its_device) {
  EXPECT_EQ(run({"-device", "isa-serial,chardev=c", "-chardev", "null,id=c"}).exit_code,
            0);
}

TEST_F(DeviceOption, Q270_a_device_of_the_board_is_named_before_it_is_realized) {
  run({});

  const Words paths = values("object_property_add_child", "path");

  EXPECT_THAT(paths, Contains(StartsWith("/machine/unattached/device[")));
}

TEST_F(DeviceOption, Q272_devices_are_made_in_the_order_of_the_line) {
  run({"-device", "edu,id=b", "-device", "isa-debug-exit,id=a"});

  EXPECT_THAT(values("qdev_device_add", "id"), ElementsAre("b", "a"));
}

// ---- objects ------------------------------------------------------------------------

TEST_F(DeviceOption, K181_most_objects_are_made_before_the_machine_has_its_properties) {
  EXPECT_THAT(
      refusal({"-object", "rng-random,id=r,filename=nosuch", "-machine", "foo=1"}),
      StartsWith("-object rng-random,id=r,filename=nosuch: "));
}

TEST_F(DeviceOption, K181_memory_back_ends_are_made_after_the_accelerator) {
  EXPECT_THAT(
      refusal({"-object", "memory-backend-ram,id=m,size=0", "-machine", "accel=nosuch"}),
      StartsWith("-machine accel=nosuch: "));
}

// ---- P: what comes before what ------------------------------------------------------

TEST_F(DeviceOption, P255_no_device_exists_before_the_accelerator) {
  run({});

  const auto rows = nlohmann::json::parse(read_file(trace), nullptr, false);
  bool accelerator = false;
  bool device = false;
  for (const auto& row : rows) {
    accelerator = accelerator || row.value("name", "") == "accel_init_machine";
    device = device || (row.value("name", "") == "device_set_realized" && !accelerator);
  }

  EXPECT_TRUE(accelerator);
  EXPECT_FALSE(device);
}

// ---- network cards ------------------------------------------------------------------

TEST_F(DeviceOption, Q268_a_network_card_needs_a_host_side_that_is_there_and_free) {
  EXPECT_EQ(refusal({"-device", "e1000,netdev=nosuch"}),
            "-device e1000,netdev=nosuch: Property 'e1000.netdev' can't find value "
            "'nosuch'\n");
  EXPECT_EQ(refusal({"-netdev", "user,id=n", "-device", "e1000,netdev=n", "-device",
                     "rtl8139,netdev=n"}),
            "-device rtl8139,netdev=n: Property 'rtl8139.netdev' can't take value 'n', "
            "it's in use\n");
}

TEST_F(DeviceOption, a_network_card_has_a_hardware_address) {
  EXPECT_EQ(refusal({"-device", "e1000,mac=zz:zz"}),
            "-device e1000,mac=zz:zz: Property 'e1000.mac' doesn't take value 'zz:zz'\n");
}

// ---- CPUs by hand -------------------------------------------------------------------

TEST_F(DeviceOption, a_cpu_is_plugged_into_a_free_place) {
  EXPECT_EQ(run({"-smp", "1,maxcpus=2", "-device",
                 "qemu64-x86_64-cpu,id=c,socket-id=1,core-id=0,thread-id=0"})
                .exit_code,
            0);
  EXPECT_THAT(values("object_property_add_child", "path"),
              Contains("/machine/peripheral/c"));
}

TEST_F(DeviceOption, a_cpu_is_refused_where_one_sits) {
  const std::string cpu = "qemu64-x86_64-cpu,socket-id=0,core-id=0,thread-id=0";

  EXPECT_EQ(refusal({"-device", cpu}),
            "-device " + cpu + ": CPU[0] with APIC ID 0 exists\n");
}

TEST_F(DeviceOption, a_board_without_places_takes_a_cpu_with_an_apic_id_only) {
  EXPECT_EQ(refusal({"-machine", "none", "-device", "qemu64-x86_64-cpu,socket-id=0"}),
            "-device qemu64-x86_64-cpu,socket-id=0: apic-id property was not "
            "initialized properly\n");
}

// ---- unknown names ------------------------------------------------------------------

TEST_F(DeviceOption, an_unknown_device_gets_the_nearest_name_behind_4_0s_text) {
  EXPECT_EQ(refusal({"-device", "virtio-nett"}),
            "-device virtio-nett: 'virtio-nett' is not a valid device model name\n"
            "Did you mean 'virtio-net'?\n");
}

TEST_F(DeviceOption, a_device_of_a_later_version_is_told_as_such) {
  EXPECT_THAT(refusal({"-device", "pvpanic-pci"}),
              EndsWith("is not a valid device model name\n"
                       "It came with QEMU 6.0; write 'pvpanic'.\n"));
}

TEST_F(DeviceOption, a_name_that_is_near_to_none_gets_no_advice) {
  EXPECT_EQ(refusal({"-device", "xyzzyxyzzy"}),
            "-device xyzzyxyzzy: 'xyzzyxyzzy' is not a valid device model name\n");
}

TEST_F(DeviceOption, an_unknown_property_gets_the_nearest_name) {
  EXPECT_THAT(refusal({"-device", "edu,dma_mak=1"}),
              EndsWith("Property '.dma_mak' not found\nDid you mean 'dma_mask'?\n"));
}

TEST_F(DeviceOption, an_unknown_object_gets_the_nearest_name) {
  EXPECT_THAT(refusal({"-object", "memory-backend-rm,id=m,size=1M"}),
              EndsWith("invalid object type: memory-backend-rm\n"
                       "Did you mean 'memory-backend-ram'?\n"));
}

TEST_F(DeviceOption, an_unknown_cpu_model_gets_the_nearest_name) {
  EXPECT_EQ(refusal({"-cpu", "SandyBrige"}),
            "unable to find CPU model 'SandyBrige'\nDid you mean 'SandyBridge'?\n");
}

TEST_F(DeviceOption, a_version_of_a_cpu_model_is_told_as_such) {
  EXPECT_EQ(refusal({"-cpu", "EPYC-v2"}),
            "unable to find CPU model 'EPYC-v2'\n"
            "Versions of models came with QEMU 4.1; write 'EPYC'.\n");
}

TEST_F(DeviceOption, an_unknown_cpu_feature_gets_the_nearest_name) {
  EXPECT_EQ(refusal({"-cpu", "qemu64,+avxx"}),
            "Property '.avxx' not found\nDid you mean 'avx'?\n");
}

TEST_F(DeviceOption, an_unknown_machine_property_gets_the_nearest_name) {
  EXPECT_EQ(refusal({"-machine", "usbb=off"}),
            "Property '.usbb' not found\nDid you mean 'usb'?\n");
}

TEST_F(DeviceOption, a_machine_property_of_a_later_version_names_the_option_of_this_one) {
  EXPECT_EQ(refusal({"-machine", "hpet=off"}),
            "Property '.hpet' not found\nIt came with QEMU 5.2; write '-no-hpet'.\n");
}

// ---- -machine memory-backend= -------------------------------------------------------

TEST_F(DeviceOption, memory_may_be_an_object_of_the_machine) {
  EXPECT_EQ(run({"-machine", "memory-backend=m", "-object",
                 "memory-backend-ram,id=m,size=64M", "-m", "64M"})
                .exit_code,
            0);
  EXPECT_EQ(refusal({"-machine", "memory-backend=x"}), "Memory backend 'x' not found\n");
  EXPECT_EQ(refusal({"-machine", "memory-backend=m", "-object",
                     "memory-backend-ram,id=m,size=64M", "-m", "128M"}),
            "Machine memory size does not match the size of the memory backend\n");
}

}  // namespace
}  // namespace launcher_test
