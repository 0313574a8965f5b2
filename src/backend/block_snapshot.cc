// Writes beside the image. See block_snapshot.h.
//
// The disk is cut into pieces of 64 KiB. A piece is the image's until something is
// written to it; then all of it is copied to the file of changes, and lives there.
#include "backend/block_snapshot.h"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "backend/block_file.h"

namespace backend {

namespace {

constexpr std::uint64_t piece_size = 64 << 10;

class BlockSnapshot final : public BlockNode {
 public:
  BlockSnapshot(const std::string& node_name, BlockNodePtr image, BlockNodePtr changes)
      : BlockNode(node_name),
        image_(std::move(image)),
        changes_(std::move(changes)),
        changed_((image_->length() + piece_size - 1) / piece_size) {}

  std::string_view driver() const override { return "snapshot"; }

  std::string filename() const override { return image_->filename(); }

  std::uint64_t length() const override { return image_->length(); }

  bool read_only() const override { return false; }

  int read(std::uint64_t offset, BlockVector to) override {
    return each_part(offset, to, [this](std::uint64_t at, std::span<std::byte> part) {
      BlockNode& from = changed_[at / piece_size] ? *changes_ : *image_;
      return from.read(at, {&part, 1});
    });
  }

  int write(std::uint64_t offset, BlockVector from) override {
    return each_part(offset, from, [this](std::uint64_t at, std::span<std::byte> part) {
      const int error = own(at / piece_size);
      return error != 0 ? error : changes_->write(at, {&part, 1});
    });
  }

  int flush() override { return 0; }  // nothing of it outlives the run

  int discard(std::uint64_t, std::uint64_t) override { return 0; }

  int write_zeroes(std::uint64_t offset, std::uint64_t size, bool) override {
    std::array<std::byte, 4096> zeroes{};
    while (size > 0) {
      const std::span<std::byte> part =
          std::span(zeroes).first(std::min<std::uint64_t>(zeroes.size(), size));
      if (const int error = write(offset, {&part, 1})) {
        return error;
      }
      offset += part.size();
      size -= part.size();
    }
    return 0;
  }

  void set_permissions(BlockPermissions permissions) override {
    permissions.taken &= BLK_PERM_CONSISTENT_READ;
    image_->set_permissions(permissions);
  }

 private:
  // In parts that lie in one piece of the disk each; ends at the first error.
  template <class Part>
  static int each_part(std::uint64_t offset, BlockVector vector, Part part) {
    for (std::span<std::byte> bytes : vector) {
      while (!bytes.empty()) {
        const std::uint64_t left = piece_size - offset % piece_size;
        const auto now = bytes.first(std::min<std::uint64_t>(left, bytes.size()));
        if (const int error = part(offset, now)) {
          return error;
        }
        offset += now.size();
        bytes = bytes.subspan(now.size());
      }
    }
    return 0;
  }

  int own(std::uint64_t piece) {
    if (changed_[piece]) {
      return 0;
    }
    const std::uint64_t at = piece * piece_size;
    std::vector<std::byte> bytes(std::min(piece_size, length() - at));
    const std::span<std::byte> all(bytes);
    int error = image_->read(at, {&all, 1});
    error = error != 0 ? error : changes_->write(at, {&all, 1});
    changed_[piece] = error == 0;
    return error;
  }

  BlockNodePtr image_, changes_;
  std::vector<bool> changed_;
};

// A file of this size that has no name any more.
BlockNodePtr open_changes(std::uint64_t size) {
  const char* folder = ::getenv("TMPDIR");
  std::string path =
      std::string(folder == nullptr ? "/var/tmp" : folder) + "/vitrine-XXXXXX";
  const int fd = ::mkstemp(path.data());
  if (fd < 0 || ::ftruncate(fd, static_cast<off_t>(size)) != 0) {
    const int error = errno;
    if (fd >= 0) {
      ::close(fd);
      ::unlink(path.c_str());
    }
    throw Error("Could not create temporary overlay '" + path +
                "': " + std::strerror(error));
  }
  ::close(fd);
  BlockNodePtr node = block_file_open({.filename = path, .no_flush = true});
  ::unlink(path.c_str());
  return node;
}

}  // namespace

BlockNodePtr block_snapshot_open(const std::string& node_name, BlockNodePtr image) {
  BlockNodePtr changes = open_changes(image->length());
  return std::make_shared<BlockSnapshot>(node_name, std::move(image), std::move(changes));
}

}  // namespace backend
