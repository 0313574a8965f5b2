// A plugin whose type lists one interface too many.
#include <array>

#include "qom/module.h"
#include "qom/object.h"

namespace {

void register_types() {
  std::array<qom::InterfaceInfo, 34> list{};
  std::fill(list.begin(), list.end() - 1, qom::InterfaceInfo{"user-creatable"});
  const qom::TypeInfo greedy{
      .name = "plugin-greedy", .parent = "object", .interfaces = list.data()};
  qom::type_register(&greedy);
}

type_init(register_types);

}  // namespace
