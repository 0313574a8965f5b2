// Property tables of devices: QEMU's DEFINE_PROP_* as constexpr functions over
// member pointers.
//
//   static const Property serial_properties[] = {
//       qdev_prop_uint32("iobase", &IsaSerialState::iobase, 0xffffffff),
//       qdev_prop_chr("chardev", &IsaSerialState::chardev),
//   };
//   ... class_init: device_class_set_props(dc, serial_properties);
#pragma once

#include <cstdint>
#include <string>

#include "core/chardev.h"
#include "core/qdev.h"

namespace core {

struct Property {
  const char* name = nullptr;
  const char* type = nullptr;         // "uint32", "bool", "chr", "str", "size", ...
  const char* description = nullptr;
  PropertyGet (*getter)(const Property&) = nullptr;  // made per member pointer
  PropertySet (*setter)(const Property&) = nullptr;
  void (*set_default)(const Property&, DeviceState*) = nullptr;
  // The member, type-erased: the three functions above know its type.
  alignas(8) unsigned char member[16] = {};
  std::uint64_t default_number = 0;
  const char* default_text = nullptr;
};

template <std::size_t N>
void device_class_set_props(DeviceClass* dc, const Property (&rows)[N]) {
  dc->props = rows;
  dc->props_count = static_cast<int>(N);
}

}  // namespace core
