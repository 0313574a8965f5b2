// Format "raw": an image whose bytes are the disk's. Also what the first bytes of an
// image tell about its format.
#pragma once

#include "core/block.h"

namespace backend {

using namespace core;

// What is known of an image by its first bytes; fewer read as zeroes.
inline constexpr std::size_t probe_size = 1024;

// The format whose mark these bytes carry; "raw" if none.
std::string_view probe_format(std::span<const std::byte> beginning);
// What is said about a file that was given as `format` and is not; nullptr: nothing.
const char* format_complaint(std::string_view format);

struct BlockRawOptions {
  std::string node_name = {};
  std::uint64_t offset = 0;                // where the disk begins in the file
  std::optional<std::uint64_t> size = {};  // bytes; all that follow by default
  bool read_only = false;
  bool probed = false;  // nobody said it is raw: the guest may not make it look otherwise
};

// A raw image in `file`. Throws qom::Error in 4.0's words.
BlockNodePtr block_raw_open(const BlockRawOptions& options, BlockNodePtr file);

}  // namespace backend
