// The headers of a guest image are hostile input: any bytes are either understood or
// refused with a message, and what is understood lies inside the file.
#include <cstdlib>
#include <string>

#include "core/loader.h"
#include "qom/object.h"

namespace {

// Nothing of a planned Linux boot may leave RAM, or lie on another part of it.
void check_linux_plan(const core::KernelImage& image, std::span<const std::byte> file) {
  constexpr core::GuestRam ram{.low_end = 256 << 20, .high_size = 0};
  const core::LinuxHeader& header = image.linux_header;
  core::LinuxLayout layout = core::plan_linux_boot(header, ram, "quiet");
  if (layout.kernel < 0x100000 || layout.kernel > ram.low_end ||
      ram.low_end - layout.kernel < header.kernel_size) {
    std::abort();
  }
  core::plan_initrd(header, ram, 1 + file.size() * 4096, layout);
  if (layout.initrd < layout.kernel + header.kernel_size || layout.initrd > ram.low_end ||
      ram.low_end - layout.initrd < layout.initrd_size) {
    std::abort();
  }
  core::linux_boot_params(header, file, ram, layout);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  try {
    const core::KernelImage image = core::parse_kernel_image(file);
    for (const core::ImageSegment& segment : image.segments) {
      if (segment.file_offset > size || size - segment.file_offset < segment.file_size ||
          segment.file_size > segment.memory_size) {
        std::abort();
      }
    }
    if (image.kind == core::ImageKind::linux32 ||
        image.kind == core::ImageKind::linux64) {
      check_linux_plan(image, file);
    }
  } catch (const qom::Error& error) {
    if (std::string(error.what()).empty()) {
      std::abort();
    }
  }
  return 0;
}
