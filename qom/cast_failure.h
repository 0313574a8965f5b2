// What a failing checked cast says before it ends the program.
#pragma once

#include "qom/base.h"

namespace qom {

struct CastPlace {
  const char* file;
  int line;
  const char* func;
};

// "FILE:LINE:FUNC: Object 0x... is not an instance of type T", an event at that
// place, abort.
[[noreturn]] void object_cast_failed(Object* obj, const char* name,
                                     const CastPlace& place);
[[noreturn]] void class_cast_failed(ObjectClass* klass, const char* name,
                                    const CastPlace& place);

}  // namespace qom
