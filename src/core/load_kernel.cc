// -kernel, -initrd and -append: from the files' names to a CPU that starts in the image.
#include <algorithm>
#include <optional>
#include <string_view>
#include <system_error>

#include "core/image_file.h"
#include "core/loader.h"
#include "core/loader_internal.h"
#include "core/machine.h"
#include "core/pvh_boot.h"
#include "core/run_state.h"
#include "qom/object.h"
#include "trace/event.h"

namespace core {

namespace {

constexpr std::uint64_t linux_head_size = 4096;  // holds any setup header

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
        trace::identity("kind", &LoadKernelEvent::kind,
                        "flat, elf32, elf64, linux32, linux64 or pvh"),
        trace::state("entry", &LoadKernelEvent::entry, "where the first instruction is"),
        trace::state("segments", &LoadKernelEvent::segments,
                     "parts copied to guest memory"),
        trace::state("bytes", &LoadKernelEvent::bytes, "size of the file"),
        trace::volatile_field("file", &LoadKernelEvent::file, "the image's file name"));
  }
};

struct LoadLinuxEvent {
  static constexpr trace::Declaration declaration{
      "load_linux", trace::Category::machine, trace::Shape::instant,
      "What a Linux kernel is told in its boot_params, and where its parts are."};
  std::uint64_t protocol = 0;
  trace::Hex kernel, initrd;
  std::uint64_t initrd_bytes = 0;
  std::string_view command_line;

  static constexpr auto fields() {
    return trace::fields(
        trace::state("protocol", &LoadLinuxEvent::protocol,
                     "version of the boot protocol, 256 * major + minor; 0: PVH"),
        trace::state("kernel", &LoadLinuxEvent::kernel, "where the kernel is loaded"),
        trace::state("initrd", &LoadLinuxEvent::initrd,
                     "where the initial RAM disk is; 0: none"),
        trace::state("initrd_bytes", &LoadLinuxEvent::initrd_bytes,
                     "size of the initial RAM disk"),
        trace::state("command_line", &LoadLinuxEvent::command_line, "-append"));
  }
};

const char* kind_name(ImageKind kind) {
  switch (kind) {
    case ImageKind::elf32:
      return "elf32";
    case ImageKind::elf64:
      return "elf64";
    case ImageKind::linux32:
      return "linux32";
    case ImageKind::linux64:
      return "linux64";
    case ImageKind::pvh:
      return "pvh";
    default:
      return "flat";
  }
}

// What is copied to guest memory at every reset.
struct LoadedKernel {
  std::optional<ImageFile> file;
  std::vector<std::byte> bytes;  // the whole file, if it is not a Linux kernel
  KernelImage image;
  // Linux and PVH only.
  LinuxLayout layout;
  std::vector<std::byte> params;  // boot_params, or start info
  LinuxTables tables;
  std::string command_line;
  std::optional<ImageFile> initrd;
};

bool is_linux(const LoadedKernel& kernel) {
  return kernel.image.kind == ImageKind::linux32 ||
         kernel.image.kind == ImageKind::linux64;
}

std::span<std::byte> ram_or_throw(std::uint64_t address, std::uint64_t size) {
  const std::span<std::byte> ram = address_space_memory().ram(address, size);
  if (ram.size() != size) {
    throw qom::Error("there is no RAM at " + address_text(address) +
                     "; give more with -m");
  }
  return ram;
}

void copy_to_ram(std::uint64_t address, std::span<const std::byte> bytes) {
  const std::span<std::byte> ram = ram_or_throw(address, bytes.size());
  std::copy(bytes.begin(), bytes.end(), ram.begin());
  memory_invalidate(address, bytes.size());
}

void read_to_ram(std::uint64_t address, const ImageFile& file, std::uint64_t offset) {
  const std::span<std::byte> ram = ram_or_throw(address, file.size() - offset);
  file.read(offset, ram);
  memory_invalidate(address, ram.size());
}

// The software CPU keeps decoded instructions: it must hear of what changed.
void tell_accelerator(const KernelImage& image) {
  memory_invalidate(gdt_address, page_tables_end - gdt_address);
  for (const ImageSegment& segment : image.segments) {
    memory_invalidate(segment.address, segment.memory_size);
  }
}

void place_image(const LoadedKernel& kernel) {
  if (is_linux(kernel)) {
    const ImageSegment& segment = kernel.image.segments.front();
    place_entry_tables(kernel.image, address_space_memory());
    read_to_ram(segment.address, *kernel.file, segment.file_offset);
  } else {
    place_kernel_image(kernel.image, kernel.bytes, address_space_memory());
  }
  tell_accelerator(kernel.image);
}

void place(const LoadedKernel& kernel) {
  place_image(kernel);
  if (!takes_command_line(kernel.image.kind)) {
    return;
  }
  const std::string& line = kernel.command_line;
  copy_to_ram(linux_params_address, kernel.params);
  copy_to_ram(linux_command_line_address,
              std::as_bytes(std::span(line.c_str(), line.size() + 1)));
  if (kernel.initrd) {
    read_to_ram(kernel.layout.initrd, *kernel.initrd, 0);
  }
  for (const LinuxTables::Part& part : kernel.tables.parts) {
    copy_to_ram(part.address, part.bytes);
  }
}

void read_initrd(const std::string& name, const GuestRam& ram, LoadedKernel& kernel) {
  try {
    kernel.initrd.emplace(name, ram.low_end);
    plan_initrd(kernel.image.linux_header, ram, kernel.initrd->size(), kernel.layout);
  } catch (const std::system_error& error) {
    throw qom::Error("could not load initial RAM disk '" + name +
                     "': " + error.code().message());
  } catch (const qom::Error& error) {
    throw qom::Error("could not load initial RAM disk '" + name + "': " + error.what());
  }
}

// A PVH kernel lies where its file says: room for the initial RAM disk is behind it.
void plan_pvh(LoadedKernel& kernel) {
  LinuxHeader& header = kernel.image.linux_header;
  header.initrd_end_max = 1ull << 32;
  for (const ImageSegment& segment : kernel.image.segments) {
    header.memory_size =
        std::max(header.memory_size, segment.address + segment.memory_size);
  }
  const std::uint64_t line_max = linux_low_ram_end - linux_command_line_address - 1;
  if (kernel.command_line.size() > line_max) {
    throw qom::Error(
        "its command line has " + std::to_string(kernel.command_line.size()) +
        " bytes; there is room for " + std::to_string(line_max) + " (shorten -append)");
  }
}

// Where everything goes, from what RAM there is.
GuestRam plan_linux(const MachineState* machine, LoadedKernel& kernel) {
  const GuestRam ram = find_guest_ram(address_space_memory());
  kernel.command_line = machine->kernel_cmdline;
  if (!is_linux(kernel)) {
    plan_pvh(kernel);
    return ram;
  }
  kernel.layout = plan_linux_boot(kernel.image.linux_header, ram, kernel.command_line);
  ImageSegment& segment = kernel.image.segments.front();
  kernel.image.entry += kernel.layout.kernel - segment.address;
  segment.address = kernel.layout.kernel;
  return ram;
}

// What the kernel is told.
std::vector<std::byte> params_of(const LoadedKernel& kernel, const GuestRam& ram) {
  if (!is_linux(kernel)) {
    return pvh_start_info(ram, kernel.layout, kernel.tables);
  }
  const std::vector<std::byte> head = kernel.file->head(linux_head_size);
  const BootParams page = linux_boot_params(kernel.image.linux_header, head, ram,
                                            kernel.layout, kernel.tables);
  return {page.begin(), page.end()};
}

void load_linux(const MachineState* machine, const GuestRam& ram, LoadedKernel& kernel) {
  if (!machine->initrd_filename.empty()) {
    read_initrd(machine->initrd_filename, ram, kernel);
  }
  kernel.params = params_of(kernel, ram);
  trace::instant(LoadLinuxEvent{.protocol = kernel.image.linux_header.version,
                                .kernel = {kernel.layout.kernel},
                                .initrd = {kernel.layout.initrd},
                                .initrd_bytes = kernel.layout.initrd_size,
                                .command_line = kernel.command_line});
}

void parse(LoadedKernel& kernel) {
  const std::vector<std::byte> head = kernel.file->head(linux_head_size);
  if (is_linux_boot_image(head)) {
    kernel.image = parse_linux_image(head, kernel.file->size());
  } else {
    kernel.bytes = kernel.file->head(kernel.file->size());
    kernel.image = parse_kernel_image(kernel.bytes);
  }
}

GuestRam read_kernel(const MachineState* machine, LoadedKernel& kernel) {
  const std::string& name = machine->kernel_filename;
  try {
    kernel.file.emplace(name, machine->ram_size);
    parse(kernel);
    return takes_command_line(kernel.image.kind) ? plan_linux(machine, kernel)
                                                 : GuestRam{};
  } catch (const std::system_error& error) {
    speak_as_qemu();
    throw qom::Error("could not load kernel '" + name + "': " + error.code().message());
  } catch (const qom::Error& error) {
    speak_as_qemu();
    throw qom::Error("could not load kernel '" + name + "': " + error.what());
  }
}

void place_at_first(const std::string& name, const LoadedKernel& kernel) {
  try {
    place(kernel);
  } catch (const qom::Error& error) {
    speak_as_qemu();
    throw qom::Error("could not load kernel '" + name + "': " + error.what());
  }
}

}  // namespace

ImageKind load_kernel(MachineState* machine, CpuState* boot_cpu,
                      const std::function<LinuxTables()>& tables) {
  const auto kernel = std::make_shared<LoadedKernel>();
  const GuestRam ram = read_kernel(machine, *kernel);
  trace::Span span{LoadKernelEvent{.kind = kind_name(kernel->image.kind),
                                   .entry = {kernel->image.entry},
                                   .segments = kernel->image.segments.size(),
                                   .bytes = kernel->file->size(),
                                   .file = machine->kernel_filename}};
  if (takes_command_line(kernel->image.kind)) {
    if (tables) {
      kernel->tables = tables();
    }
    load_linux(machine, ram, *kernel);
  }
  place_at_first(machine->kernel_filename, *kernel);
  qemu_register_reset([kernel] { place(*kernel); });
  boot_cpu->entry = [kernel](Vcpu& vcpu) { set_kernel_entry(kernel->image, vcpu); };
  return kernel->image.kind;
}

}  // namespace core
