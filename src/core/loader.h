// Guest images: what -kernel and -bios name, from a file to the first instruction.
//
//   image          put at            first instruction
//   flat binary    0x7c00            real mode 0000:7c00, SP 0x7c00, all segments 0
//   ELF, 32 bits   PT_LOAD p_paddr   32-bit protected mode at e_entry, flat segments
//                                    CS 0x08, DS ES FS GS SS 0x10; EBX 0; no paging
//   ELF, 64 bits   PT_LOAD p_paddr   64-bit mode at e_entry, the same selectors, the
//                                    first 4 GiB mapped one to one by 2 MiB pages
//   ELF with a     PT_LOAD p_paddr   32-bit protected mode at the note's entry, flat
//   PVH note                         segments; EBX: core/pvh_boot.h tells to what
//   Linux bzImage  core/linux_boot.h 64-bit mode at its 64-bit entry; a kernel without
//                                    one: 32-bit protected mode at its start. CS 0x10,
//                                    DS ES SS 0x18; RSI is the address of boot_params
//   firmware       below 4 GiB       the reset vector f000:fff0 (the board's business)
//
// All but a flat image find their descriptor table at 0x1000, 64-bit ones page tables at
// 0x2000 to 0x7fff; ESP is 0x90000; there is no IDT, so an exception is a triple
// fault until the guest makes one. Interrupts are off in every case.
//
// The headers of an image are hostile input: every offset and length is checked
// before use, and what is wrong is said with the image's name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/linux_boot.h"
#include "core/memory.h"
#include "core/vcpu.h"

namespace core {

struct CpuState;
struct MachineState;

enum class ImageKind : std::uint8_t { flat, elf32, elf64, linux32, linux64, pvh };

// It wants a command line, an initial RAM disk and the tables of the board.
bool takes_command_line(ImageKind kind);

// Bytes [file_offset, file_offset + file_size) go to `address`; the rest of
// memory_size is zero. Inside the file by construction.
struct ImageSegment {
  std::uint64_t address = 0;
  std::uint64_t file_offset = 0, file_size = 0, memory_size = 0;
};

struct KernelImage {
  ImageKind kind = ImageKind::flat;
  std::uint64_t entry = 0;
  std::vector<ImageSegment> segments;
  LinuxHeader linux_header{};  // of linux32 and linux64; of pvh what plan_initrd() needs
};

// Understands the headers; touches no guest memory. Throws qom::Error saying only
// what is wrong (the caller knows the name).
KernelImage parse_kernel_image(std::span<const std::byte> file);
// The same for the beginning of a Linux image (is_linux_boot_image) of `file_size` bytes.
KernelImage parse_linux_image(std::span<const std::byte> head, std::uint64_t file_size);

// Copies the image and the tables its entry needs. Throws qom::Error, with nothing
// written, if a part of it would not lie in RAM.
void place_kernel_image(const KernelImage& image, std::span<const std::byte> file,
                        AddressSpace& memory);

// The tables that its entry needs, alone: the image's own bytes come otherwise.
void place_entry_tables(const KernelImage& image, AddressSpace& memory);

// Register state of the image's first instruction, on top of Vcpu::reset().
void set_kernel_entry(const KernelImage& image, Vcpu& vcpu);

// All of it for machine->kernel_filename: read, check, place now and at every reset,
// and make `boot_cpu` start there. A Linux kernel gets machine->kernel_cmdline and
// machine->initrd_filename, and finds what `tables` makes in memory; others know nothing
// of these. `tables` is asked for a Linux kernel only. Throws qom::Error
// "could not load kernel 'X': ..." or "could not load initial RAM disk 'X': ...".
ImageKind load_kernel(MachineState* machine, CpuState* boot_cpu,
                      const std::function<LinuxTables()>& tables = {});

// A whole file. Throws std::system_error naming it; more than `limit` bytes is
// EFBIG, a folder EISDIR.
std::vector<std::byte> read_image_file(const std::string& path, std::uint64_t limit);

// 4.0 says "qemu: could not load ..." whatever name it was started by. Under a name
// of QEMU's so do we: makes "qemu" the program's name for the message that follows.
void speak_as_qemu();

// ---- firmware ----------------------------------------------------------------
// Folders searched for firmware, first match wins: those given with -L, then where
// distributions put SeaBIOS.
void add_data_dir(const std::string& directory);
std::optional<std::string> find_firmware(const std::string& name);

// A ROM image: a multiple of 64 KiB, at most 16 MiB. Throws qom::Error
// "could not load PC BIOS 'X'"; its hint says where it was looked for.
std::vector<std::byte> load_firmware(const std::string& name);

// ---- option ROMs ----------------------------------------------------------------
// What firmware is given to run beside the ROMs of cards: files of fw_cfg.
struct OptionRom {
  std::string name;  // "genroms/linuxboot_dma.bin"
  std::vector<std::byte> bytes;
  int bootindex = -1;  // its place among what is booted from; -1: none
};

void add_option_rom(OptionRom rom);
const std::vector<OptionRom>& option_roms();

}  // namespace core
