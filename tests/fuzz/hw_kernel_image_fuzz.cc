// The headers of a guest image are hostile input: any bytes are either understood or
// refused with a message, and what is understood lies inside the file.
#include <cstdlib>
#include <string>

#include "core/loader.h"
#include "qom/object.h"

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
  } catch (const qom::Error& error) {
    if (std::string(error.what()).empty()) {
      std::abort();
    }
  }
  return 0;
}
