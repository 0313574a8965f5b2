// Interrupt lines. See irq.h.
#include "core/irq.h"

#include <algorithm>
#include <utility>

#include "qom/composition.h"
#include "qom/module.h"

namespace core {
namespace {

using namespace qom;

struct SetIrq {
  static constexpr trace::Declaration declaration{
      "qemu_set_irq", trace::Category::irq, trace::Shape::span,
      "A device raises or lowers a line; what listens runs inside."};
  trace::ObjectId irq;
  int n = 0;
  int level = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("irq", &SetIrq::irq, "the line"),
                         trace::identity("n", &SetIrq::n, "its number at the listener"),
                         trace::state("level", &SetIrq::level, "1 raised, 0 lowered"));
  }
};

constinit const TypeInfo irq_info{
    .name = TYPE_IRQ,
    .parent = TYPE_OBJECT,
    .instance = instance_struct<IrqState>(),
};

void irq_register_types() {
  type_register_static(irq_info);
}

}  // namespace

Irq qemu_allocate_irq(IrqHandler handler, int n) {
  auto* irq = object_cast<IrqState>(object_new(TYPE_IRQ));
  irq->handler = std::move(handler);
  irq->n = n;
  return irq;
}

std::vector<Irq> qemu_allocate_irqs(const IrqHandler& handler, int count) {
  std::vector<Irq> irqs;
  irqs.reserve(static_cast<std::size_t>(std::max(count, 0)));
  for (int n = 0; n < count; ++n)
    irqs.push_back(qemu_allocate_irq(handler, n));
  return irqs;
}

void qemu_set_irq(Irq irq, int level) {
  if (!irq)
    return;
  trace::Span span{SetIrq{.irq = object_id(irq), .n = irq->n, .level = level}};
  if (irq->handler)
    irq->handler(irq->n, level);
}

type_init(irq_register_types)

}  // namespace core
