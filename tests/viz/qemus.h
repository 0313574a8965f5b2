// False and real QEMUs to ask. The false ones are shell scripts written here.
#pragma once

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace viz_test {

class ScriptedQemu : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/vitrine-qmp-test-XXXXXX";
    folder_ = mkdtemp(name);
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string script(const std::string& body) {
    const std::string path = (folder_ / "qemu").string();
    std::ofstream(path) << "#!/bin/sh\necho $$ > " << (folder_ / "pid").string() << "\n"
                        << body << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

  // True if the script's process is gone and reaped.
  bool gone() {
    pid_t pid = 0;
    std::ifstream(folder_ / "pid") >> pid;
    return pid > 0 && kill(pid, 0) != 0 && waitpid(-1, nullptr, WNOHANG) == -1;
  }

  std::filesystem::path folder_;
};

class InstalledQemu : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v qemu-system-x86_64 >/dev/null 2>&1") != 0) {
      GTEST_SKIP() << "qemu-system-x86_64 is not installed (apt install qemu-system-x86)";
    }
  }
};

}  // namespace viz_test
