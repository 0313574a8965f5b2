// The type model of a real QEMU, asked over QMP.
#pragma once

#include "tools/qmp.h"
#include "viz/model.h"

namespace tools {

// Types with parents and interfaces from qom-list-types, objects from walking the
// composition tree. QEMU makes the class of every type in order to answer: none is
// on paper any more, and the model says so.
viz::TypeModel types_of_qemu(const QmpOptions& options);

}  // namespace tools
