// Reading and checking guest images (Linux's: linux_boot.cc). ELF field offsets are those
// of the System V ABI, chapters 4 and 5.
#include <algorithm>
#include <array>
#include <cstring>

#include "core/loader.h"
#include "core/loader_internal.h"
#include "core/pvh_boot.h"
#include "qom/object.h"

namespace core {

std::string address_text(std::uint64_t value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[value & 15]);
    value >>= 4;
  } while (value != 0);
  return "0x" + digits;
}

namespace {

constexpr std::uint64_t four_gib = 1ull << 32;

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

enum : std::uint8_t { elf_class_32 = 1, elf_class_64 = 2 };

enum : std::uint8_t { elf_little_endian = 1, elf_big_endian = 2 };

constexpr std::uint16_t et_exec = 2, em_386 = 3, em_x86_64 = 62;
constexpr std::uint32_t pt_load = 1, pt_note = 4;

bool starts_with_elf_magic(std::span<const std::byte> file) {
  constexpr std::array<unsigned char, 4> magic{0x7f, 'E', 'L', 'F'};
  return file.size() >= magic.size() &&
         std::memcmp(file.data(), magic.data(), magic.size()) == 0;
}

ImageSegment read_program_header(const HeaderReader& reader, const ElfLayout& layout,
                                 std::uint64_t at, std::uint64_t file_size) {
  const ImageSegment segment{
      .address = reader.number(at + layout.p_paddr, layout.word),
      .file_offset = reader.number(at + layout.p_offset, layout.word),
      .file_size = reader.number(at + layout.p_filesz, layout.word),
      .memory_size = reader.number(at + layout.p_memsz, layout.word),
  };
  if (segment.file_offset > file_size ||
      file_size - segment.file_offset < segment.file_size) {
    throw qom::Error("a segment's bytes at offset " + address_text(segment.file_offset) +
                     " lie beyond the end of the file");
  }
  if (segment.file_size > segment.memory_size) {
    throw qom::Error("the segment for " + address_text(segment.address) +
                     " has more bytes in the file than in memory");
  }
  if (segment.memory_size > four_gib ||
      segment.address > four_gib - segment.memory_size) {
    throw qom::Error("the segment for " + address_text(segment.address) +
                     " does not lie in the first 4 GiB");
  }
  return segment;
}

void check_elf_identity(const HeaderReader& reader, std::uint64_t elf_class) {
  if (elf_class != elf_class_32 && elf_class != elf_class_64) {
    throw qom::Error("its ELF class is neither 32 nor 64 bits");
  }
  if (reader.number(5, 1) == elf_big_endian) {
    throw qom::Error(
        "it is a big-endian ELF image; this machine runs i386 and x86-64, which are"
        " little-endian");
  }
  const std::uint64_t machine = reader.number(18, 2);
  if (reader.number(5, 1) != elf_little_endian ||
      machine != (elf_class == elf_class_32 ? em_386 : em_x86_64)) {
    throw qom::Error("it is an ELF image for another processor (machine " +
                     std::to_string(machine) + "); this machine runs i386 and x86-64");
  }
  if (reader.number(16, 2) != et_exec) {
    throw qom::Error(
        "it is an ELF file but not an executable at fixed addresses; link it with"
        " -static -no-pie and an entry point");
  }
}

void check_entry(const KernelImage& image) {
  const auto holds_entry = [&](const ImageSegment& segment) {
    return image.entry >= segment.address &&
           image.entry - segment.address < segment.memory_size;
  };
  if (std::none_of(image.segments.begin(), image.segments.end(), holds_entry)) {
    throw qom::Error("its entry point " + address_text(image.entry) +
                     " lies in no loaded segment");
  }
}

void check_tables_free(const KernelImage& image) {
  const std::uint64_t end =
      image.kind == ImageKind::elf64 ? page_tables_end : page_tables_address;
  for (const ImageSegment& segment : image.segments) {
    if (segment.address < end && segment.address + segment.memory_size > gdt_address) {
      throw qom::Error(
          "its segment at " + address_text(segment.address) + " overlaps " +
          address_text(gdt_address) + " to " + address_text(end - 1) +
          ", where the loader puts descriptor and page tables; link it at 0x100000");
    }
  }
}

// A kernel that can be entered as a PVH guest is.
void take_pvh_entry(const HeaderReader& reader, const ElfLayout& layout, std::uint64_t at,
                    std::span<const std::byte> file, KernelImage& image) {
  const std::uint64_t offset = reader.number(at + layout.p_offset, layout.word);
  const std::uint64_t size = reader.number(at + layout.p_filesz, layout.word);
  if (const auto entry = pvh_entry(file, offset, size)) {
    image.kind = ImageKind::pvh;
    image.entry = *entry;
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
                    .segments = {},
                    .linux_header = {}};
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
    const std::uint64_t type = reader.number(at, 4);
    if (type == pt_note) {
      take_pvh_entry(reader, layout, at, file, image);
    }
    if (type != pt_load) {
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
    throw qom::Error(
        "a flat image may have at most " +
        std::to_string(conventional_memory_end - flat_address) +
        " bytes (it is put at 0x7c00 and must end below 0xa0000); this one has " +
        std::to_string(file.size()));
  }
  return {.kind = ImageKind::flat,
          .entry = flat_address,
          .segments = {{flat_address, 0, file.size(), file.size()}},
          .linux_header = {}};
}

}  // namespace

// At the address that it likes best; where it goes depends on the machine's RAM.
KernelImage parse_linux_image(std::span<const std::byte> head, std::uint64_t file_size) {
  KernelImage image;
  image.linux_header = parse_linux_header(head, file_size);
  image.kind = image.linux_header.entry_64 ? ImageKind::linux64 : ImageKind::linux32;
  image.segments = {{image.linux_header.preferred_address,
                     image.linux_header.kernel_start, image.linux_header.kernel_size,
                     image.linux_header.kernel_size}};
  image.entry = image.linux_header.preferred_address +
                (image.linux_header.entry_64 ? linux_entry_64 : 0);
  return image;
}

KernelImage parse_kernel_image(std::span<const std::byte> file) {
  if (starts_with_elf_magic(file)) {
    return parse_elf(file);
  }
  if (is_linux_boot_image(file)) {
    return parse_linux_image(file, file.size());
  }
  return parse_flat(file);
}

}  // namespace core
