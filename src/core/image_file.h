// A guest image on the host's disk, of which parts are read straight into guest memory:
// a kernel and its initial RAM disk have some ten MiB, which need not be held twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace core {

class ImageFile {
 public:
  // Throws std::system_error naming the file; more than `limit` bytes is EFBIG, a folder
  // EISDIR. What has no fixed size (a pipe, a device) is read at once and held.
  ImageFile(const std::string& path, std::uint64_t limit);
  ImageFile(ImageFile&& other) noexcept;
  ImageFile& operator=(ImageFile&&) = delete;
  ~ImageFile();

  std::uint64_t size() const { return size_; }

  // Bytes from `offset` on; throws std::system_error (EIO if the file ends before).
  void read(std::uint64_t offset, std::span<std::byte> to) const;
  // The first `count` bytes, or as many as there are.
  std::vector<std::byte> head(std::uint64_t count) const;

 private:
  std::string path_;
  int fd_ = -1;  // -1: held_ has the bytes
  std::uint64_t size_ = 0;
  std::vector<std::byte> held_;
};

}  // namespace core
