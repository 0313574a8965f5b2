// Runs a fuzz target over every file of a corpus folder, so that the corpus is an
// ordinary test. Each input is given in a buffer of its exact size: a sanitizer
// sees the first byte read beyond it.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

static void run_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    exact[i] = static_cast<std::uint8_t>(bytes[i]);
  }
  LLVMFuzzerTestOneInput(exact.get(), bytes.size());
}

int main(int argc, char** argv) {
  int count = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (entry.is_regular_file()) {
        run_file(entry.path());
        ++count;
      }
    }
  }
  std::printf("%d inputs replayed\n", count);
  return count == 0 ? 1 : 0;
}
