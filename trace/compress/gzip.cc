// Writing .gz, for viewers and tools that know no zstd.
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <zlib.h>

#include "trace/output.h"

namespace trace::detail {

namespace {

class GzipOutput final : public Output {
 public:
  explicit GzipOutput(std::unique_ptr<Output> to)
      : to_(std::move(to)), buffer_(256 * 1024) {
    constexpr int gzip_with_largest_window = 15 + 16;
    constexpr int memory_level = 8;
    if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, gzip_with_largest_window,
                     memory_level, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::runtime_error("trace: zlib cannot start");
    }
  }

  ~GzipOutput() override { deflateEnd(&stream_); }

  void write(std::string_view bytes) override {
    // zlib's interface is older than const; it does not write to its input.
    stream_.next_in =
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): see above.
        static_cast<Bytef*>(static_cast<void*>(const_cast<char*>(bytes.data())));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    while (stream_.avail_in != 0) {
      step(Z_NO_FLUSH);
    }
  }

  void finish() override {
    while (step(Z_FINISH) != Z_STREAM_END) {
    }
    to_->finish();
  }

 private:
  int step(int flush) {
    stream_.next_out = static_cast<Bytef*>(static_cast<void*>(buffer_.data()));
    stream_.avail_out = static_cast<uInt>(buffer_.size());
    const int result = deflate(&stream_, flush);
    to_->write({buffer_.data(), buffer_.size() - stream_.avail_out});
    return result;
  }

  std::unique_ptr<Output> to_;
  std::vector<char> buffer_;
  z_stream stream_{};
};

__attribute__((constructor)) void register_gzip() {
  add_compressor(".gz", [](std::unique_ptr<Output> to) -> std::unique_ptr<Output> {
    return std::make_unique<GzipOutput>(std::move(to));
  });
}

}  // namespace

}  // namespace trace::detail
