// Writing .zst: level 1, which shrinks a trace 13 times at the speed of the disk.
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <zstd.h>

#include "trace/output.h"

namespace trace::detail {

namespace {

class ZstdOutput final : public Output {
 public:
  explicit ZstdOutput(std::unique_ptr<Output> to)
      : to_(std::move(to)),
        stream_(ZSTD_createCStream()),
        buffer_(ZSTD_CStreamOutSize()) {
    ZSTD_CCtx_setParameter(stream_, ZSTD_c_compressionLevel, 1);
    ZSTD_CCtx_setParameter(stream_, ZSTD_c_checksumFlag, 1);
  }

  ~ZstdOutput() override { ZSTD_freeCStream(stream_); }

  void write(std::string_view bytes) override {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    while (in.pos < in.size) {
      step(in, ZSTD_e_continue);
    }
  }

  void finish() override {
    ZSTD_inBuffer nothing{nullptr, 0, 0};
    while (step(nothing, ZSTD_e_end) != 0) {
    }
    to_->finish();
  }

 private:
  std::size_t step(ZSTD_inBuffer& in, ZSTD_EndDirective how) {
    ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
    const std::size_t left = ZSTD_compressStream2(stream_, &out, &in, how);
    if (ZSTD_isError(left) != 0) {
      throw std::runtime_error(std::string("trace: zstd failed: ") +
                               ZSTD_getErrorName(left));
    }
    to_->write({buffer_.data(), out.pos});
    return left;
  }

  std::unique_ptr<Output> to_;
  ZSTD_CStream* stream_ = nullptr;
  std::vector<char> buffer_;
};

__attribute__((constructor)) void register_zstd() {
  add_compressor(".zst", [](std::unique_ptr<Output> to) -> std::unique_ptr<Output> {
    return std::make_unique<ZstdOutput>(std::move(to));
  });
}

}  // namespace

}  // namespace trace::detail
