// -device: from a driver's name to a realized device on its bus (qom-semantics
// 263-272). The steps and their errors are 4.0's.
#pragma once

#include "core/qdev.h"
#include "options/opts.h"

namespace launcher {

// Makes the device; nullptr if 4.0 has it and we do not (a warning was given).
// Throws qom::Error, without the location.
core::DeviceState* qdev_device_add(const options::QemuOpts* opts);

// Whether the name is a type that is registered, an alias, or a device of 4.0.
bool device_is_known(const std::string& driver);

// -device help and -device DRIVER,help: throws options::Answer; returns if neither
// was asked for.
void qdev_device_help(const options::QemuOpts* opts);

}  // namespace launcher
