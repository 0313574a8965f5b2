// Where a trace's bytes go: a file that appears under its name only when complete,
// perhaps compressed. Compressing programs link trace/compress/, which registers
// itself here; without it names ending in .zst and .gz are refused.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace trace::detail {

class Output {
 public:
  Output() = default;
  virtual ~Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  // Both throw std::system_error naming the file.
  virtual void write(std::string_view bytes) = 0;
  virtual void finish() = 0;  // call once, last; without it nothing appears
};

using MakeCompressor = std::unique_ptr<Output> (*)(std::unique_ptr<Output> to);

// Registers a compressor for names ending in `suffix` (".zst"). Before main().
void add_compressor(std::string_view suffix, MakeCompressor make);

// True if names ending so can be written; "" always can.
bool can_compress(std::string_view suffix);

// Opens `file` for writing, compressed if its name asks for it. "-" is standard
// output.
std::unique_ptr<Output> open_output(const std::string& file);

// The compression part of a file name: ".zst", ".gz" or nothing.
std::string_view compression_suffix(std::string_view file);

}  // namespace trace::detail
