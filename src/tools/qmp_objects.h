// The composition tree of a real QEMU, asked over QMP.
#pragma once

#include "tools/qmp.h"
#include "viz/object_tree.h"

namespace tools {

// Walks qom-list from the root: children and links. Throws as Qmp does.
viz::ObjectTree objects_of_qemu(const QmpOptions& options);

}  // namespace tools
