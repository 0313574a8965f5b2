// Guest images: what is accepted, where it goes, and what is said about the rest.
#include "core/loader.h"

#include <cstring>

#include "board.h"

namespace {

using namespace machine_test;
using ::testing::HasSubstr;

// A small ELF file; tests change what they need before bytes().
struct ElfFile {
  bool wide = false;
  std::uint16_t type = 2, machine = 3, phnum = 1, phentsize = 0;
  std::uint8_t endian = 1;
  std::uint64_t entry = 0x100000, paddr = 0x100000, offset = 0x100;
  std::uint64_t filesz = 4, memsz = 8;
  std::string payload = "\x90\x90\x90\xf4";

  std::string bytes() const {
    std::string out(0x100, '\0');
    const auto put = [&](std::size_t at, std::uint64_t value, unsigned width) {
      for (unsigned i = 0; i < width; ++i) {
        out[at + i] = static_cast<char>(value >> (8 * i));
      }
    };
    out.replace(0, 4,
                "\x7f"
                "ELF");
    put(4, wide ? 2 : 1, 1);
    put(5, endian, 1);
    put(16, type, 2);
    put(18, machine, 2);
    const unsigned word = wide ? 8 : 4;
    put(24, entry, word);
    put(wide ? 32 : 28, 0x40, word);
    put(wide ? 54 : 42, phentsize != 0 ? phentsize : (wide ? 56 : 32), 2);
    put(wide ? 56 : 44, phnum, 2);
    put(0x40, 1, 4);
    put(0x40 + (wide ? 8 : 4), offset, word);
    put(0x40 + (wide ? 24 : 12), paddr, word);
    put(0x40 + (wide ? 32 : 16), filesz, word);
    put(0x40 + (wide ? 40 : 20), memsz, word);
    return out + payload;
  }
};

std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

KernelImage parse(const std::string& file) {
  return parse_kernel_image(as_bytes(file));
}

std::string parse_error(const std::string& file) {
  return error_of([&] { parse(file); });
}

// Remembers the registers it was given.
struct RecordingVcpu : Vcpu {
  Regs r;
  Sregs s;

  RecordingVcpu() {
    s.cs.selector = 0xf000;
    s.cs.base = 0xffff0000;
    s.cs.limit = 0xffff;
    r.rip = 0xfff0;
  }

  Regs regs() override { return r; }

  void set_regs(const Regs& regs) override { r = regs; }

  Sregs sregs() override { return s; }

  void set_sregs(const Sregs& sregs) override { s = sregs; }

  Fpu fpu() override { return {}; }

  void set_fpu(const Fpu&) override {}

  std::optional<std::uint64_t> msr(std::uint32_t) override { return std::nullopt; }

  bool set_msr(std::uint32_t, std::uint64_t) override { return false; }

  void set_cpuid(std::span<const CpuidEntry>) override {}

  Exit run() override { return exit::Hlt{}; }

  std::uint64_t exit_rip() override { return 0; }

  bool ready_for_irq() override { return false; }

  void inject_irq(std::uint8_t) override {}

  void request_irq_window(bool) override {}

  void inject_exception(std::uint8_t, std::optional<std::uint32_t>) override {}

  void inject_nmi() override {}

  void request_exit() override {}

  void set_debug(const DebugControl&) override {}

  void reset() override {}
};

TEST(KernelImage, a_file_without_magic_is_a_flat_image_at_7c00) {
  const KernelImage image = parse("\xeb\xfe");

  EXPECT_EQ(image.kind, ImageKind::flat);
  EXPECT_EQ(image.entry, 0x7c00u);
  ASSERT_EQ(image.segments.size(), 1u);
  EXPECT_EQ(image.segments[0].address, 0x7c00u);
}

TEST(KernelImage, an_empty_file_and_one_beyond_640_KiB_are_refused) {
  EXPECT_THAT(parse_error(""), HasSubstr("empty"));
  EXPECT_EQ(parse_error(std::string(0xa0000 - 0x7c00, 'x')), "");
  EXPECT_THAT(parse_error(std::string(0xa0000 - 0x7c00 + 1, 'x')),
              HasSubstr("at most 623616"));
}

TEST(KernelImage, a_32_bit_ELF_gives_its_entry_and_segments) {
  const KernelImage image = parse(ElfFile{}.bytes());

  EXPECT_EQ(image.kind, ImageKind::elf32);
  EXPECT_EQ(image.entry, 0x100000u);
  ASSERT_EQ(image.segments.size(), 1u);
  EXPECT_EQ(image.segments[0].file_size, 4u);
  EXPECT_EQ(image.segments[0].memory_size, 8u);
}

TEST(KernelImage, a_64_bit_ELF_is_told_from_a_32_bit_one) {
  ElfFile elf;
  elf.wide = true;
  elf.machine = 62;

  EXPECT_EQ(parse(elf.bytes()).kind, ImageKind::elf64);
}

struct BadElf {
  const char* what;
  void (*change)(ElfFile&);
  const char* message;
};

TEST(KernelImage, each_defect_of_an_ELF_file_is_named) {
  const BadElf cases[] = {
      {"another machine", [](ElfFile& e) { e.machine = 40; }, "machine 40"},
      {"big endian", [](ElfFile& e) { e.endian = 2; }, "big-endian"},
      {"position independent", [](ElfFile& e) { e.type = 3; }, "-no-pie"},
      {"no segment", [](ElfFile& e) { e.phnum = 0; }, "PT_LOAD"},
      {"short headers", [](ElfFile& e) { e.phentsize = 8; }, "shorter"},
      {"too many headers", [](ElfFile& e) { e.phnum = 60000; }, "ends inside"},
      {"bytes beyond the end", [](ElfFile& e) { e.offset = 0x10000; }, "beyond the end"},
      {"offset overflow", [](ElfFile& e) { e.offset = 0xffffffff; }, "beyond the end"},
      {"more file than memory", [](ElfFile& e) { e.memsz = 2; },
       "more bytes in the file"},
      {"beyond 4 GiB", [](ElfFile& e) { e.paddr = 0xfffffffc; }, "first 4 GiB"},
      {"entry outside", [](ElfFile& e) { e.entry = 0x200000; }, "entry point 0x200000"},
      {"on the tables", [](ElfFile& e) { e.paddr = e.entry = 0x1000; },
       "overlaps 0x1000"},
  };
  for (const BadElf& c : cases) {
    ElfFile elf;
    c.change(elf);
    EXPECT_THAT(parse_error(elf.bytes()), HasSubstr(c.message)) << c.what;
  }
}

TEST(KernelImage, every_truncation_of_an_ELF_file_is_an_error_not_a_crash) {
  const std::string whole = ElfFile{}.bytes();
  for (std::size_t size = 4; size < whole.size(); ++size) {
    EXPECT_NE(parse_error(whole.substr(0, size)), "") << size;
  }
}

TEST(KernelPlacing, bytes_and_zeroes_go_where_the_segment_says) {
  const Board board("pc-i440fx-4.0");
  const std::span<std::byte> ram = address_space_memory().ram(0x100000, 8);
  ram[7] = std::byte{0xaa};
  const std::string file = ElfFile{}.bytes();

  place_kernel_image(parse(file), as_bytes(file), address_space_memory());

  EXPECT_EQ(std::memcmp(ram.data(), "\x90\x90\x90\xf4\0\0\0\0", 8), 0);
}

TEST(KernelPlacing, a_segment_outside_RAM_is_refused_before_anything_is_written) {
  const Board board("pc-i440fx-4.0");
  ElfFile elf;
  elf.paddr = elf.entry = 0x8000000;
  const std::string file = elf.bytes();

  EXPECT_THAT(error_of([&] {
                place_kernel_image(parse(file), as_bytes(file), address_space_memory());
              }),
              HasSubstr("0x8000000 to 0x8000007"));
  EXPECT_EQ(address_space_memory().ram(0x1008, 1)[0], std::byte{0});
}

TEST(KernelPlacing, page_tables_map_the_first_4_GiB_one_to_one) {
  const Board board("pc-i440fx-4.0");
  ElfFile elf;
  elf.wide = true;
  elf.machine = 62;
  const std::string file = elf.bytes();
  place_kernel_image(parse(file), as_bytes(file), address_space_memory());
  const auto entry = [](std::uint64_t table, std::uint64_t index) {
    std::uint64_t value = 0;
    std::memcpy(&value, address_space_memory().ram(table + 8 * index, 8).data(), 8);
    return value;
  };
  const auto translate = [&](std::uint64_t address) {
    const std::uint64_t pdpt = entry(0x2000, address >> 39) & ~0xfffull;
    const std::uint64_t pd = entry(pdpt, address >> 30 & 511) & ~0xfffull;
    const std::uint64_t page = entry(pd, address >> 21 & 511);
    EXPECT_EQ(page & 0x83, 0x83u);
    return (page & ~0x1fffffull) | (address & 0x1fffff);
  };
  for (const std::uint64_t address :
       {0x0ull, 0x7c00ull, 0x200000ull, 0x7fffffffull, 0xc0123456ull, 0xffffffffull}) {
    EXPECT_EQ(translate(address), address);
  }
}

TEST(KernelEntry, a_flat_image_starts_in_real_mode_at_0000_7c00) {
  RecordingVcpu vcpu;
  set_kernel_entry(parse("x"), vcpu);

  EXPECT_EQ(vcpu.s.cs.base, 0u);
  EXPECT_EQ(vcpu.s.cs.selector, 0u);
  EXPECT_EQ(vcpu.r.rip, 0x7c00u);
  EXPECT_EQ(vcpu.r.rsp, 0x7c00u);
  EXPECT_EQ(vcpu.s.cr0 & 1, 0u);
}

TEST(KernelEntry, a_32_bit_image_starts_in_flat_protected_mode) {
  RecordingVcpu vcpu;
  set_kernel_entry(parse(ElfFile{}.bytes()), vcpu);

  EXPECT_EQ(vcpu.s.cs.selector, 0x08);
  EXPECT_EQ(vcpu.s.ss.selector, 0x10);
  EXPECT_TRUE(vcpu.s.cs.db);
  EXPECT_EQ(vcpu.s.cs.limit, 0xffffffffu);
  EXPECT_EQ(vcpu.s.cr0 & 0x80000001, 1u);
  EXPECT_EQ(vcpu.s.gdt.base, 0x1000u);
  EXPECT_EQ(vcpu.r.rip, 0x100000u);
  EXPECT_EQ(vcpu.r.rbx, 0u);
}

TEST(KernelEntry, a_64_bit_image_starts_in_long_mode_with_paging) {
  ElfFile elf;
  elf.wide = true;
  elf.machine = 62;
  RecordingVcpu vcpu;
  set_kernel_entry(parse(elf.bytes()), vcpu);

  EXPECT_TRUE(vcpu.s.cs.l);
  EXPECT_FALSE(vcpu.s.cs.db);
  EXPECT_EQ(vcpu.s.cr3, 0x2000u);
  EXPECT_EQ(vcpu.s.efer, 0x500u);
  EXPECT_EQ(vcpu.s.cr0 & 0x80000001, 0x80000001u);
}

TEST(LoadKernel, a_missing_file_is_named_with_the_reason) {
  EXPECT_EQ(error_of([] {
              const Board board("pc-i440fx-4.0",
                                [](MachineState* m) { m->kernel_filename = "nosuch"; });
            }),
            "could not load kernel 'nosuch': No such file or directory");
}

TEST(LoadKernel, the_image_is_placed_again_at_every_reset) {
  const Board board("pc-i440fx-4.0");
  const std::span<std::byte> ram = address_space_memory().ram(0x7c00, 1);
  ram[0] = std::byte{0};

  qemu_system_reset();

  EXPECT_EQ(ram[0], std::byte{0xf4});
}

TEST(Firmware, a_name_found_nowhere_is_refused_and_the_hint_names_the_package) {
  try {
    load_firmware("no-such-bios.bin");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "could not load PC BIOS 'no-such-bios.bin'");
    EXPECT_THAT(error.hint, HasSubstr("package seabios"));
  }
}

TEST(Firmware, a_size_that_is_no_multiple_of_64_KiB_is_refused) {
  const std::string path = temporary_file(std::string(65535, 'x'));

  EXPECT_THAT(error_of([&] { load_firmware(path); }),
              HasSubstr("could not load PC BIOS"));
}

TEST(Firmware, a_rom_ends_at_4_GiB_and_its_tail_at_1_MiB) {
  std::string rom(65536, '\x90');
  rom[65520] = '\xea';
  const std::string path = temporary_file(rom);
  for (const char* type : {"pc-i440fx-4.0", "isapc"}) {
    const Board board(type, [&](MachineState* machine) { machine->firmware = path; });
    std::byte first{};
    address_space_memory().read(0xfffffff0, std::span(&first, 1));
    EXPECT_EQ(first, std::byte{0xea}) << type;
    address_space_memory().read(0xffff0, std::span(&first, 1));
    EXPECT_EQ(first, std::byte{0xea}) << type;
  }
}

TEST(Firmware, reset_restores_what_a_guest_changed_below_1_MiB) {
  const std::string path = temporary_file(std::string(65536, '\x90'));
  for (const char* type : {"pc-i440fx-4.0", "isapc"}) {
    const Board board(type, [&](MachineState* machine) { machine->firmware = path; });
    std::byte value{0x11};
    address_space_memory().write(0xff000, std::span(&value, 1));
    qemu_system_reset();
    address_space_memory().read(0xff000, std::span(&value, 1));
    EXPECT_EQ(value, std::byte{0x90}) << type;
  }
}

TEST(Firmware, the_default_is_not_needed_when_a_kernel_is_given) {
  const Board board("pc-i440fx-4.0",
                    [](MachineState* machine) { machine->firmware = "bios.bin"; });

  EXPECT_EQ(address_space_memory().find(0xfffffff0), nullptr);
}

}  // namespace
