// The raw format, and the marks of the others. See block_raw.h.
//
// The guest writes what it likes to a raw image, the mark of another format too. Whoever
// guesses the format at the next start would then follow what the guest wrote (the name
// of a backing file, say). So a guest may not write such a mark to an image whose format
// was guessed.
#include "backend/block_raw.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace backend {

namespace {

struct Magic {
  std::string_view format;
  std::string_view bytes;
  std::size_t at;
  const char* complaint;  // of this format about a file without them
};

constexpr Magic magics[] = {
    {"qcow2", "QFI\xfb", 0, "Image is not in qcow2 format"},
    {"qed", {"QED\0", 4}, 0, "Image not in QED format"},
    {"vmdk", "KDMV", 0, nullptr},
    {"vmdk", "COWD", 0, nullptr},
    {"vdi", "\x7f\x10\xda\xbe", 0x40, nullptr},
    {"vhdx", "vhdxfile", 0, nullptr},
    {"vpc", "conectix", 0, nullptr},
    {"luks", "LUKS\xba\xbe", 0, "Volume is not in LUKS format"},
    {"parallels", "WithoutFreeSpace", 0, "Image not in Parallels format"},
    {"parallels", "WithouFreSpacExt", 0, "Image not in Parallels format"},
    {"bochs", "Bochs Virtual HD Image", 0, "Image not in Bochs format"},
};

bool matches(std::span<const std::byte> beginning, const Magic& magic) {
  return beginning.size() >= magic.at + magic.bytes.size() &&
         std::equal(magic.bytes.begin(), magic.bytes.end(), beginning.begin() + magic.at,
                    [](char a, std::byte b) { return static_cast<std::byte>(a) == b; });
}

class BlockRaw final : public BlockNode {
 public:
  BlockRaw(const BlockRawOptions& options, BlockNodePtr file)
      : BlockNode(options.node_name), options_(options), file_(std::move(file)) {}

  std::string_view driver() const override { return "raw"; }

  std::string filename() const override { return file_->filename(); }

  std::uint64_t length() const override {
    return options_.size.value_or(file_->length() - options_.offset);
  }

  bool read_only() const override { return options_.read_only; }

  int read(std::uint64_t offset, BlockVector to) override {
    return file_->read(options_.offset + offset, to);
  }

  int write(std::uint64_t offset, BlockVector from) override {
    if (options_.probed && offset < bdrv_sector_size &&
        would_look_otherwise(offset, from)) {
      return EPERM;
    }
    return file_->write(options_.offset + offset, from);
  }

  int flush() override { return file_->flush(); }

  int discard(std::uint64_t offset, std::uint64_t size) override {
    return file_->discard(options_.offset + offset, size);
  }

  int write_zeroes(std::uint64_t offset, std::uint64_t size, bool may_unmap) override {
    return file_->write_zeroes(options_.offset + offset, size, may_unmap);
  }

  void set_permissions(BlockPermissions permissions) override {
    if ((permissions.taken & BLK_PERM_WRITE) && file_->read_only()) {
      throw Error("Block node is read-only");
    }
    file_->set_permissions(permissions);
  }

  std::string unusable() const override { return file_->unusable(); }

 private:
  // With `from` written at `offset` of the first sector.
  bool would_look_otherwise(std::uint64_t offset, BlockVector from) {
    std::array<std::byte, probe_size> beginning{};
    const std::span<std::byte> all(beginning.data(),
                                   std::min<std::uint64_t>(beginning.size(), length()));
    if (read(0, {&all, 1}) != 0) {
      return true;
    }
    std::size_t at = static_cast<std::size_t>(offset);
    for (const std::span<std::byte> piece : from) {
      const std::size_t count = std::min(piece.size(), beginning.size() - at);
      std::copy_n(piece.begin(), count, beginning.begin() + static_cast<long>(at));
      at += count;
    }
    return probe_format(beginning) != "raw";
  }

  BlockRawOptions options_;
  BlockNodePtr file_;
};

}  // namespace

std::string_view probe_format(std::span<const std::byte> beginning) {
  for (const Magic& magic : magics) {
    if (matches(beginning, magic)) {
      return magic.format;
    }
  }
  return "raw";
}

const char* format_complaint(std::string_view format) {
  const char* complaint = nullptr;
  for (const Magic& magic : magics) {
    complaint = magic.format == format ? magic.complaint : complaint;
  }
  return complaint;
}

BlockNodePtr block_raw_open(const BlockRawOptions& options, BlockNodePtr file) {
  const std::uint64_t whole = file->length();
  const auto number = [](std::uint64_t n) { return "(" + std::to_string(n) + ")"; };
  if (options.offset > whole) {
    throw Error("Offset " + number(options.offset) +
                " cannot be greater than size of the containing file " + number(whole));
  }
  if (options.size && *options.size > whole - options.offset) {
    throw Error(
        "The sum of offset " + number(options.offset) + " and size " +
        number(*options.size) +
        " has to be smaller or equal to the  actual size of the containing file " +
        number(whole));
  }
  if (options.size && *options.size % bdrv_sector_size != 0) {
    throw Error("Specified size is not multiple of 512");
  }
  return std::make_shared<BlockRaw>(options, std::move(file));
}

}  // namespace backend
