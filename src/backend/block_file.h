// Protocol "file": an image is a file of the host, or a block device ("host_device").
#pragma once

#include "core/block.h"

namespace backend {

using namespace core;

enum class Locking : std::uint8_t { auto_, on, off };

struct BlockFileOptions {
  std::string node_name = {}, filename = {};
  std::string driver = "file";  // or "host_device", "host_cdrom"
  bool read_only = false;
  bool auto_read_only = false;  // open for reading if writing is not allowed
  bool no_flush = false;        // cache=unsafe
  bool discard = false;         // give space back to the file system
  Locking locking = Locking::auto_;
};

// Opens it. Throws qom::Error in 4.0's words.
BlockNodePtr block_file_open(const BlockFileOptions& options);

}  // namespace backend
