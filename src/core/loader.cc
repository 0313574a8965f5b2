// Placing guest images, and the register state of their first instruction.
#include "core/loader.h"

#include <algorithm>

#include "core/loader_internal.h"
#include "qom/object.h"

namespace core {

namespace {

constexpr std::uint64_t elf_stack_top = 0x90000;
constexpr std::uint16_t code_selector = 0x08, data_selector = 0x10;
constexpr std::uint16_t linux_code_selector = 0x10, linux_data_selector = 0x18;
constexpr std::size_t gdt_size = 32;

bool is_linux(ImageKind kind) {
  return kind == ImageKind::linux32 || kind == ImageKind::linux64;
}

bool is_64_bit(ImageKind kind) {
  return kind == ImageKind::elf64 || kind == ImageKind::linux64;
}

}  // namespace

bool takes_command_line(ImageKind kind) {
  return is_linux(kind) || kind == ImageKind::pvh;
}

// ---- placing ------------------------------------------------------------------

namespace {

std::span<std::byte> ram_or_throw(AddressSpace& memory, std::uint64_t address,
                                  std::uint64_t size) {
  const std::span<std::byte> ram = memory.ram(address, size);
  if (ram.size() != size) {
    throw qom::Error("it needs memory at " + address_text(address) + " to " +
                     address_text(address + size - 1) +
                     ", which is not RAM of this machine; give more with -m");
  }
  return ram;
}

void store_u64(std::span<std::byte> to, std::size_t index, std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) {
    to[index * 8 + i] = static_cast<std::byte>(value >> (8 * i));
  }
}

// SDM vol. 3, 3.4.5. Accessed bits are set: the table may be used read-only.
void write_gdt(std::span<std::byte> table, ImageKind kind) {
  const std::size_t code = is_linux(kind) ? 2 : 1;
  std::fill(table.begin(), table.end(), std::byte{0});
  store_u64(table, code, is_64_bit(kind) ? 0x00af9b000000ffff : 0x00cf9b000000ffff);
  store_u64(table, code + 1, 0x00cf93000000ffff);
}

// SDM vol. 3, 4.5: PML4[0] -> PDPT[0..3] -> four directories of 512 pages of 2 MiB.
void write_page_tables(std::span<std::byte> tables) {
  constexpr std::uint64_t present_writable = 0x3, large = 0x80;
  constexpr std::size_t entries = 512;
  std::fill(tables.begin(), tables.end(), std::byte{0});
  store_u64(tables, 0, (page_tables_address + 0x1000) | present_writable);
  for (std::size_t gib = 0; gib < 4; ++gib) {
    store_u64(tables, entries + gib,
              (page_tables_address + 0x2000 + gib * 0x1000) | present_writable);
  }
  for (std::size_t page = 0; page < 4 * entries; ++page) {
    store_u64(tables, 2 * entries + page, page * 0x200000 | present_writable | large);
  }
}

}  // namespace

void place_entry_tables(const KernelImage& image, AddressSpace& memory) {
  if (image.kind != ImageKind::flat) {
    write_gdt(ram_or_throw(memory, gdt_address, gdt_size), image.kind);
  }
  if (is_64_bit(image.kind)) {
    write_page_tables(
        ram_or_throw(memory, page_tables_address, page_tables_end - page_tables_address));
  }
}

void place_kernel_image(const KernelImage& image, std::span<const std::byte> file,
                        AddressSpace& memory) {
  for (const ImageSegment& segment : image.segments) {
    ram_or_throw(memory, segment.address, segment.memory_size);
  }
  place_entry_tables(image, memory);
  for (const ImageSegment& segment : image.segments) {
    const std::span<std::byte> ram = memory.ram(segment.address, segment.memory_size);
    const auto bytes = file.subspan(segment.file_offset, segment.file_size);
    std::copy(bytes.begin(), bytes.end(), ram.begin());
    std::fill(ram.begin() + static_cast<std::ptrdiff_t>(bytes.size()), ram.end(),
              std::byte{0});
  }
}

// ---- the first instruction ------------------------------------------------------

namespace {

Segment real_mode_segment(Segment segment) {
  segment.base = 0;
  segment.selector = 0;
  return segment;
}

Segment flat_segment(std::uint16_t selector, std::uint8_t type) {
  return {.base = 0,
          .limit = 0xffffffff,
          .selector = selector,
          .type = type,
          .present = true,
          .s = true,
          .db = true,
          .l = false,
          .g = true,
          .avl = false,
          .dpl = 0,
          .unusable = false};
}

void enter_real_mode(Sregs& sregs) {
  for (Segment* segment :
       {&sregs.cs, &sregs.ds, &sregs.es, &sregs.fs, &sregs.gs, &sregs.ss}) {
    *segment = real_mode_segment(*segment);
  }
}

void enter_protected_mode(Sregs& sregs, ImageKind kind) {
  constexpr std::uint8_t code = 0xb, data = 0x3, busy_tss = 0xb;  // accessed
  sregs.cs = flat_segment(is_linux(kind) ? linux_code_selector : code_selector, code);
  for (Segment* segment : {&sregs.ds, &sregs.es, &sregs.fs, &sregs.gs, &sregs.ss}) {
    *segment = flat_segment(is_linux(kind) ? linux_data_selector : data_selector, data);
  }
  // No task yet, but the hardware wants a busy TSS there (SDM vol. 3, 26.3.1.2).
  sregs.tr = {.base = 0, .limit = 0x67, .selector = 0, .type = busy_tss, .present = true};
  sregs.gdt = {gdt_address, gdt_size - 1};
  sregs.idt = {0, 0};
  sregs.cr0 = 0x11;  // PE, ET
}

void enter_long_mode(Sregs& sregs) {
  sregs.cs.db = false;
  sregs.cs.l = true;
  sregs.cr3 = page_tables_address;
  sregs.cr4 = 0x20;        // PAE
  sregs.efer = 0x500;      // LME, LMA
  sregs.cr0 = 0x80000011;  // PG, PE, ET
}

}  // namespace

void set_kernel_entry(const KernelImage& image, Vcpu& vcpu) {
  Sregs sregs = vcpu.sregs();
  Regs regs = vcpu.regs();
  if (image.kind == ImageKind::flat) {
    enter_real_mode(sregs);
    regs.rsp = flat_address;
  } else {
    enter_protected_mode(sregs, image.kind);
    regs.rsp = elf_stack_top;
  }
  if (is_64_bit(image.kind)) {
    enter_long_mode(sregs);
  }
  regs.rbp = regs.rdi = 0;
  regs.rbx = image.kind == ImageKind::pvh ? linux_params_address : 0;
  regs.rsi = is_linux(image.kind) ? linux_params_address : 0;
  regs.rip = image.entry;
  regs.rflags = 2;
  vcpu.set_sregs(sregs);
  vcpu.set_regs(regs);
}

}  // namespace core
