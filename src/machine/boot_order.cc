#include "machine/boot_order.h"

#include <algorithm>
#include <cstdio>

#include "core/pci.h"

namespace machine {

using namespace core;

namespace {

// What Open Firmware calls a card of that class.
std::string kind_of(const PCIDevice* dev) {
  constexpr std::uint16_t scsi = 0x0100, ide = 0x0101, ethernet = 0x0200;
  switch (const auto* pc = class_of<PCIDeviceClass>(dev); pc->class_id) {
    case scsi:
      return "scsi";
    case ide:
      return "ide";
    case ethernet:
      return "ethernet";
    default: {
      char text[24];
      std::snprintf(text, sizeof text, "pci%x,%x", pc->vendor_id, pc->device_id);
      return text;
    }
  }
}

// "/pci@i0cf8/scsi@4/disk@0,0"
std::string path_of(const PCIDevice* dev) {
  char place[16];
  const unsigned slot = static_cast<unsigned>(dev->devfn) >> 3;
  const unsigned function = static_cast<unsigned>(dev->devfn) & 7;
  std::snprintf(place, sizeof place, function == 0 ? "@%x" : "@%x,%x", slot, function);
  const std::string kind = kind_of(dev);
  return "/pci@i0cf8/" + kind + place + (kind == "scsi" ? "/disk@0,0" : "");
}

}  // namespace

std::string boot_order_text(const MachineState* machine,
                            std::vector<std::pair<int, std::string>> roms) {
  std::vector<std::pair<int, std::string>> order = std::move(roms);
  qbus_walk_children(sysbus_get_default(), [&](DeviceState* dev) {
    Object* card = object_dynamic_cast(dev, TYPE_PCI_DEVICE);
    if (card == nullptr || object_property_find(card, "bootindex") == nullptr) {
      return 0;
    }
    const std::int64_t index = object_property_get_int(card, "bootindex");
    if (index >= 0) {
      order.emplace_back(static_cast<int>(index), path_of(object_cast<PCIDevice>(card)));
    }
    return 0;
  });
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& [index, path] : order) {
    text.append(text.empty() ? "" : "\n").append(path);
  }
  if (machine->boot.strict) {
    text.append(text.empty() ? "" : "\n").append("HALT");
  }
  if (!text.empty()) {
    text.push_back('\0');
  }
  return text;
}

}  // namespace machine
