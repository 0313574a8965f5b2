// Runs a fuzz target over every file of a corpus folder, so that the corpus is an
// ordinary test. Each input is given in a buffer of its exact size: a sanitizer
// sees the first byte read beyond it. A target with a mutator of its own also gets a
// few generations of each input, the same in every run.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

using Bytes = std::vector<std::uint8_t>;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
// A target may have these two.
extern "C" [[gnu::weak]] int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" [[gnu::weak]] std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data,
                                                             std::size_t size,
                                                             std::size_t max_size,
                                                             unsigned seed);

// In the place of libFuzzer's: the bytes turned around.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size,
                                        std::size_t) {
  std::reverse(data, data + size);
  return size;
}

static void run_bytes(const Bytes& bytes) {
  auto exact = std::make_unique<std::uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), exact.get());
  LLVMFuzzerTestOneInput(exact.get(), bytes.size());
}

static void run_generations(Bytes bytes) {
  constexpr unsigned generations = 20;
  constexpr std::size_t growth = 4096;
  for (unsigned seed = 0; seed < generations; ++seed) {
    const std::size_t size = bytes.size();
    bytes.resize(size + growth);
    bytes.resize(LLVMFuzzerCustomMutator(bytes.data(), size, bytes.size(), seed));
    run_bytes(bytes);
  }
}

static void run_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const Bytes bytes{std::istreambuf_iterator<char>(in), {}};
  run_bytes(bytes);
  if (LLVMFuzzerCustomMutator != nullptr) {
    run_generations(bytes);
  }
}

int main(int argc, char** argv) {
  if (LLVMFuzzerInitialize != nullptr) {
    LLVMFuzzerInitialize(&argc, &argv);
  }
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
