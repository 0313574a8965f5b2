// What a plugin carries so that the program can refuse one built against other
// headers. Included by module.h when VITRINE_PLUGIN is defined.
#pragma once

#include <cstddef>
#include <cstdint>

#include "qom/type_info.h"

namespace qom {

// Raised when a struct or function that plugins use changes its meaning without
// changing its size.
inline constexpr std::uint32_t plugin_interface = 1;

struct PluginStamp {
  std::uint32_t interface = plugin_interface;
  std::uint32_t type_info = sizeof(TypeInfo);
  std::uint32_t object = sizeof(Object);
  std::uint32_t object_class = sizeof(ObjectClass);
  bool operator==(const PluginStamp&) const = default;
};

}  // namespace qom

#ifdef VITRINE_PLUGIN
// Weak: every source file of a plugin brings one, the linker keeps one.
extern "C" {
__attribute__((
    weak, visibility("default"))) extern const ::qom::PluginStamp vitrine_plugin_stamp;
const ::qom::PluginStamp vitrine_plugin_stamp{};
}
#endif
