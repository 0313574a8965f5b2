// Raw images over files: what is read and written, who may, and what is refused in
// QEMU's words.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "backend/block_file.h"
#include "backend/block_null.h"
#include "backend/block_raw.h"

namespace backend {
namespace {

// A file of this test, gone at its end.
class TemporaryImage {
 public:
  explicit TemporaryImage(const std::string& bytes)
      : path_(::testing::TempDir() + "vitrine-block-XXXXXX") {
    ::close(::mkstemp(path_.data()));
    std::ofstream(path_, std::ios::binary) << bytes;
  }

  ~TemporaryImage() { ::unlink(path_.c_str()); }

  TemporaryImage(const TemporaryImage&) = delete;
  TemporaryImage& operator=(const TemporaryImage&) = delete;

  const std::string& path() const { return path_; }

  std::string bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::string path_;
};

std::string numbered(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>('a' + i % 23);
  }
  return bytes;
}

BlockNodePtr open_raw(const TemporaryImage& image, BlockRawOptions options = {}) {
  return block_raw_open(options, block_file_open({.filename = image.path(),
                                                  .read_only = options.read_only}));
}

std::string read(BlockNode& node, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '?');
  const std::span<std::byte> all = std::as_writable_bytes(std::span(bytes));
  const std::array<std::span<std::byte>, 2> pieces{all.first(size / 3),
                                                   all.subspan(size / 3)};
  EXPECT_EQ(node.read(offset, pieces), 0);
  return bytes;
}

int write(BlockNode& node, std::uint64_t offset, std::string bytes) {
  const std::span<std::byte> all = std::as_writable_bytes(std::span(bytes));
  return node.write(offset, {&all, 1});
}

template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what() + (error.hint.empty() ? "" : "\n" + error.hint);
  }
  return "";
}

TEST(BlockRaw, reads_the_bytes_of_its_file) {
  const TemporaryImage image(numbered(4096));
  const BlockNodePtr node = open_raw(image);

  EXPECT_EQ(node->length(), 4096u);
  EXPECT_EQ(read(*node, 1000, 2000), image.bytes().substr(1000, 2000));
}

TEST(BlockRaw, writes_them) {
  const TemporaryImage image(numbered(4096));
  const BlockNodePtr node = open_raw(image);

  EXPECT_EQ(write(*node, 512, "hello"), 0);
  EXPECT_EQ(node->flush(), 0);

  EXPECT_EQ(image.bytes().substr(512, 5), "hello");
  EXPECT_EQ(image.bytes().size(), 4096u);
}

TEST(BlockRaw, the_last_sector_is_whole_and_ends_in_zeroes) {
  const TemporaryImage image(numbered(600));
  const BlockNodePtr node = open_raw(image);

  EXPECT_EQ(node->length(), 1024u);
  EXPECT_EQ(read(*node, 512, 512), numbered(600).substr(512) + std::string(424, '\0'));
}

TEST(BlockRaw, moves_more_pieces_than_the_kernel_takes_at_once) {
  const TemporaryImage image(numbered(3000));
  const BlockNodePtr node = open_raw(image);
  std::string bytes(3000, '?');
  std::vector<std::span<std::byte>> pieces;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    pieces.push_back(std::as_writable_bytes(std::span(bytes).subspan(i, 1)));
  }

  EXPECT_EQ(node->read(0, pieces), 0);

  EXPECT_EQ(bytes, numbered(3000));
}

TEST(BlockRaw, begins_at_its_offset_and_has_its_size) {
  const TemporaryImage image(numbered(4096));
  const BlockNodePtr node = open_raw(image, {.offset = 1024, .size = 512});

  EXPECT_EQ(node->length(), 512u);
  EXPECT_EQ(read(*node, 0, 9), numbered(4096).substr(1024, 9));
}

TEST(BlockRaw, offset_and_size_lie_in_the_file) {
  const TemporaryImage image(numbered(4096));

  EXPECT_EQ(error_of([&] { open_raw(image, {.offset = 5000}); }),
            "Offset (5000) cannot be greater than size of the containing file (4096)");
  EXPECT_EQ(error_of([&] { open_raw(image, {.offset = 1024, .size = 4096}); }),
            "The sum of offset (1024) and size (4096) has to be smaller or equal to the  "
            "actual size of the containing file (4096)");
  EXPECT_EQ(error_of([&] { open_raw(image, {.size = 1000}); }),
            "Specified size is not multiple of 512");
}

TEST(BlockRaw, writes_zeroes_with_and_without_holes) {
  for (const bool may_unmap : {false, true}) {
    const TemporaryImage image(numbered(200000));
    const BlockNodePtr node = open_raw(image);

    EXPECT_EQ(node->write_zeroes(512, 150000, may_unmap), 0);

    EXPECT_EQ(image.bytes().substr(0, 512), numbered(512));
    EXPECT_EQ(image.bytes().substr(512, 150000), std::string(150000, '\0'));
    EXPECT_EQ(image.bytes().substr(150512), numbered(200000).substr(150512));
  }
}

TEST(BlockRaw, a_discard_that_is_not_asked_for_does_nothing) {
  const TemporaryImage image(numbered(8192));
  const BlockNodePtr node = open_raw(image);

  EXPECT_EQ(node->discard(0, 8192), 0);

  EXPECT_EQ(image.bytes(), numbered(8192));
}

TEST(BlockRaw, a_discard_that_is_asked_for_gives_the_space_back) {
  const TemporaryImage image(numbered(8192));
  const BlockNodePtr node = block_file_open({.filename = image.path(), .discard = true});

  EXPECT_EQ(node->discard(0, 4096), 0);

  EXPECT_EQ(image.bytes(), std::string(4096, '\0') + numbered(8192).substr(4096));
}

// ---- formats --------------------------------------------------------------------------

std::string_view probed(const std::string& text) {
  std::string bytes = text;
  bytes.resize(probe_size);
  return probe_format(std::as_bytes(std::span(bytes)));
}

TEST(BlockProbe, knows_formats_by_their_first_bytes) {
  EXPECT_EQ(probed("QFI\xfb"), "qcow2");
  EXPECT_EQ(probed("KDMV"), "vmdk");
  EXPECT_EQ(probed("vhdxfile"), "vhdx");
  EXPECT_EQ(probed(std::string(0x40, '\0') + "\x7f\x10\xda\xbe"), "vdi");
  EXPECT_EQ(probed("MZ"), "raw");
  EXPECT_EQ(probed(""), "raw");
}

TEST(BlockRaw, a_guest_may_not_make_a_guessed_image_look_otherwise) {
  const TemporaryImage image(std::string(4096, '\0'));
  const BlockNodePtr node = open_raw(image, {.probed = true});

  EXPECT_EQ(write(*node, 0, "QFI\xfb"), EPERM);
  EXPECT_EQ(write(*node, 2, "I\xfb"), 0);
  EXPECT_EQ(write(*node, 0, "QF"), EPERM);
  EXPECT_EQ(write(*node, 512, "QFI\xfb"), 0);
}

TEST(BlockRaw, a_guest_may_write_anything_to_an_image_said_to_be_raw) {
  const TemporaryImage image(std::string(4096, '\0'));

  EXPECT_EQ(write(*open_raw(image), 0, "QFI\xfb"), 0);
}

// ---- opening ------------------------------------------------------------------------

TEST(BlockFile, says_why_it_cannot_be_opened) {
  const auto opened = [](const std::string& path) {
    return error_of([&] { block_file_open({.filename = path}); });
  };

  EXPECT_EQ(opened("nosuch.img"),
            "Could not open 'nosuch.img': No such file or directory");
  EXPECT_EQ(opened("/"), "Could not open '/': Is a directory");
  EXPECT_EQ(opened("/dev/null"),
            "'file' driver requires '/dev/null' to be a regular file");
}

TEST(BlockBackend, refuses_what_lies_beyond_the_end) {
  const TemporaryImage image(numbered(1024));
  BlockBackend blk("d0", open_raw(image));
  std::array<std::byte, 512> bytes{};
  const std::span<std::byte> piece(bytes);

  EXPECT_EQ(blk.read(512, {&piece, 1}), 0);
  EXPECT_EQ(blk.read(513, {&piece, 1}), EIO);
  EXPECT_EQ(blk.read(~0ull, {&piece, 1}), EIO);
  EXPECT_EQ(blk.write_zeroes(0, 1025, true), EIO);
}

TEST(BlockBackend, does_not_write_to_what_is_read_only) {
  const TemporaryImage image(numbered(1024));
  BlockBackend blk("d0", open_raw(image, {.read_only = true}));
  std::array<std::byte, 512> bytes{};
  const std::span<std::byte> piece(bytes);

  EXPECT_EQ(blk.write(0, {&piece, 1}), EPERM);
  EXPECT_EQ(error_of([&] { blk.set_permissions({.taken = BLK_PERM_WRITE}); }),
            "Block node is read-only");
  EXPECT_EQ(image.bytes(), numbered(1024));
}

// ---- locks --------------------------------------------------------------------------

constexpr BlockPermissions reading{.taken = BLK_PERM_CONSISTENT_READ};
constexpr BlockPermissions writing_alone{
    .taken = BLK_PERM_CONSISTENT_READ | BLK_PERM_WRITE,
    .shared = BLK_PERM_ALL & ~BLK_PERM_WRITE};

TEST(ImageLock, two_do_not_write_one_image) {
  const TemporaryImage image(numbered(1024));
  const BlockNodePtr first = open_raw(image), second = open_raw(image);
  first->set_permissions(writing_alone);

  EXPECT_EQ(error_of([&] { second->set_permissions(writing_alone); }),
            "Failed to get \"write\" lock\nIs another process using the image [" +
                image.path() + "]?");
}

TEST(ImageLock, a_reader_who_minds_is_refused_while_somebody_writes) {
  const TemporaryImage image(numbered(1024));
  const BlockNodePtr first = open_raw(image), second = open_raw(image);
  first->set_permissions(writing_alone);

  EXPECT_EQ(error_of([&] {
              second->set_permissions({.taken = BLK_PERM_CONSISTENT_READ,
                                       .shared = BLK_PERM_ALL & ~BLK_PERM_WRITE});
            }),
            "Failed to get shared \"write\" lock\nIs another process using the image [" +
                image.path() + "]?");
}

TEST(ImageLock, many_read_one_image) {
  const TemporaryImage image(numbered(1024));
  const BlockNodePtr first = open_raw(image), second = open_raw(image);
  first->set_permissions(reading);

  EXPECT_EQ(error_of([&] { second->set_permissions(reading); }), "");
}

TEST(ImageLock, who_lets_go_makes_room) {
  const TemporaryImage image(numbered(1024));
  const BlockNodePtr first = open_raw(image), second = open_raw(image);
  first->set_permissions(writing_alone);
  first->set_permissions({});

  EXPECT_EQ(error_of([&] { second->set_permissions(writing_alone); }), "");
}

TEST(ImageLock, a_refusal_changes_nothing) {
  const TemporaryImage image(numbered(1024));
  const BlockNodePtr first = open_raw(image), second = open_raw(image);
  second->set_permissions(reading);
  first->set_permissions(writing_alone);
  error_of([&] { second->set_permissions(writing_alone); });
  first->set_permissions({});

  EXPECT_EQ(error_of([&] { first->set_permissions(writing_alone); }), "");
}

TEST(ImageLock, can_be_switched_off) {
  const TemporaryImage image(numbered(1024));
  const BlockNodePtr first = open_raw(image);
  const BlockNodePtr second =
      block_file_open({.filename = image.path(), .locking = Locking::off});
  first->set_permissions(writing_alone);

  EXPECT_EQ(error_of([&] { second->set_permissions(writing_alone); }), "");
}

// ---- names --------------------------------------------------------------------------

TEST(BlockNames, stand_for_one_node) {
  bdrv_add_node(block_null_open("n0", 512, false));

  EXPECT_EQ(bdrv_find_node("n0")->length(), 512u);
  EXPECT_EQ(error_of([] { bdrv_add_node(block_null_open("n0", 512, false)); }),
            "Duplicate node name");
  block_close_all();
  EXPECT_EQ(bdrv_find_node("n0"), nullptr);
}

TEST(BlockNull, reads_as_zeroes) {
  const BlockNodePtr node = block_null_open("n0", 1024, false);

  EXPECT_EQ(read(*node, 0, 6), std::string(6, '\0'));
}

TEST(BlockUnbuilt, says_what_to_do) {
  const BlockNodePtr node = block_unbuilt("n0", "qcow2", "disk.qcow2");

  EXPECT_EQ(
      node->unusable(),
      "Block driver 'qcow2' of 'disk.qcow2' is not built; 'qemu-img convert -O raw' "
      "makes a raw image of it, which is");
}

}  // namespace
}  // namespace backend
