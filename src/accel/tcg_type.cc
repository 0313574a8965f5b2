// tcg-accel: the software CPU as an accelerator. It needs nothing of the host, so every
// guest runs everywhere; and it counts time in instructions, so a run repeated gives
// the same run. The name is QEMU's, whose "tiny code generator" it stands in for.
#include "accel/tcg.h"
#include "qom/module.h"
#include "qom/object.h"

namespace accel {

using namespace core;

namespace {

constexpr const char* TYPE_TCG_ACCEL = "tcg-accel";

bool tcg_allowed = false;

void tcg_accel_class_init(ObjectClass* klass, void*) {
  auto* ac = class_cast<AccelClass>(klass);
  ac->name = "tcg";
  ac->init_machine = tcg_init;
  ac->allowed = &tcg_allowed;
}

const TypeInfo tcg_accel_type = {
    .name = TYPE_TCG_ACCEL,
    .parent = TYPE_ACCEL,
    .class_init = tcg_accel_class_init,
};

void register_accel_types() {
  type_register_static(&tcg_accel_type);
}

type_init(register_accel_types)

}  // namespace
}  // namespace accel
