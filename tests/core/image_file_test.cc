// Image files read in parts.
#include "core/image_file.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <system_error>

namespace {

using core::ImageFile;

class ImageFiles : public testing::Test {
 protected:
  ~ImageFiles() override { std::remove(path_.c_str()); }

  void write(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }

  // The error number that opening or reading ends with; 0: none.
  template <class Action>
  static int error_of(Action action) {
    try {
      action();
    } catch (const std::system_error& error) {
      return error.code().value();
    }
    return 0;
  }

  std::string path_ = testing::TempDir() + "image_file_test." + std::to_string(getpid());
};

std::string text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_F(ImageFiles, a_part_is_read_from_its_offset) {
  write("0123456789");
  const ImageFile file(path_, 10);
  std::vector<std::byte> part(3);

  file.read(4, part);

  EXPECT_EQ(text(part), "456");
}

TEST_F(ImageFiles, the_head_of_a_short_file_is_all_of_it) {
  write("ab");

  EXPECT_EQ(text(ImageFile(path_, 10).head(4096)), "ab");
}

TEST_F(ImageFiles, an_empty_file_has_no_bytes) {
  write("");

  EXPECT_EQ(ImageFile(path_, 10).size(), 0u);
}

TEST_F(ImageFiles, more_than_the_limit_is_too_large) {
  write("0123456789");

  EXPECT_EQ(error_of([&] { ImageFile(path_, 9); }), EFBIG);
}

TEST_F(ImageFiles, a_folder_and_a_missing_file_are_told_apart) {
  EXPECT_EQ(error_of([] { ImageFile("/", 10); }), EISDIR);
  EXPECT_EQ(error_of([&] { ImageFile(path_ + ".nosuch", 10); }), ENOENT);
}

TEST_F(ImageFiles, a_file_that_became_shorter_is_an_error) {
  write("0123456789");
  const ImageFile file(path_, 10);
  write("01");
  std::vector<std::byte> part(4);

  EXPECT_EQ(error_of([&] { file.read(4, part); }), EIO);
}

TEST_F(ImageFiles, bytes_beyond_the_end_are_an_error) {
  write("0123456789");
  const ImageFile file(path_, 10);
  std::vector<std::byte> part(4);

  EXPECT_EQ(error_of([&] { file.read(8, part); }), EIO);
}

}  // namespace
