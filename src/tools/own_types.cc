#include "tools/own_types.h"

#include "qom/module.h"
#include "qom/type.h"

namespace tools {

viz::TypeModel types_of_this_program() {
  if (qom::type_table().in_order.empty()) {
    qom::module_call_init(qom::MODULE_INIT_QOM);
  }
  viz::TypeModel model;
  model.source = "vitrine";
  std::uint32_t order = 0;
  for (const qom::TypeImpl* impl : qom::type_table().in_order) {
    viz::Type& type = model.type(impl->name_text);
    type.parent = impl->parent_text;
    type.abstract = impl->abstract;
    type.interfaces = impl->interface_names;
    type.register_order = ++order;
    type.objects = impl->instances_made;
    type.state = impl->instances_made != 0 ? viz::State::instantiated
                 : impl->klass != nullptr  ? viz::State::klass
                                           : viz::State::paper;
  }
  model.settle();
  return model;
}

}  // namespace tools
