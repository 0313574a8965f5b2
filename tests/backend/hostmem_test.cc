// Host memory backends, in the properties, defaults and words of QEMU 4.0.
#include "backend/hostmem.h"

#include <cstring>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "qom/composition.h"
#include "qom/property.h"
#include "types.h"

namespace backend {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class HostMemory : public ::testing::Test {
 protected:
  void SetUp() override {
    register_types();
    folder_ = std::filesystem::temp_directory_path() /
              ("vitrine-hostmem-" + std::to_string(getpid()));
    std::filesystem::create_directory(folder_);
  }

  void TearDown() override {
    if (made_ != nullptr) {
      user_creatable_del("m0");
      object_unref(made_);
    }
    std::filesystem::remove_all(folder_);
  }

  HostMemoryBackend* make(const char* type, const PropertyTexts& properties) {
    made_ =
        static_cast<HostMemoryBackend*>(user_creatable_add_type(type, "m0", properties));
    return made_;
  }

  static std::string error_of(const char* type, const PropertyTexts& properties) {
    try {
      object_unref(user_creatable_add_type(type, "m0", properties));
    } catch (const Error& error) {
      return error.what();
    }
    user_creatable_del("m0");
    return "";
  }

  std::string path(const char* name) const { return (folder_ / name).string(); }

  std::filesystem::path folder_;
  HostMemoryBackend* made_ = nullptr;
};

TEST_F(HostMemory, ram_is_there_and_zero_once_the_object_is_complete) {
  const HostMemoryBackend* ram = make("memory-backend-ram", {{"size", "1M"}});

  ASSERT_EQ(ram->bytes.size(), 1u << 20);
  EXPECT_EQ(ram->bytes.front(), std::byte{0});
  EXPECT_EQ(ram->bytes.back(), std::byte{0});
}

TEST_F(HostMemory, defaults_are_those_of_4_0) {
  HostMemoryBackend* ram = make("memory-backend-ram", {{"size", "1M"}});

  EXPECT_TRUE(object_property_get_bool(ram, "merge"));
  EXPECT_TRUE(object_property_get_bool(ram, "dump"));
  EXPECT_FALSE(object_property_get_bool(ram, "prealloc"));
  EXPECT_FALSE(object_property_get_bool(ram, "share"));
  EXPECT_EQ(object_property_print(ram, "policy", false), "default");
  EXPECT_EQ(object_property_get_uint(ram, "size"), 1u << 20);
}

TEST_F(HostMemory, a_size_of_zero_is_refused_as_a_value_and_as_a_default) {
  EXPECT_EQ(error_of("memory-backend-ram", {{"size", "0"}}),
            "property 'size' of memory-backend-ram doesn't take value '0'");
  EXPECT_EQ(error_of("memory-backend-ram", {}), "can't create backend with size 0");
}

TEST_F(HostMemory, the_abstract_type_cannot_be_made) {
  EXPECT_EQ(error_of("memory-backend", {}), "object type 'memory-backend' is abstract");
}

TEST_F(HostMemory, policy_and_nodes_belong_together) {
  EXPECT_EQ(error_of("memory-backend-ram", {{"size", "1M"}, {"policy", "nosuch"}}),
            "Invalid parameter 'nosuch'");
  EXPECT_EQ(error_of("memory-backend-ram", {{"size", "1M"}, {"policy", "bind"}}),
            "host-nodes must be set for policy bind");
  EXPECT_THAT(error_of("memory-backend-ram", {{"size", "1M"}, {"host-nodes", "0"}}),
              StartsWith("host-nodes must be empty for policy default"));
}

TEST_F(HostMemory, nodes_are_numbers_and_ranges) {
  EXPECT_THAT(error_of("memory-backend-ram", {{"size", "1M"}, {"host-nodes", "3-1"}}),
              HasSubstr("3-1"));
  EXPECT_THAT(error_of("memory-backend-ram", {{"size", "1M"}, {"host-nodes", "128"}}),
              HasSubstr("128"));
}

TEST_F(HostMemory, size_is_fixed_once_the_bytes_are_there) {
  HostMemoryBackend* ram = make("memory-backend-ram", {{"size", "1M"}});

  try {
    object_property_parse(ram, "2M", "size");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "cannot change property 'size' of memory-backend-ram");
  }
  EXPECT_EQ(ram->bytes.size(), 1u << 20);
}

TEST_F(HostMemory, a_preallocated_backend_has_its_pages) {
  const HostMemoryBackend* ram =
      make("memory-backend-ram", {{"size", "64k"}, {"prealloc", "on"}});
  unsigned char present[16] = {};

  ASSERT_EQ(mincore(ram->bytes.data(), ram->bytes.size(), present), 0);
  for (const unsigned char page : present) {
    EXPECT_EQ(page & 1, 1);
  }
}

TEST_F(HostMemory, what_is_written_to_shared_file_memory_is_in_the_file) {
  const HostMemoryBackend* file =
      make("memory-backend-file",
           {{"size", "1M"}, {"mem-path", path("ram")}, {"share", "on"}});
  std::memcpy(file->bytes.data(), "vitrine", 7);

  char text[8] = {};
  std::ifstream(path("ram")).read(text, 7);
  EXPECT_STREQ(text, "vitrine");
  EXPECT_EQ(std::filesystem::file_size(path("ram")), 1u << 20);
}

TEST_F(HostMemory, private_file_memory_leaves_the_file_alone) {
  const HostMemoryBackend* file =
      make("memory-backend-file", {{"size", "1M"}, {"mem-path", path("ram")}});
  std::memcpy(file->bytes.data(), "vitrine", 7);

  char text[8] = {};
  std::ifstream(path("ram")).read(text, 7);
  EXPECT_STREQ(text, "");
}

TEST_F(HostMemory, a_directory_gets_a_file_without_a_name) {
  make("memory-backend-file", {{"size", "1M"}, {"mem-path", folder_.string()}});

  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(HostMemory, a_file_that_is_too_short_is_refused_and_kept) {
  std::ofstream(path("short")) << std::string(8192, 'x');

  EXPECT_EQ(
      error_of("memory-backend-file", {{"size", "1M"}, {"mem-path", path("short")}}),
      "backing store " + path("short") +
          " size 0x2000 does not match 'size' option 0x100000");
  EXPECT_EQ(std::filesystem::file_size(path("short")), 8192u);
}

TEST_F(HostMemory, a_file_needs_a_path_that_can_be_opened) {
  EXPECT_EQ(error_of("memory-backend-file", {{"size", "1M"}}),
            "mem-path property not set");
  EXPECT_THAT(
      error_of("memory-backend-file", {{"size", "1M"}, {"mem-path", path("no/such")}}),
      StartsWith("can't open backing store " + path("no/such")));
}

TEST_F(HostMemory, less_than_a_page_of_a_file_is_refused) {
  EXPECT_THAT(
      error_of("memory-backend-file", {{"size", "16"}, {"mem-path", path("tiny")}}),
      StartsWith("memory size 0x10 must be equal to or larger than page size"));
}

TEST_F(HostMemory, memfd_memory_is_shared_by_default) {
  HostMemoryBackend* memfd = make("memory-backend-memfd", {{"size", "1M"}});

  EXPECT_TRUE(object_property_get_bool(memfd, "share"));
  EXPECT_EQ(memfd->bytes.size(), 1u << 20);
}

TEST_F(HostMemory, a_size_no_host_has_is_an_error) {
  EXPECT_THAT(error_of("memory-backend-ram", {{"size", "4E"}}),
              StartsWith("cannot set up guest memory 'm0': "));
}

}  // namespace
}  // namespace backend
