// Nodes without an image: "null-co", and what stands for a format that is not built.
#pragma once

#include "core/block.h"

namespace backend {

using namespace core;

// Reads as zeroes, forgets what is written.
BlockNodePtr block_null_open(const std::string& node_name, std::uint64_t size,
                             bool read_only);

// An image in a format, or behind a protocol, that is not built. It can be named, but
// a device that wants it gets an error saying what to do.
BlockNodePtr block_unbuilt(const std::string& node_name, const std::string& driver,
                           const std::string& filename);

}  // namespace backend
