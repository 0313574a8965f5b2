// -kernel beside -bios: firmware starts the kernel. What direct boot does here
// (core/linux_boot.h) an option ROM does then, linuxboot_dma.bin of QEMU's: it fetches
// the kernel's parts by fw_cfg, puts them where the items say and enters the kernel's
// 16-bit part.
//
//   0x10000   the 16-bit part, its header filled in     0x20000   the command line
//   0x100000  the rest of the kernel     below the end of RAM   the initial RAM disk
#include <memory>
#include <system_error>

#include "core/image_file.h"
#include "core/loader.h"
#include "core/report.h"
#include "machine/pc_fw_cfg.h"
#include "trace/event.h"

namespace machine {

namespace {

constexpr std::uint32_t setup_address = 0x10000, command_line_address = 0x20000,
                        kernel_address = 0x100000;

enum : std::size_t {  // offsets of the setup header (boot.rst)
  type_of_loader = 0x210,
  loadflags = 0x211,
  ramdisk_image = 0x218,
  ramdisk_size = 0x21c,
  heap_end_ptr = 0x224,
  cmd_line_ptr = 0x228,
};

struct KernelOffered {
  static constexpr trace::Declaration declaration{
      "fw_cfg_kernel", trace::Category::machine, trace::Shape::instant,
      "Firmware is given a Linux kernel to start, by fw_cfg."};
  std::uint64_t setup_bytes = 0, kernel_bytes = 0, initrd_bytes = 0;
  trace::Hex initrd;
  std::string_view command_line, rom;

  static constexpr auto fields() {
    return trace::fields(
        trace::state("setup_bytes", &KernelOffered::setup_bytes, "of the 16-bit part"),
        trace::state("kernel_bytes", &KernelOffered::kernel_bytes, "of the rest"),
        trace::state("initrd_bytes", &KernelOffered::initrd_bytes,
                     "of the initial RAM disk"),
        trace::state("initrd", &KernelOffered::initrd, "where that will be"),
        trace::state("command_line", &KernelOffered::command_line, "-append"),
        trace::state("rom", &KernelOffered::rom, "the option ROM that fetches them"));
  }
};

using hw::FwCfgBytes;
using hw::FWCfgState;

void put(FwCfgBytes& bytes, std::size_t at, std::uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) {
    bytes.at(at + i) = static_cast<std::byte>(value >> (8 * i));
  }
}

// A part of a file, read when firmware asks for it. One that has become shorter since
// the start is empty then.
FwCfgBytes part_of(const ImageFile& file, std::uint64_t offset) {
  try {
    FwCfgBytes bytes(static_cast<std::size_t>(file.size() - offset));
    file.read(offset, bytes);
    return bytes;
  } catch (const std::system_error& error) {
    warn_report(std::string("firmware gets no kernel: ") + error.what());
    return {};
  }
}

struct Offer {
  std::shared_ptr<ImageFile> kernel, initrd;
  LinuxHeader header;
  std::uint64_t initrd_address = 0;
};

// It ends below what firmware puts at the end of RAM: ACPI's tables and its own data.
void place_initrd(const PCMachineState* pcms, Offer& offer) {
  constexpr std::uint64_t firmware_room = 0x28000, page = 4096;
  const GuestRam ram{.low_end = pcms->below_4g_mem_size - firmware_room};
  LinuxLayout layout;
  layout.kernel = kernel_address;
  plan_initrd(offer.header, ram, offer.initrd->size(), layout);
  offer.initrd_address = layout.initrd & ~(page - 1);
}

Offer read_files(const PCMachineState* pcms) {
  constexpr std::uint64_t head_size = 4096;
  Offer offer;
  offer.kernel = std::make_shared<ImageFile>(pcms->kernel_filename, pcms->ram_size);
  offer.header = parse_linux_header(offer.kernel->head(head_size), offer.kernel->size());
  if (!pcms->initrd_filename.empty()) {
    offer.initrd = std::make_shared<ImageFile>(pcms->initrd_filename, pcms->ram_size);
    place_initrd(pcms, offer);
  }
  return offer;
}

// The kernel's first sectors, the header told what a loader tells.
FwCfgBytes setup_part(const Offer& offer) {
  constexpr std::uint8_t loader = 0xb0, can_use_heap = 0x80;
  FwCfgBytes setup = offer.kernel->head(offer.header.kernel_start);
  put(setup, type_of_loader, loader, 1);
  put(setup, loadflags, std::to_integer<std::uint8_t>(setup[loadflags]) | can_use_heap,
      1);
  put(setup, heap_end_ptr, command_line_address - setup_address - 0x200, 2);
  put(setup, cmd_line_ptr, command_line_address, 4);
  if (offer.initrd) {
    put(setup, ramdisk_image, offer.initrd_address, 4);
    put(setup, ramdisk_size, offer.initrd->size(), 4);
  }
  return setup;
}

void add_kernel(FWCfgState* s, const Offer& offer) {
  fw_cfg_add_number(s, hw::FW_CFG_SETUP_ADDR, setup_address, 4);
  fw_cfg_add_number(s, hw::FW_CFG_SETUP_SIZE, offer.header.kernel_start, 4);
  fw_cfg_add(s, hw::FW_CFG_SETUP_DATA, setup_part(offer));
  fw_cfg_add_number(s, hw::FW_CFG_KERNEL_ADDR, kernel_address, 4);
  fw_cfg_add_number(s, hw::FW_CFG_KERNEL_SIZE, offer.header.kernel_size, 4);
  fw_cfg_add_later(s, hw::FW_CFG_KERNEL_DATA,
                   [kernel = offer.kernel, start = offer.header.kernel_start] {
                     return part_of(*kernel, start);
                   });
}

void add_initrd(FWCfgState* s, const Offer& offer) {
  fw_cfg_add_number(s, hw::FW_CFG_INITRD_ADDR, offer.initrd_address, 4);
  fw_cfg_add_number(s, hw::FW_CFG_INITRD_SIZE, offer.initrd->size(), 4);
  fw_cfg_add_later(s, hw::FW_CFG_INITRD_DATA,
                   [initrd = offer.initrd] { return part_of(*initrd, 0); });
}

void add_command_line(FWCfgState* s, const std::string& line) {
  const auto bytes = std::as_bytes(std::span(line.c_str(), line.size() + 1));
  fw_cfg_add_number(s, hw::FW_CFG_CMDLINE_ADDR, command_line_address, 4);
  fw_cfg_add_number(s, hw::FW_CFG_CMDLINE_SIZE, bytes.size(), 4);
  fw_cfg_add(s, hw::FW_CFG_CMDLINE_DATA, {bytes.begin(), bytes.end()});
}

const char* add_boot_rom(bool dma) {
  const char* name = dma ? "linuxboot_dma.bin" : "linuxboot.bin";
  const std::optional<std::string> path = find_firmware(name);
  if (!path) {
    Error error(std::string("firmware starts a kernel by ") + name +
                ", which is nowhere to be found");
    error.hint =
        "The package qemu-system-data has it. Without -bios the kernel is started"
        " directly and needs no firmware.";
    throw error;
  }
  constexpr std::uint64_t limit = 1 << 16;
  add_option_rom({std::string("genroms/") + name, read_image_file(*path, limit), 0});
  return name;
}

}  // namespace

void pc_offer_linux(PCMachineState* pcms) {
  FWCfgState* s = hw::fw_cfg_find();
  const std::string failed = "could not load kernel '" + pcms->kernel_filename + "': ";
  Offer offer;
  try {
    offer = read_files(pcms);
  } catch (const std::system_error& error) {
    throw Error(failed + error.code().message());
  } catch (const Error& error) {
    throw Error(failed + error.what());
  }
  const char* rom =
      add_boot_rom(s->dma_enabled && PC_MACHINE_GET_CLASS(pcms)->linuxboot_dma_enabled);
  add_kernel(s, offer);
  if (offer.initrd) {
    add_initrd(s, offer);
  }
  add_command_line(s, pcms->kernel_cmdline);
  trace::instant(KernelOffered{.setup_bytes = offer.header.kernel_start,
                               .kernel_bytes = offer.header.kernel_size,
                               .initrd_bytes = offer.initrd ? offer.initrd->size() : 0,
                               .initrd = {offer.initrd_address},
                               .command_line = pcms->kernel_cmdline,
                               .rom = rom});
}

}  // namespace machine
