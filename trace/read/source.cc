#include "trace/read/source.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

namespace trace::detail {

namespace {

class FileBytes final : public Bytes {
 public:
  explicit FileBytes(std::string file) : file_(std::move(file)) {
    fd_ =
        file_ == "-" ? ::dup(STDIN_FILENO) : ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) {
      throw std::system_error(errno, std::generic_category(),
                              "trace: cannot read " + file_);
    }
  }

  ~FileBytes() override { ::close(fd_); }

  std::size_t read(char* to, std::size_t size) override {
    ssize_t got = -1;
    do {
      got = ::read(fd_, to, size);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
      throw std::system_error(errno, std::generic_category(),
                              "trace: cannot read " + file_);
    }
    return static_cast<std::size_t>(got);
  }

 private:
  std::string file_;
  int fd_ = -1;
};

class MemoryBytes final : public Bytes {
 public:
  explicit MemoryBytes(std::string_view text) : text_(text) {}

  std::size_t read(char* to, std::size_t size) override {
    const std::size_t count = text_.copy(to, size);
    text_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view text_;
};

// Gives back what was read to look at, then the rest.
class PeekedBytes final : public Bytes {
 public:
  PeekedBytes(std::string first, std::unique_ptr<Bytes> rest)
      : first_(std::move(first)), rest_(std::move(rest)) {}

  std::size_t read(char* to, std::size_t size) override {
    if (given_ < first_.size()) {
      const std::size_t count = first_.copy(to, size, given_);
      given_ += count;
      return count;
    }
    return rest_->read(to, size);
  }

 private:
  std::string first_;
  std::size_t given_ = 0;
  std::unique_ptr<Bytes> rest_;
};

constexpr std::size_t input_bytes = 128 * 1024;

class ZstdBytes final : public Bytes {
 public:
  explicit ZstdBytes(std::unique_ptr<Bytes> from)
      : from_(std::move(from)), stream_(ZSTD_createDStream()), input_(input_bytes) {}

  ~ZstdBytes() override { ZSTD_freeDStream(stream_); }

  std::size_t read(char* to, std::size_t size) override {
    ZSTD_outBuffer out{to, size, 0};
    while (out.pos == 0) {
      if (in_.pos == in_.size) {
        in_ = {input_.data(), from_->read(input_.data(), input_.size()), 0};
        if (in_.size == 0) {
          if (!frame_done_) {
            throw std::runtime_error("the zstd data ends in the middle");
          }
          return 0;
        }
      }
      const std::size_t left = ZSTD_decompressStream(stream_, &out, &in_);
      if (ZSTD_isError(left) != 0) {
        throw std::runtime_error(std::string("bad zstd data: ") +
                                 ZSTD_getErrorName(left));
      }
      frame_done_ = left == 0;
    }
    return out.pos;
  }

 private:
  std::unique_ptr<Bytes> from_;
  ZSTD_DStream* stream_ = nullptr;
  std::vector<char> input_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool frame_done_ = false;
};

class GzipBytes final : public Bytes {
 public:
  explicit GzipBytes(std::unique_ptr<Bytes> from)
      : from_(std::move(from)), input_(input_bytes) {
    constexpr int gzip_with_largest_window = 15 + 16;
    inflateInit2(&stream_, gzip_with_largest_window);
  }

  ~GzipBytes() override { inflateEnd(&stream_); }

  std::size_t read(char* to, std::size_t size) override {
    stream_.next_out = bytes_of(to);
    stream_.avail_out = static_cast<uInt>(size);
    while (stream_.avail_out == size) {
      if (stream_.avail_in == 0) {
        stream_.avail_in = static_cast<uInt>(from_->read(input_.data(), input_.size()));
        stream_.next_in = bytes_of(input_.data());
        if (stream_.avail_in == 0) {
          if (!done_) {
            throw std::runtime_error("the gzip data ends in the middle");
          }
          return 0;
        }
      }
      if (done_) {
        inflateReset(&stream_);  // another member follows
      }
      const int result = inflate(&stream_, Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END) {
        throw std::runtime_error("bad gzip data");
      }
      done_ = result == Z_STREAM_END;
    }
    return size - stream_.avail_out;
  }

 private:
  static Bytef* bytes_of(char* text) {
    return static_cast<Bytef*>(static_cast<void*>(text));
  }

  std::unique_ptr<Bytes> from_;
  z_stream stream_{};
  std::vector<char> input_;
  bool done_ = false;
};

std::unique_ptr<Bytes> decompress(std::unique_ptr<Bytes> bytes) {
  std::string first(4, '\0');
  std::size_t got = 0;
  while (got < first.size()) {
    const std::size_t more = bytes->read(first.data() + got, first.size() - got);
    if (more == 0) {
      break;
    }
    got += more;
  }
  first.resize(got);
  const bool zstd = first == "\x28\xb5\x2f\xfd";
  const bool gzip = first.starts_with("\x1f\x8b");
  auto whole = std::make_unique<PeekedBytes>(first, std::move(bytes));
  if (zstd) {
    return std::make_unique<ZstdBytes>(std::move(whole));
  }
  if (gzip) {
    return std::make_unique<GzipBytes>(std::move(whole));
  }
  return whole;
}

}  // namespace

std::unique_ptr<Bytes> open_bytes(const std::string& file) {
  return decompress(std::make_unique<FileBytes>(file));
}

std::unique_ptr<Bytes> memory_bytes(std::string_view text) {
  return decompress(std::make_unique<MemoryBytes>(text));
}

bool Lines::fill() {
  if (at_end_) {
    return false;
  }
  if (begin_ != 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    buffer_.resize(buffer_.empty() ? 256 * 1024 : buffer_.size() * 2);
  }
  const std::size_t got = bytes_->read(buffer_.data() + end_, buffer_.size() - end_);
  end_ += got;
  at_end_ = got == 0;
  return !at_end_;
}

bool Lines::next(std::string_view& line) {
  std::size_t searched = 0;
  while (true) {
    const char* start = buffer_.data() + begin_;
    const std::size_t have = end_ - begin_;
    const void* found =
        have > searched ? std::memchr(start + searched, '\n', have - searched) : nullptr;
    if (found != nullptr) {
      const auto size = static_cast<std::size_t>(static_cast<const char*>(found) - start);
      line = {start, size};
      begin_ += size + 1;
      ++number_;
      return true;
    }
    searched = have;
    if (have > max_line) {
      too_long_ = true;
      line = {start, have};
      ++number_;
      return true;
    }
    if (!fill()) {
      ended_ = false;
      line = {buffer_.data() + begin_, end_ - begin_};
      const bool some = !line.empty();
      begin_ = end_;
      number_ += some ? 1 : 0;
      return some;
    }
  }
}

}  // namespace trace::detail
