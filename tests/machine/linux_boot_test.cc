// Linux kernels with a setup header: what is accepted, where its parts go, and what the
// kernel is told. Offsets are those of the boot protocol, written out here once more.
#include "core/linux_boot.h"

#include <cstring>

#include "board.h"
#include "core/loader.h"

namespace {

using namespace machine_test;
using ::testing::HasSubstr;

constexpr std::uint64_t mib = 1 << 20;

// A small bzImage; tests change what they need before bytes().
struct BzImage {
  std::uint16_t version = 0x20f, boot_flag = 0xaa55, xloadflags = 1;
  std::uint8_t setup_sects = 1, loadflags = 1, jump = 0x6a, relocatable = 1;
  std::uint32_t syssize = 0x40, alignment = 0x200000, initrd_addr_max = 0x7fffffff;
  std::uint32_t cmdline_size = 2047, init_size = 0x100000;
  std::uint64_t pref_address = 0x1000000;
  std::size_t payload = 0x400;

  std::string bytes() const {
    std::string out(1024, '\0');
    const auto put = [&](std::size_t at, std::uint64_t value, unsigned width) {
      for (unsigned i = 0; i < width; ++i) {
        out[at + i] = static_cast<char>(value >> (8 * i));
      }
    };
    put(0x1f1, setup_sects, 1);
    put(0x1f4, syssize, 4);
    put(0x1fe, boot_flag, 2);
    put(0x200, 0xeb, 1);
    put(0x201, jump, 1);
    out.replace(0x202, 4, "HdrS");
    put(0x206, version, 2);
    put(0x211, loadflags, 1);
    put(0x22c, initrd_addr_max, 4);
    put(0x230, alignment, 4);
    put(0x234, relocatable, 1);
    put(0x236, xloadflags, 2);
    put(0x238, cmdline_size, 4);
    put(0x258, pref_address, 8);
    put(0x260, init_size, 4);
    return out + std::string(payload, '\x90');
  }
};

std::span<const std::byte> as_bytes(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

LinuxHeader header_of(const BzImage& image) {
  const std::string file = image.bytes();
  return parse_linux_header(as_bytes(file), file.size());
}

std::string parse_error(const BzImage& image) {
  return error_of([&] { header_of(image); });
}

std::uint64_t number(std::span<const std::byte> bytes, std::size_t at, unsigned width) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + at, width);
  return value;
}

constexpr GuestRam ram_64_mib{.low_end = 64 * mib, .high_size = 0};

TEST(LinuxHeader, a_bzImage_with_a_64_bit_entry_starts_0x200_into_the_kernel) {
  const KernelImage image = parse_kernel_image(as_bytes(BzImage{}.bytes()));

  EXPECT_EQ(image.kind, ImageKind::linux64);
  EXPECT_EQ(image.entry, 0x1000200u);
  ASSERT_EQ(image.segments.size(), 1u);
  EXPECT_EQ(image.segments[0].file_offset, 1024u);
  EXPECT_EQ(image.segments[0].file_size, 0x400u);
}

TEST(LinuxHeader, a_kernel_without_a_64_bit_entry_starts_at_its_first_byte) {
  BzImage file;
  file.xloadflags = 0;
  const KernelImage image = parse_kernel_image(as_bytes(file.bytes()));

  EXPECT_EQ(image.kind, ImageKind::linux32);
  EXPECT_EQ(image.entry, 0x1000000u);
}

TEST(LinuxHeader, xloadflags_mean_nothing_before_version_2_12) {
  BzImage file;
  file.version = 0x20b;

  EXPECT_FALSE(header_of(file).entry_64);
}

TEST(LinuxHeader, zero_setup_sectors_mean_four) {
  BzImage file;
  file.setup_sects = 0;
  file.payload += 3 * 512;

  EXPECT_EQ(header_of(file).kernel_start, 5u * 512);
}

TEST(LinuxHeader, each_defect_is_named) {
  const auto with = [](auto change) {
    BzImage file;
    change(file);
    return parse_error(file);
  };

  EXPECT_EQ(with([](BzImage&) {}), "");
  EXPECT_THAT(with([](BzImage& f) { f.boot_flag = 0; }), HasSubstr("boot signature"));
  EXPECT_THAT(with([](BzImage& f) { f.version = 0x205; }), HasSubstr("version 2.05"));
  EXPECT_THAT(with([](BzImage& f) { f.loadflags = 0; }), HasSubstr("zImage"));
  EXPECT_THAT(with([](BzImage& f) { f.setup_sects = 255; }), HasSubstr("truncated"));
  EXPECT_THAT(with([](BzImage& f) { f.syssize = 0xffffffff; }), HasSubstr("truncated"));
  EXPECT_THAT(with([](BzImage& f) { f.payload = 0x200, f.syssize = 0; }),
              HasSubstr("truncated"));
}

TEST(LinuxHeader, every_truncation_is_an_error_not_a_crash) {
  const std::string file = BzImage{}.bytes();
  for (std::size_t size = 0x206; size < file.size() - 15; ++size) {
    const std::string part = file.substr(0, size);
    EXPECT_NE(error_of([&] { parse_linux_header(as_bytes(part), part.size()); }), "")
        << size;
  }
}

TEST(LinuxPlan, a_kernel_goes_to_the_address_it_prefers) {
  EXPECT_EQ(plan_linux_boot(header_of({}), ram_64_mib, "").kernel, 0x1000000u);
}

// A relocatable kernel, too: loaded below, it would move itself to that address.
TEST(LinuxPlan, one_that_does_not_fit_there_is_refused_with_what_it_needs) {
  for (const std::uint8_t relocatable : {0, 1}) {
    BzImage file;
    file.relocatable = relocatable;
    const GuestRam small{.low_end = 8 * mib, .high_size = 0};
    const std::string error =
        error_of([&] { plan_linux_boot(header_of(file), small, ""); });

    EXPECT_THAT(error, HasSubstr("needs 1 MiB of RAM from 0x1000000"));
    EXPECT_THAT(error, HasSubstr("ends at 0x800000"));
    EXPECT_THAT(error, HasSubstr("-m"));
  }
}

TEST(LinuxPlan, the_largest_fields_are_refused_not_wrapped_around) {
  for (const std::uint8_t relocatable : {0, 1}) {
    BzImage file;
    file.pref_address = ~0ull;
    file.init_size = 0xffffffff;
    file.alignment = 0xffffffff;
    file.relocatable = relocatable;

    EXPECT_THAT(error_of([&] { plan_linux_boot(header_of(file), ram_64_mib, ""); }),
                HasSubstr("give more with -m"));
  }
}

TEST(LinuxPlan, a_command_line_longer_than_the_kernel_takes_is_refused) {
  const LinuxHeader header = header_of({});

  EXPECT_EQ(plan_linux_boot(header, ram_64_mib, std::string(2047, 'x')).command_line_size,
            2047u);
  EXPECT_THAT(
      error_of([&] { plan_linux_boot(header, ram_64_mib, std::string(2048, 'x')); }),
      HasSubstr("this kernel takes 2047"));
}

TEST(LinuxPlan, the_initial_RAM_disk_ends_on_the_last_page_below_the_kernels_limit) {
  BzImage file;
  file.initrd_addr_max = 0x2ffffff;
  const LinuxHeader header = header_of(file);
  LinuxLayout layout = plan_linux_boot(header, ram_64_mib, "");
  plan_initrd(header, ram_64_mib, 0x1001, layout);

  EXPECT_EQ(layout.initrd, 0x2ffe000u);
}

TEST(LinuxPlan, the_initial_RAM_disk_may_touch_the_kernel_but_not_overlap_it) {
  const LinuxHeader header = header_of({});
  LinuxLayout layout = plan_linux_boot(header, ram_64_mib, "");
  const std::uint64_t room = 64 * mib - 17 * mib;
  plan_initrd(header, ram_64_mib, room, layout);

  EXPECT_EQ(layout.initrd, 17 * mib);
  EXPECT_THAT(error_of([&] { plan_initrd(header, ram_64_mib, room + 1, layout); }),
              HasSubstr("there is room for 49283072"));
}

TEST(LinuxParams, the_memory_map_has_a_hole_from_640_KiB_to_1_MiB_and_RAM_above_4_GiB) {
  const std::string file = BzImage{}.bytes();
  const GuestRam ram{.low_end = 3072 * mib, .high_size = 1024 * mib};
  const BootParams page =
      linux_boot_params(header_of({}), as_bytes(file), ram, LinuxLayout{});

  ASSERT_EQ(number(page, 0x1e8, 1), 3u);
  const std::uint64_t expected[3][2] = {
      {0, 0x9fc00}, {mib, 3071 * mib}, {4096 * mib, 1024 * mib}};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(number(page, 0x2d0 + 20 * i, 8), expected[i][0]);
    EXPECT_EQ(number(page, 0x2d8 + 20 * i, 8), expected[i][1]);
    EXPECT_EQ(number(page, 0x2e0 + 20 * i, 4), 1u);
  }
}

TEST(LinuxParams, the_memory_map_has_the_ranges_of_the_board_s_tables_by_address) {
  const std::string file = BzImage{}.bytes();
  const LinuxTables tables{.parts = {},
                           .ranges = {{0x9fc00, 0x400, 2}, {0xe0000, 0x10000, 3}},
                           .rsdp = 0xf0000};
  const BootParams page =
      linux_boot_params(header_of({}), as_bytes(file), ram_64_mib, LinuxLayout{}, tables);

  ASSERT_EQ(number(page, 0x1e8, 1), 4u);
  const std::uint64_t expected[4][3] = {
      {0, 0x9fc00, 1}, {0x9fc00, 0x400, 2}, {0xe0000, 0x10000, 3}, {mib, 63 * mib, 1}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(number(page, 0x2d0 + 20 * i, 8), expected[i][0]);
    EXPECT_EQ(number(page, 0x2d8 + 20 * i, 8), expected[i][1]);
    EXPECT_EQ(number(page, 0x2e0 + 20 * i, 4), expected[i][2]);
  }
  EXPECT_EQ(number(page, 0x70, 8), 0xf0000u);
}

TEST(LinuxParams, no_more_of_the_file_is_copied_than_its_setup_header) {
  BzImage image;
  std::string file = image.bytes();
  file[0x1f0] = file[0x26c] = 'x';  // one byte before it, one after
  file[0x26b] = 'y';
  const BootParams page =
      linux_boot_params(header_of(image), as_bytes(file), ram_64_mib, LinuxLayout{});

  EXPECT_EQ(number(page, 0x202, 4), number(as_bytes("HdrS"), 0, 4));
  EXPECT_EQ(number(page, 0x26b, 1), static_cast<unsigned>('y'));
  EXPECT_EQ(number(page, 0x26c, 1), 0u);
  EXPECT_EQ(number(page, 0x1f0, 1), 0u);
}

// A board with this kernel, this initial RAM disk and the command line "a=b".
Board::Configure starting(const BzImage& image, const std::string& initrd) {
  const std::string kernel = temporary_file(image.bytes());
  return [=](MachineState* machine) {
    machine->ram_size = 64 * mib;
    machine->kernel_filename = kernel;
    machine->kernel_cmdline = "a=b";
    machine->initrd_filename = initrd;
  };
}

TEST(LinuxLoading, boot_params_lead_to_command_line_and_initial_RAM_disk) {
  const Board board("pc-i440fx-4.0", starting({}, temporary_file("disk")));
  const auto text_at = [](std::uint64_t address, std::size_t size) {
    const std::span<std::byte> ram = address_space_memory().ram(address, size);
    return std::string(reinterpret_cast<const char*>(ram.data()), ram.size());
  };
  const std::span<std::byte> page = address_space_memory().ram(0x10000, 4096);

  EXPECT_EQ(number(page, 0x210, 1), 0xffu);
  EXPECT_EQ(text_at(number(page, 0x228, 4), 4), std::string("a=b\0", 4));
  EXPECT_EQ(number(page, 0x21c, 4), 4u);
  EXPECT_EQ(text_at(number(page, 0x218, 4), 4), "disk");
  EXPECT_EQ(text_at(0x1000200, 1), "\x90");
}

TEST(LinuxLoading, the_kernel_is_led_to_ACPI_s_root_pointer) {
  const Board board("pc-i440fx-4.0", starting({}, temporary_file("disk")));
  const std::span<std::byte> page = address_space_memory().ram(0x10000, 4096);

  const std::uint64_t rsdp = number(page, 0x70, 8);

  EXPECT_EQ(read_number(address_space_memory(), rsdp, 8), 0x2052545020445352u);
}

TEST(LinuxLoading, power_management_answers_where_ACPI_s_tables_say) {
  Board board("pc-i440fx-4.0", starting({}, temporary_file("disk")));

  board.out(0x602, 0x20);  // an enable bit of the events

  EXPECT_EQ(board.in(0x602), 0x20);
}

TEST(LinuxLoading, an_ISA_PC_has_no_tables_of_ACPI) {
  const Board board("isapc", starting({}, temporary_file("disk")));
  const std::span<std::byte> page = address_space_memory().ram(0x10000, 4096);

  EXPECT_EQ(number(page, 0x70, 8), 0u);
}

TEST(LinuxLoading, reset_brings_back_what_the_kernel_changed) {
  const Board board("pc-i440fx-4.0", starting({}, temporary_file("disk")));
  const std::span<std::byte> page = address_space_memory().ram(0x10000, 4096);
  const std::span<std::byte> line = address_space_memory().ram(number(page, 0x228, 4), 1);
  page[0x210] = line[0] = std::byte{0};

  qemu_system_reset();

  EXPECT_EQ(page[0x210], std::byte{0xff});
  EXPECT_EQ(line[0], std::byte{'a'});
}

TEST(LinuxLoading, an_initial_RAM_disk_that_is_not_there_is_named) {
  EXPECT_EQ(error_of([] { const Board board("pc-i440fx-4.0", starting({}, "nosuch")); }),
            "could not load initial RAM disk 'nosuch': No such file or directory");
}

TEST(LinuxLoading, RAM_ends_where_the_board_says) {
  const Board board("pc-i440fx-4.0", starting({}, temporary_file("disk")));

  EXPECT_EQ(find_guest_ram(address_space_memory()).low_end, 64 * mib);
}

}  // namespace
