// The exit decoder against any run page: it never reads outside, and what it says
// about data lies inside the page.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#ifdef VITRINE_HAVE_KVM
#include "kvm/exit.h"

namespace {

void inside(std::span<const std::byte> page, std::span<const std::byte> data) {
  if (data.data() < page.data() || data.size() > page.size() ||
      data.data() - page.data() >
          static_cast<std::ptrdiff_t>(page.size() - data.size())) {
    std::abort();
  }
}

void check(std::span<std::byte> page, const kvm::Exit& e) {
  if (const auto* io = std::get_if<kvm::exit::Io>(&e)) {
    inside(page, io->data);
    if (io->data.size() != std::size_t{io->size} * io->count) {
      std::abort();
    }
  } else if (const auto* mmio = std::get_if<kvm::exit::Mmio>(&e)) {
    inside(page, mmio->data);
    if (mmio->data.empty() || mmio->data.size() > 8) {
      std::abort();
    }
  } else if (const auto* error = std::get_if<kvm::exit::InternalError>(&e)) {
    if (error->byte_count > error->bytes.size()) {
      std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  // The first byte chooses a page size: smaller than struct kvm_run, or one, two
  // or three pages. The memory is exactly that large, so that a sanitizer sees a
  // read behind it.
  static constexpr std::size_t sizes[] = {64, 4096, 8192, 12288};
  std::vector<std::uint64_t> words(sizes[data[0] % 4] / 8);
  std::span<std::byte> page = std::as_writable_bytes(std::span(words));
  std::memcpy(page.data(), data + 1, std::min(size - 1, page.size()));
  check(page, kvm::decode(page));
  return 0;
}
#else
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t*, std::size_t) {
  return 0;
}
#endif
