// "+f" and "-f" of -cpu: remembered until a CPU is realized, so that they come after
// every "f=on", and "-f" after "+f".
#pragma once

#include "core/qdev.h"
#include "cpu/feature_words.h"

namespace cpu {

// Throws "Property '.f' not found" for a feature the CPU does not have.
void apply_plus_minus_features(core::DeviceState* dev);
// Features that -cpu names, on or off.
const FeatureSet& features_named_by_user();
void forget_features_for_test();

}  // namespace cpu
