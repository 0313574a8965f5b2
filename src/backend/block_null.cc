// Nodes without an image. See block_null.h.
#include "backend/block_null.h"

#include <algorithm>
#include <cerrno>

namespace backend {

namespace {

// What both have in common: there is nothing to keep and nobody to lock out.
class BlockNothing : public BlockNode {
 public:
  using BlockNode::BlockNode;

  std::uint64_t length() const override { return 0; }

  bool read_only() const override { return false; }

  int read(std::uint64_t, BlockVector to) override {
    for (const std::span<std::byte> piece : to) {
      std::fill(piece.begin(), piece.end(), std::byte{0});
    }
    return 0;
  }

  int write(std::uint64_t, BlockVector) override { return 0; }

  int flush() override { return 0; }

  int discard(std::uint64_t, std::uint64_t) override { return 0; }

  int write_zeroes(std::uint64_t, std::uint64_t, bool) override { return 0; }

  void set_permissions(BlockPermissions) override {}
};

class BlockNull final : public BlockNothing {
 public:
  BlockNull(const std::string& node_name, std::uint64_t size, bool read_only)
      : BlockNothing(node_name), size_(size), read_only_(read_only) {}

  std::string_view driver() const override { return "null-co"; }

  std::string filename() const override { return "null-co://"; }

  std::uint64_t length() const override { return size_; }

  bool read_only() const override { return read_only_; }

 private:
  std::uint64_t size_;
  bool read_only_;
};

class BlockUnbuilt final : public BlockNothing {
 public:
  BlockUnbuilt(const std::string& node_name, std::string driver, std::string filename)
      : BlockNothing(node_name),
        driver_(std::move(driver)),
        filename_(std::move(filename)) {}

  std::string_view driver() const override { return driver_; }

  std::string filename() const override { return filename_; }

  std::string unusable() const override {
    const std::string file = filename_.empty() ? "the image" : "'" + filename_ + "'";
    return "Block driver '" + driver_ + "' of " + file +
           " is not built; 'qemu-img convert -O raw' makes a raw image of it, which is";
  }

 private:
  std::string driver_, filename_;
};

}  // namespace

BlockNodePtr block_null_open(const std::string& node_name, std::uint64_t size,
                             bool read_only) {
  return std::make_shared<BlockNull>(node_name, size, read_only);
}

BlockNodePtr block_unbuilt(const std::string& node_name, const std::string& driver,
                           const std::string& filename) {
  return std::make_shared<BlockUnbuilt>(node_name, driver, filename);
}

}  // namespace backend
