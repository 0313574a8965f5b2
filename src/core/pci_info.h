// PCI devices for people.
#pragma once

#include <string>

#include "core/pci.h"

namespace core {

// How the number of a class without a name is written: "info pci" and "info qtree"
// differ.
enum class NumberStyle : std::uint8_t { decimal, hexadecimal };

// "Host bridge"; "Class 0255" or "Class 00ff" if the class has no name.
std::string pci_class_name(std::uint16_t class_id, NumberStyle style);
// The lines "info qtree" has about a device's place and regions.
void pcibus_dev_print(DeviceState* dev, std::string& text, int indent);

}  // namespace core
