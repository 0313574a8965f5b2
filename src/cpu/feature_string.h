// "+f" and "-f" of -cpu: remembered until a CPU is realized, so that they come after
// every "f=on", and "-f" after "+f".
#pragma once

#include "core/qdev.h"

namespace cpu {

// Throws "Property '.f' not found" for a feature the CPU does not have.
void apply_plus_minus_features(core::DeviceState* dev);
void forget_features_for_test();

}  // namespace cpu
