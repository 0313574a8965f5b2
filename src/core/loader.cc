// Reading and checking guest images; placing them; the register state of their first
// instruction. ELF field offsets are those of the System V ABI, chapters 4 and 5.
#include "core/loader.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <system_error>

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
        trace::state("segments", &LoadKernelEvent::segments, "parts copied to guest memory"),
        trace::state("bytes", &LoadKernelEvent::bytes, "size of the file"),
        trace::volatile_field("file", &LoadKernelEvent::file, "the image's file name"));
  }
};

constexpr std::uint64_t flat_address = 0x7c00;
constexpr std::uint64_t conventional_memory_end = 0xa0000;  // VGA memory begins here
constexpr std::uint64_t gdt_address = 0x1000;
constexpr std::uint64_t page_tables_address = 0x2000;
constexpr std::uint64_t page_tables_end = 0x8000;  // PML4, PDPT, four page directories
constexpr std::uint64_t elf_stack_top = 0x90000;
constexpr std::uint64_t four_gib = 1ull << 32;
constexpr std::uint16_t code_selector = 0x08, data_selector = 0x10;

std::string hex(std::uint64_t value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[value & 15]);
    value >>= 4;
  } while (value != 0);
  return "0x" + digits;
}

// Little-endian fields of a header, each read checked against the header's end.
class HeaderReader {
 public:
  explicit HeaderReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint64_t number(std::uint64_t offset, unsigned width) const {
    if (offset > bytes_.size() || bytes_.size() - offset < width) {
      throw qom::Error("the file ends inside its ELF headers");
    }
    std::uint64_t value = 0;
    for (unsigned i = 0; i < width; ++i) {
      value |= std::to_integer<std::uint64_t>(bytes_[offset + i]) << (8 * i);
    }
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
};

// Where the fields that differ between the two ELF classes are.
struct ElfLayout {
  unsigned word;  // width of addresses and offsets
  std::uint64_t entry, phoff, phentsize, phnum;
  std::uint64_t header_size;  // of one program header
  std::uint64_t p_offset, p_paddr, p_filesz, p_memsz;
};
constexpr ElfLayout elf32_layout{4, 24, 28, 42, 44, 32, 4, 12, 16, 20};
constexpr ElfLayout elf64_layout{8, 24, 32, 54, 56, 56, 8, 24, 32, 40};

enum : std::uint8_t { elf_class_32 = 1, elf_class_64 = 2, elf_little_endian = 1 };
constexpr std::uint16_t et_exec = 2, em_386 = 3, em_x86_64 = 62;
constexpr std::uint32_t pt_load = 1;

bool starts_with_elf_magic(std::span<const std::byte> file) {
  constexpr std::array<unsigned char, 4> magic{0x7f, 'E', 'L', 'F'};
  return file.size() >= magic.size() && std::memcmp(file.data(), magic.data(), magic.size()) == 0;
}

// "HdrS" at 0x202: the header of the Linux boot protocol.
bool is_linux_boot_image(std::span<const std::byte> file) {
  return file.size() >= 0x206 && std::memcmp(file.data() + 0x202, "HdrS", 4) == 0;
}

ImageSegment read_program_header(const HeaderReader& reader, const ElfLayout& layout,
                                 std::uint64_t at, std::uint64_t file_size) {
  const ImageSegment segment{
      .address = reader.number(at + layout.p_paddr, layout.word),
      .file_offset = reader.number(at + layout.p_offset, layout.word),
      .file_size = reader.number(at + layout.p_filesz, layout.word),
      .memory_size = reader.number(at + layout.p_memsz, layout.word),
  };
  if (segment.file_offset > file_size || file_size - segment.file_offset < segment.file_size) {
    throw qom::Error("a segment's bytes at offset " + hex(segment.file_offset) +
                     " lie beyond the end of the file");
  }
  if (segment.file_size > segment.memory_size) {
    throw qom::Error("the segment for " + hex(segment.address) +
                     " has more bytes in the file than in memory");
  }
  if (segment.memory_size > four_gib || segment.address > four_gib - segment.memory_size) {
    throw qom::Error("the segment for " + hex(segment.address) +
                     " does not lie in the first 4 GiB");
  }
  return segment;
}

void check_elf_identity(const HeaderReader& reader, std::uint64_t elf_class) {
  if (elf_class != elf_class_32 && elf_class != elf_class_64) {
    throw qom::Error("its ELF class is neither 32 nor 64 bits");
  }
  const std::uint64_t machine = reader.number(18, 2);
  if (reader.number(5, 1) != elf_little_endian ||
      machine != (elf_class == elf_class_32 ? em_386 : em_x86_64)) {
    throw qom::Error("it is an ELF image for another processor (machine " +
                     std::to_string(machine) + "); this machine runs i386 and x86-64");
  }
  if (reader.number(16, 2) != et_exec) {
    throw qom::Error("it is an ELF file but not an executable at fixed addresses; link it with"
                     " -static -no-pie and an entry point");
  }
}

void check_entry(const KernelImage& image) {
  const auto holds_entry = [&](const ImageSegment& segment) {
    return image.entry >= segment.address && image.entry - segment.address < segment.memory_size;
  };
  if (std::none_of(image.segments.begin(), image.segments.end(), holds_entry)) {
    throw qom::Error("its entry point " + hex(image.entry) + " lies in no loaded segment");
  }
}

void check_tables_free(const KernelImage& image) {
  const std::uint64_t end =
      image.kind == ImageKind::elf64 ? page_tables_end : page_tables_address;
  for (const ImageSegment& segment : image.segments) {
    if (segment.address < end && segment.address + segment.memory_size > gdt_address) {
      throw qom::Error("its segment at " + hex(segment.address) + " overlaps " +
                       hex(gdt_address) + " to " + hex(end - 1) +
                       ", where the loader puts descriptor and page tables; link it at 0x100000");
    }
  }
}

KernelImage parse_elf(std::span<const std::byte> file) {
  const HeaderReader reader(file);
  const std::uint64_t elf_class = reader.number(4, 1);
  check_elf_identity(reader, elf_class);
  const bool wide = elf_class == elf_class_64;
  const ElfLayout& layout = wide ? elf64_layout : elf32_layout;
  KernelImage image{.kind = wide ? ImageKind::elf64 : ImageKind::elf32,
                    .entry = reader.number(layout.entry, layout.word),
                    .segments = {}};
  const std::uint64_t phoff = reader.number(layout.phoff, layout.word);
  const std::uint64_t step = reader.number(layout.phentsize, 2);
  const std::uint64_t count = reader.number(layout.phnum, 2);
  if (count > 0 && step < layout.header_size) {
    throw qom::Error("its program headers are shorter than an ELF program header");
  }
  if (phoff > file.size()) {
    throw qom::Error("the file ends inside its ELF headers");
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = phoff + i * step;  // below 2^64: phoff is a file position
    if (reader.number(at, 4) != pt_load) {
      continue;
    }
    const ImageSegment segment = read_program_header(reader, layout, at, file.size());
    if (segment.memory_size > 0) {
      image.segments.push_back(segment);
    }
  }
  if (image.segments.empty()) {
    throw qom::Error("it is an ELF file without anything to load (no PT_LOAD segment)");
  }
  check_entry(image);
  check_tables_free(image);
  return image;
}

KernelImage parse_flat(std::span<const std::byte> file) {
  if (file.empty()) {
    throw qom::Error("the file is empty");
  }
  if (file.size() > conventional_memory_end - flat_address) {
    throw qom::Error("a flat image may have at most " +
                     std::to_string(conventional_memory_end - flat_address) +
                     " bytes (it is put at 0x7c00 and must end below 0xa0000); this one has " +
                     std::to_string(file.size()));
  }
  return {.kind = ImageKind::flat,
          .entry = flat_address,
          .segments = {{flat_address, 0, file.size(), file.size()}}};
}

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

KernelImage parse_kernel_image(std::span<const std::byte> file) {
  if (starts_with_elf_magic(file)) {
    return parse_elf(file);
  }
  if (is_linux_boot_image(file)) {
    throw qom::Error("it is a Linux bzImage; this version starts flat binaries and ELF images");
  }
  return parse_flat(file);
}

// ---- placing ------------------------------------------------------------------

namespace {

std::span<std::byte> ram_or_throw(AddressSpace& memory, std::uint64_t address,
                                  std::uint64_t size) {
  const std::span<std::byte> ram = memory.ram(address, size);
  if (ram.size() != size) {
    throw qom::Error("it needs memory at " + hex(address) + " to " + hex(address + size - 1) +
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
    std::fill(ram.begin() + static_cast<std::ptrdiff_t>(bytes.size()), ram.end(), std::byte{0});
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
  return {.base = 0, .limit = 0xffffffff, .selector = selector, .type = type, .present = true,
          .s = true, .db = true, .l = false, .g = true, .avl = false, .dpl = 0,
          .unusable = false};
}

void enter_real_mode(Sregs& sregs) {
  for (Segment* segment : {&sregs.cs, &sregs.ds, &sregs.es, &sregs.fs, &sregs.gs, &sregs.ss}) {
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
