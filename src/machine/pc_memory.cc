// RAM, firmware and shadow memory of a PC.
//
// One region pc.ram holds all RAM; two aliases put its parts below and above the
// 4 GiB hole. Firmware (pc.bios) ends at 4 GiB, where the reset vector is, and its
// last 128 KiB (isa-bios) end at 1 MiB, where real-mode code finds them. Machines with
// PCI put both behind their host bridge, which lets firmware copy itself to the RAM
// below.
#include <algorithm>
#include <memory>

#include "core/host_memory.h"
#include "core/image_file.h"
#include "core/loader.h"
#include "core/report.h"
#include "core/startup_step.h"
#include "machine/pc_fw_cfg.h"

namespace machine {

namespace {

constexpr std::uint64_t one_mib = 1ull << 20;
constexpr std::uint64_t four_gib = 1ull << 32;
constexpr std::uint64_t option_rom_start = 0xc0000, option_rom_size = 0x20000;
constexpr std::uint64_t isa_bios_max = 128 * 1024;
constexpr const char* default_firmware = "bios.bin";
constexpr const char* default_big_firmware = "bios-256k.bin";

void copy_to_guest(std::span<const std::byte> from, std::span<std::byte> to,
                   std::uint64_t address) {
  std::copy(from.begin(), from.end(), to.begin());
  memory_invalidate(address, from.size());
}

// Without PCI firmware runs in memory that it can change: each reset brings it back.
void reload_firmware_at_reset(MemoryRegion* bios) {
  const auto rom =
      std::make_shared<const std::vector<std::byte>>(bios->ram.begin(), bios->ram.end());
  qemu_register_reset([bios, rom] {
    copy_to_guest(*rom, bios->ram, four_gib - rom->size());
    memory_invalidate(one_mib - isa_bios_max, isa_bios_max);
  });
}

// A bzImage; a file that cannot be read is none, and is named where it is loaded.
bool is_linux_image_file(const std::string& name) {
  constexpr std::uint64_t head_size = 4096;
  try {
    return is_linux_boot_image(ImageFile(name, ~0ull).head(head_size));
  } catch (const std::system_error&) {
    return false;
  }
}

// With -kernel the CPU starts in the image, so the default firmware is not needed and
// not looked for; a firmware asked for by name is loaded all the same.
void pc_system_firmware_init(PCMachineState* pcms, MemoryRegion* rom_memory) {
  const std::string name = pcms->firmware.empty() ? default_firmware : pcms->firmware;
  const bool by_default = name == default_firmware || name == default_big_firmware;
  if (by_default && !pcms->kernel_filename.empty() && !pcms->firmware_given) {
    return;
  }
  pcms->has_firmware = true;
  x86_map_firmware(load_firmware(name), rom_memory,
                   PC_MACHINE_GET_CLASS(pcms)->pci_enabled ? FirmwareMemory::rom
                                                           : FirmwareMemory::ram);
}

}  // namespace

void x86_map_firmware(std::span<const std::byte> image, MemoryRegion* rom_memory,
                      FirmwareMemory kind) {
  MemoryRegion* bios = kind == FirmwareMemory::rom
                           ? memory_region_new_rom(nullptr, "pc.bios", image.size())
                           : memory_region_new_ram(nullptr, "pc.bios", image.size());
  std::copy(image.begin(), image.end(), bios->ram.begin());
  const std::uint64_t isa_size = std::min<std::uint64_t>(image.size(), isa_bios_max);
  MemoryRegion* isa_bios = memory_region_new_alias(nullptr, "isa-bios", bios,
                                                   image.size() - isa_size, isa_size);
  memory_region_add_subregion_overlap(rom_memory, one_mib - isa_size, isa_bios, 1);
  memory_region_add_subregion(rom_memory, four_gib - image.size(), bios);
  if (kind == FirmwareMemory::ram) {
    reload_firmware_at_reset(bios);
  }
}

void pc_split_ram(PCMachineState* pcms, std::uint64_t low_limit) {
  constexpr std::uint64_t three_and_a_half_gib = 0xe0000000;
  std::uint64_t limit = pcms->max_ram_below_4g;
  if (limit == 0) {
    pcms->max_ram_below_4g = three_and_a_half_gib;
    limit = pcms->ram_size >= three_and_a_half_gib ? low_limit : three_and_a_half_gib;
  }
  pcms->below_4g_mem_size = std::min(pcms->ram_size, limit);
  pcms->above_4g_mem_size = pcms->ram_size - pcms->below_4g_mem_size;
}

void pc_memory_init(PCMachineState* pcms, MemoryRegion* system_memory,
                    MemoryRegion* rom_memory) {
  const StartupStep step("pc_memory_init");
  pcms->ram = memory_region_allocate_system_memory(nullptr, "pc.ram", pcms->ram_size);
  MemoryRegion* low = memory_region_new_alias(nullptr, "ram-below-4g", pcms->ram, 0,
                                              pcms->below_4g_mem_size);
  memory_region_add_subregion(system_memory, 0, low);
  if (pcms->above_4g_mem_size > 0) {
    MemoryRegion* high =
        memory_region_new_alias(nullptr, "ram-above-4g", pcms->ram,
                                pcms->below_4g_mem_size, pcms->above_4g_mem_size);
    memory_region_add_subregion(system_memory, four_gib, high);
  }
  pc_system_firmware_init(pcms, rom_memory);
  MemoryRegion* option_roms =
      PC_MACHINE_GET_CLASS(pcms)->pci_enabled
          ? memory_region_new_rom(nullptr, "pc.rom", option_rom_size)
          : memory_region_new_ram(nullptr, "pc.rom", option_rom_size);
  memory_region_add_subregion_overlap(rom_memory, option_rom_start, option_roms, 1);
  pc_fw_cfg_init(pcms);
}

void pc_load_kernel(PCMachineState* pcms) {
  if (pcms->kernel_filename.empty()) {
    return;
  }
  if (pcms->has_firmware && is_linux_image_file(pcms->kernel_filename)) {
    pc_offer_linux(pcms);
    return;
  }
  std::function<LinuxTables()> tables;
  if (!pcms->has_firmware) {
    tables = [pcms] { return pc_linux_tables(pcms); };
  }
  const ImageKind kind = load_kernel(pcms, cpu_list().front(), tables);
  if (takes_command_line(kind)) {
    if (!pcms->dtb.empty()) {
      warn_report("-dtb is not used: a PC's kernel learns of its devices by ACPI tables");
    }
    return;
  }
  if (!pcms->initrd_filename.empty() || !pcms->kernel_cmdline.empty() ||
      !pcms->dtb.empty()) {
    warn_report("-append, -initrd and -dtb are not used: '" + pcms->kernel_filename +
                "' is not a Linux kernel image");
  }
}

}  // namespace machine
