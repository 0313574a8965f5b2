#include "tools/own_types.h"

#include "qom/module.h"
#include "qom/type.h"

namespace tools {

namespace {

// On paper an interface does not say that it is abstract: it becomes so when its class
// is made, because its instances would have no size (qom-semantics 50).
bool will_be_abstract(const qom::TypeImpl& impl) {
  const qom::TypeImpl* type = &impl;
  // As many steps as there are types: a plugin may name parents in a circle.
  for (std::size_t left = qom::type_table_get().in_order.size();
       type != nullptr && left > 0; --left) {
    if (type->name_text == qom::TYPE_INTERFACE) {
      return true;
    }
    type = qom::type_get_by_name(type->parent_text.c_str());
  }
  return impl.abstract;
}

}  // namespace

viz::TypeModel types_of_this_program() {
  if (qom::type_table_get().in_order.empty()) {
    qom::module_call_init(qom::MODULE_INIT_QOM);
  }
  viz::TypeModel model;
  model.source = "vitrine";
  std::uint32_t order = 0;
  for (const qom::TypeImpl* impl : qom::type_table_get().in_order) {
    viz::Type& type = model.type(impl->name_text);
    type.parent = impl->parent_text;
    type.abstract = will_be_abstract(*impl);
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
