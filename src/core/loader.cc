// Placing guest images, and the register state of their first instruction.
#include "core/loader.h"

#include <algorithm>
#include <string_view>
#include <system_error>

#include "core/loader_internal.h"
#include "core/run_state.h"
#include "qom/object.h"
#include "trace/event.h"

namespace core {

namespace {

struct LoadKernelEvent {
  static constexpr trace::Declaration declaration{
      "load_kernel", trace::Category::machine, trace::Shape::span,
      "A guest image is read, checked and placed in guest memory."};
  std::string_view kind;
  trace::Hex entry;
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
  std::string_view file;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("kind", &LoadKernelEvent::kind, "flat, elf32 or elf64"),
        trace::state("entry", &LoadKernelEvent::entry, "where the first instruction is"),
        trace::state("segments", &LoadKernelEvent::segments,
                     "parts copied to guest memory"),
        trace::state("bytes", &LoadKernelEvent::bytes, "size of the file"),
        trace::volatile_field("file", &LoadKernelEvent::file, "the image's file name"));
  }
};

constexpr std::uint64_t elf_stack_top = 0x90000;
constexpr std::uint16_t code_selector = 0x08, data_selector = 0x10;

const char* kind_name(ImageKind kind) {
  switch (kind) {
    case ImageKind::elf32:
      return "elf32";
    case ImageKind::elf64:
      return "elf64";
    default:
      return "flat";
  }
}

}  // namespace

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
  store_u64(table, 0, 0);
  store_u64(table, 1, kind == ImageKind::elf64 ? 0x00af9b000000ffff : 0x00cf9b000000ffff);
  store_u64(table, 2, 0x00cf93000000ffff);
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

void place_kernel_image(const KernelImage& image, std::span<const std::byte> file,
                        AddressSpace& memory) {
  for (const ImageSegment& segment : image.segments) {
    ram_or_throw(memory, segment.address, segment.memory_size);
  }
  if (image.kind != ImageKind::flat) {
    write_gdt(ram_or_throw(memory, gdt_address, 24), image.kind);
  }
  if (image.kind == ImageKind::elf64) {
    write_page_tables(
        ram_or_throw(memory, page_tables_address, page_tables_end - page_tables_address));
  }
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

void enter_protected_mode(Sregs& sregs) {
  constexpr std::uint8_t code = 0xb, data = 0x3, busy_tss = 0xb;  // accessed
  sregs.cs = flat_segment(code_selector, code);
  for (Segment* segment : {&sregs.ds, &sregs.es, &sregs.fs, &sregs.gs, &sregs.ss}) {
    *segment = flat_segment(data_selector, data);
  }
  // No task yet, but the hardware wants a busy TSS there (SDM vol. 3, 26.3.1.2).
  sregs.tr = {.base = 0, .limit = 0x67, .selector = 0, .type = busy_tss, .present = true};
  sregs.gdt = {gdt_address, 23};
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
    enter_protected_mode(sregs);
    regs.rsp = elf_stack_top;
  }
  if (image.kind == ImageKind::elf64) {
    enter_long_mode(sregs);
  }
  regs.rbx = 0;
  regs.rip = image.entry;
  regs.rflags = 2;
  vcpu.set_sregs(sregs);
  vcpu.set_regs(regs);
}

namespace {

// The software CPU keeps decoded instructions: it must hear of what changed.
void tell_accelerator(const KernelImage& image) {
  memory_invalidate(gdt_address, page_tables_end - gdt_address);
  for (const ImageSegment& segment : image.segments) {
    memory_invalidate(segment.address, segment.memory_size);
  }
}

}  // namespace

void load_kernel(MachineState* machine, CpuState* boot_cpu) {
  const std::string& name = machine->kernel_filename;
  try {
    const auto file = std::make_shared<const std::vector<std::byte>>(
        read_image_file(name, machine->ram_size));
    const auto image = std::make_shared<const KernelImage>(parse_kernel_image(*file));
    trace::Span span{LoadKernelEvent{.kind = kind_name(image->kind),
                                     .entry = {image->entry},
                                     .segments = image->segments.size(),
                                     .bytes = file->size(),
                                     .file = name}};
    place_kernel_image(*image, *file, address_space_memory());
    qemu_register_reset([file, image] {
      place_kernel_image(*image, *file, address_space_memory());
      tell_accelerator(*image);
    });
    boot_cpu->entry = [image](Vcpu& vcpu) { set_kernel_entry(*image, vcpu); };
  } catch (const std::system_error& error) {
    speak_as_qemu();
    throw qom::Error("could not load kernel '" + name + "': " + error.code().message());
  } catch (const qom::Error& error) {
    speak_as_qemu();
    throw qom::Error("could not load kernel '" + name + "': " + error.what());
  }
}

}  // namespace core
