// snapshot=on: a disk whose image stays as it is. What the guest writes goes to a file of
// its own and is gone when the run ends.
#pragma once

#include "core/block.h"

namespace backend {

using namespace core;

// The changes are kept in a file without a name below $TMPDIR (/var/tmp). Throws
// qom::Error if there can be none.
BlockNodePtr block_snapshot_open(const std::string& node_name, BlockNodePtr image);

}  // namespace backend
