#include "kvm/system.h"

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "kvm/ioctl.h"

namespace {

using Cause = kvm::Unavailable::Cause;
namespace fs = std::filesystem;

kvm::Unavailable refused(const std::string& path) {
  try {
    kvm::System system(path);
  } catch (const kvm::Unavailable& e) {
    return e;
  }
  ADD_FAILURE() << path << " was accepted as KVM";
  return kvm::Unavailable(Cause::other_error, "", "", 0);
}

TEST(KvmSystem, a_missing_file_says_load_the_module) {
  kvm::Unavailable e = refused("/nonexistent/kvm");

  EXPECT_EQ(e.cause, Cause::no_file);
  EXPECT_STREQ(e.what(), "Could not access KVM kernel module: No such file or directory");
  EXPECT_NE(e.hint.find("modprobe"), std::string::npos) << e.hint;
}

TEST(KvmSystem, a_file_that_is_not_kvm_is_told_apart) {
  kvm::Unavailable e = refused("/dev/null");

  EXPECT_EQ(e.cause, Cause::not_kvm);
  EXPECT_EQ(e.error_number, ENOTTY);
}

TEST(KvmSystem, a_directory_is_an_ordinary_error) {
  EXPECT_EQ(refused("/").cause, Cause::other_error);
}

TEST(KvmSystem, a_device_without_driver_says_no_device) {
  fs::path path = fs::path(testing::TempDir()) / "kvm-without-driver";
  fs::remove(path);
  // Character device 10,255 belongs to no driver.
  if (std::system(("mknod '" + path.string() + "' c 10 255 2>/dev/null").c_str()) != 0) {
    GTEST_SKIP() << "making a device node needs root";
  }

  kvm::Unavailable e = refused(path.string());
  fs::remove(path);

  if (e.cause == Cause::no_permission) {
    GTEST_SKIP() << "this file system forbids device files";
  }
  EXPECT_EQ(e.cause, Cause::no_device);
}

TEST(KvmSystem, host_kind_reads_the_modules) {
  fs::path modules = fs::path(testing::TempDir()) / "kvm-modules";
  fs::remove_all(modules);
  fs::create_directories(modules / "kvm_amd");

  EXPECT_EQ(kvm::host_kind(modules.string()), "svm");
  EXPECT_EQ(kvm::host_kind("/nonexistent"), "unknown");
  fs::remove_all(modules);
}

}  // namespace
