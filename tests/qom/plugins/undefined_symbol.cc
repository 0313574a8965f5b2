// A plugin that needs a function nobody has.
#include "qom/module.h"

void function_that_nobody_has();

namespace {

void register_types() {
  function_that_nobody_has();
}

type_init(register_types);

}  // namespace
