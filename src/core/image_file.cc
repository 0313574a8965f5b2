#include "core/image_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "core/loader.h"

namespace core {

ImageFile::ImageFile(const std::string& path, std::uint64_t limit) : path_(path) {
  struct stat info {};

  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_size == 0) {
    held_ = read_image_file(path, limit);
    size_ = held_.size();
    return;
  }
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  size_ = static_cast<std::uint64_t>(info.st_size);
  if (fd_ < 0 || size_ > limit) {
    const int error = fd_ < 0 ? errno : EFBIG;
    if (fd_ >= 0) {
      ::close(fd_);
    }
    throw std::system_error(error, std::generic_category(), path);
  }
}

ImageFile::ImageFile(ImageFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      size_(other.size_),
      held_(std::move(other.held_)) {}

ImageFile::~ImageFile() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
}

void ImageFile::read(std::uint64_t offset, std::span<std::byte> to) const {
  if (offset > size_ || size_ - offset < to.size()) {
    throw std::system_error(EIO, std::generic_category(), path_);
  }
  if (fd_ < 0) {
    std::copy_n(held_.begin() + static_cast<std::ptrdiff_t>(offset), to.size(),
                to.begin());
    return;
  }
  while (!to.empty()) {
    const ssize_t got = ::pread(fd_, to.data(), to.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {  // 0: it became shorter since it was opened
      throw std::system_error(got < 0 ? errno : EIO, std::generic_category(), path_);
    }
    offset += static_cast<std::uint64_t>(got);
    to = to.subspan(static_cast<std::size_t>(got));
  }
}

std::vector<std::byte> ImageFile::head(std::uint64_t count) const {
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min(count, size_)));
  read(0, bytes);
  return bytes;
}

}  // namespace core
