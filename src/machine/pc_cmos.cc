// What a PC's CMOS memory tells its firmware: how much RAM there is, how many CPUs,
// from what to boot. The offsets are IBM's (0x10 to 0x31) and SeaBIOS's.
#include <algorithm>
#include <iterator>
#include <string>

#include "core/run_state.h"
#include "hw/mc146818rtc.h"
#include "machine/pc.h"

namespace machine {

namespace {

constexpr std::uint64_t kib = 1024, mib = 1024 * kib;

enum : unsigned {
  cmos_floppies = 0x10,
  cmos_equipment = 0x14,
  cmos_base_kib = 0x15,           // 2 bytes
  cmos_extended_kib = 0x17,       // 2 bytes, above 1 MiB
  cmos_extended_kib_copy = 0x30,  // 2 bytes
  cmos_above_16_mib = 0x34,       // 2 bytes, 64 KiB units
  cmos_boot_flags = 0x38,
  cmos_boot_order = 0x3d,
  cmos_above_4_gib = 0x5b,  // 3 bytes, 64 KiB units
  cmos_cpu_count = 0x5f,    // minus one
};

void set_number(ISADeviceState* rtc, unsigned index, std::uint64_t value,
                unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) {
    hw::rtc_set_memory(rtc, index + i, static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

// SeaBIOS's number for a boot device letter; 0: none.
std::uint8_t boot_device(char letter) {
  switch (letter) {
    case 'a':
    case 'b':
      return 1;
    case 'c':
      return 2;
    case 'd':
      return 3;
    case 'n':
      return 4;
    default:
      return 0;
  }
}

void set_boot_order(PCMachineState* pcms, ISADeviceState* rtc) {
  const char* by_default = PC_MACHINE_GET_CLASS(pcms)->default_boot_order;
  const std::string order = pcms->boot_order.empty() ? by_default : pcms->boot_order;
  std::uint8_t device[3] = {};
  if (order.size() > std::size(device)) {
    throw Error("Too many boot devices for PC");
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    device[i] = boot_device(order[i]);
    if (device[i] == 0) {
      throw Error(std::string("Invalid boot device for PC: '") + order[i] + "'");
    }
  }
  hw::rtc_set_memory(rtc, cmos_boot_order,
                     static_cast<std::uint8_t>(device[1] << 4 | device[0]));
  hw::rtc_set_memory(rtc, cmos_boot_flags, static_cast<std::uint8_t>(device[2] << 4));
}

void count_cpus(ISADeviceState* rtc) {
  hw::rtc_set_memory(rtc, cmos_cpu_count,
                     static_cast<std::uint8_t>(cpu_list().size() - 1));
}

}  // namespace

void pc_count_cpus(PCMachineState* pcms) {
  if (pcms->rtc != nullptr) {
    count_cpus(object_cast<ISADeviceState>(pcms->rtc));
  }
}

void pc_cmos_init(PCMachineState* pcms, ISADeviceState* rtc) {
  const std::uint64_t low = pcms->below_4g_mem_size;
  const std::uint64_t extended = low > mib ? (low - mib) / kib : 0;
  set_number(rtc, cmos_base_kib, std::min<std::uint64_t>(low / kib, 640), 2);
  set_number(rtc, cmos_extended_kib, std::min<std::uint64_t>(extended, 65535), 2);
  set_number(rtc, cmos_extended_kib_copy, std::min<std::uint64_t>(extended, 65535), 2);
  const std::uint64_t above_16 = low > 16 * mib ? (low - 16 * mib) / (64 * kib) : 0;
  set_number(rtc, cmos_above_16_mib, std::min<std::uint64_t>(above_16, 65535), 2);
  set_number(rtc, cmos_above_4_gib, pcms->above_4g_mem_size / (64 * kib), 3);
  count_cpus(rtc);
  set_boot_order(pcms, rtc);
  hw::rtc_set_memory(rtc, cmos_floppies, 0);
  hw::rtc_set_memory(rtc, cmos_equipment, 0x06);  // a coprocessor, a PS/2 mouse port
}

}  // namespace machine
