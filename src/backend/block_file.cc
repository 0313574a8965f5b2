// Images that are files or block devices of the host, read and written with preadv and
// pwritev at the guest's own memory. See block_file.h.
//
// The host's page cache is used whatever cache= says: cache.direct is accepted and makes
// no difference to what is on the disk after a flush, only to who keeps a copy.
#include "backend/block_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "backend/image_lock.h"

namespace backend {

namespace {

struct Open {
  static constexpr trace::Declaration declaration{
      "bdrv_open_common", trace::Category::host, trace::Shape::instant,
      "An image file is opened."};
  std::string_view filename;
  std::string_view driver;
  bool read_only = false;
  std::uint64_t size = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("filename", &Open::filename, "which file"),
                         trace::identity("driver", &Open::driver, "by which protocol"),
                         trace::identity("read_only", &Open::read_only, "for reading"),
                         trace::state("size", &Open::size, "bytes"));
  }
};

struct Submit {
  static constexpr trace::Declaration declaration{
      "file_paio_submit", trace::Category::host, trace::Shape::span,
      "The host moves bytes between an image file and memory, or makes them durable."};
  std::string_view type;
  std::uint64_t offset = 0;
  std::uint64_t count = 0;

  struct Result {
    std::int32_t error = 0;

    static constexpr auto fields() {
      return trace::fields(trace::state("error", &Result::error, "errno; 0: done"));
    }
  };

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("type", &Submit::type, "read, write, flush..."),
        trace::identity("offset", &Submit::offset, "first byte in the file"),
        trace::identity("count", &Submit::count, "bytes"));
  }
};

// Owns a descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}

  ~Descriptor() { ::close(fd_); }

  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }

 private:
  int fd_;
};

constexpr std::size_t vector_max = 256;  // pieces given to the kernel at once

using Vectored = ssize_t (*)(int, const struct ::iovec*, int, off_t);

// Where a transfer stands: piece and byte in it.
struct Cursor {
  std::size_t piece = 0, byte = 0;
};

void advance(Cursor& at, BlockVector vector, std::size_t bytes) {
  while (bytes > 0) {
    const std::size_t left = vector[at.piece].size() - at.byte;
    const std::size_t step = std::min(left, bytes);
    at.byte += step;
    bytes -= step;
    if (at.byte == vector[at.piece].size()) {
      ++at.piece;
      at.byte = 0;
    }
  }
}

int fill(std::array<struct ::iovec, vector_max>& pieces, BlockVector vector, Cursor at) {
  int count = 0;
  for (; at.piece < vector.size() && count < static_cast<int>(vector_max); ++at.piece) {
    const std::span<std::byte> rest = vector[at.piece].subspan(std::exchange(at.byte, 0));
    pieces[static_cast<std::size_t>(count++)] = {rest.data(), rest.size()};
  }
  return count;
}

class BlockFile final : public BlockNode {
 public:
  BlockFile(const BlockFileOptions& options, int fd, bool read_only)
      : BlockNode(options.node_name), options_(options), fd_(fd), read_only_(read_only) {
    length_ = size_of(fd);
    trace::instant(Open{.filename = options_.filename,
                        .driver = options_.driver,
                        .read_only = read_only_,
                        .size = length_});
  }

  std::string_view driver() const override { return options_.driver; }

  std::string filename() const override { return options_.filename; }

  // Whole sectors: what is missing of the last one reads as zeroes.
  std::uint64_t length() const override {
    return (length_ + bdrv_sector_size - 1) / bdrv_sector_size * bdrv_sector_size;
  }

  bool read_only() const override { return read_only_; }

  int read(std::uint64_t offset, BlockVector to) override {
    return transfer("read", offset, to, ::preadv);
  }

  int write(std::uint64_t offset, BlockVector from) override {
    return transfer("write", offset, from, ::pwritev);
  }

  int flush() override {
    if (read_only_ || options_.no_flush || !dirty_) {
      return 0;
    }
    trace::Span span{Submit{.type = "flush"}};
    const int error = ::fdatasync(fd_.get()) == 0 ? 0 : errno;
    dirty_ = error != 0;
    span.result(Submit::Result{.error = error});
    return error;
  }

  // Without discard=unmap it is accepted and nothing happens, as in QEMU.
  int discard(std::uint64_t offset, std::uint64_t size) override {
    if (options_.discard) {
      punch("discard", offset, size);
    }
    return 0;
  }

  int write_zeroes(std::uint64_t offset, std::uint64_t size, bool may_unmap) override {
    dirty_ = true;
    if (may_unmap && punch("write-zeroes", offset, size)) {
      return 0;
    }
    static std::array<std::byte, 65536> zeroes{};
    while (size > 0) {
      const std::span<std::byte> piece =
          std::span(zeroes).first(std::min<std::uint64_t>(zeroes.size(), size));
      if (const int error = write(offset, {&piece, 1})) {
        return error;
      }
      offset += piece.size();
      size -= piece.size();
    }
    return 0;
  }

  void set_permissions(BlockPermissions permissions) override {
    if (options_.locking == Locking::off) {
      return;
    }
    image_lock(fd_.get(), options_.filename, held_, permissions);
    held_ = permissions;
  }

 private:
  static std::uint64_t size_of(int fd) {
    const off_t end = ::lseek(fd, 0, SEEK_END);  // of block devices too
    return end < 0 ? 0 : static_cast<std::uint64_t>(end);
  }

  bool punch(std::string_view type, std::uint64_t offset, std::uint64_t size) {
    trace::Span span{Submit{.type = type, .offset = offset, .count = size}};
    const int error =
        ::fallocate(fd_.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                    static_cast<off_t>(offset), static_cast<off_t>(size)) == 0
            ? 0
            : errno;
    span.result(Submit::Result{.error = error});
    dirty_ = dirty_ || error == 0;
    return error == 0;
  }

  int transfer(std::string_view type, std::uint64_t offset, BlockVector vector,
               Vectored move) {
    trace::Span span{
        Submit{.type = type, .offset = offset, .count = block_vector_size(vector)}};
    const int error = transfer_all(offset, vector, move);
    dirty_ = dirty_ || move == ::pwritev;
    span.result(Submit::Result{.error = error});
    return error;
  }

  int transfer_all(std::uint64_t offset, BlockVector vector, Vectored move) {
    std::array<struct ::iovec, vector_max> pieces;
    std::uint64_t left = block_vector_size(vector);
    for (Cursor at; left > 0;) {
      const int count = fill(pieces, vector, at);
      const ssize_t done =
          move(fd_.get(), pieces.data(), count, static_cast<off_t>(offset));
      if (done < 0 && errno == EINTR) {
        continue;
      }
      if (done < 0) {
        return errno;
      }
      if (done == 0) {  // the end of the file
        return move == ::preadv ? zero_rest(vector, at) : ENOSPC;
      }
      advance(at, vector, static_cast<std::size_t>(done));
      offset += static_cast<std::uint64_t>(done);
      left -= static_cast<std::uint64_t>(done);
    }
    return 0;
  }

  static int zero_rest(BlockVector vector, Cursor at) {
    for (; at.piece < vector.size(); ++at.piece) {
      const std::span<std::byte> rest =
          vector[at.piece].subspan(std::exchange(at.byte, 0));
      std::fill(rest.begin(), rest.end(), std::byte{0});
    }
    return 0;
  }

  BlockFileOptions options_;
  Descriptor fd_;
  bool read_only_;
  bool dirty_ = false;
  std::uint64_t length_ = 0;
  BlockPermissions held_;
};

[[noreturn]] void refuse_open(const std::string& filename, int error) {
  throw Error("Could not open '" + filename + "': " + std::strerror(error));
}

int open_file(const BlockFileOptions& options, bool read_only) {
  const int how = read_only ? O_RDONLY : O_RDWR;
  return ::open(options.filename.c_str(), how | O_CLOEXEC | O_NONBLOCK);
}

bool is_fallback_error(int error) {
  return error == EACCES || error == EPERM || error == EROFS;
}

void check_kind(int fd, const BlockFileOptions& options) {
  struct ::stat status {};

  if (::fstat(fd, &status) != 0) {
    refuse_open(options.filename, errno);
  }
  if (S_ISDIR(status.st_mode)) {
    refuse_open(options.filename, EISDIR);
  }
  const bool fine = S_ISREG(status.st_mode) || S_ISBLK(status.st_mode);
  if (!fine) {
    throw Error("'" + options.driver + "' driver requires '" + options.filename +
                "' to be a regular file");
  }
}

}  // namespace

BlockNodePtr block_file_open(const BlockFileOptions& options) {
  bool read_only = options.read_only;
  int fd = open_file(options, read_only);
  if (fd < 0 && !read_only && options.auto_read_only && is_fallback_error(errno)) {
    read_only = true;
    fd = open_file(options, true);
  }
  if (fd < 0) {
    refuse_open(options.filename, errno);
  }
  try {
    check_kind(fd, options);
  } catch (...) {
    ::close(fd);
    throw;
  }
  return std::make_shared<BlockFile>(options, fd, read_only);
}

}  // namespace backend
