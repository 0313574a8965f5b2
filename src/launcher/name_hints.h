// The line after "unknown name": what the name became or came with, or the spelling that
// is nearest. 4.0's text comes first and stays as it is; this is the one line more.
#pragma once

#include <string>
#include <string_view>

#include "core/qdev.h"

namespace launcher {

using namespace core;

// Empty when nothing is known and nothing is near.
std::string device_hint(std::string_view driver);
std::string object_hint(std::string_view type);
std::string cpu_hint(std::string_view model);
std::string accelerator_hint(std::string_view names);  // as in accel=A:B
std::string netdev_hint(std::string_view type);
std::string chardev_hint(std::string_view backend);
// For a property of `klass` that does not exist. `obj`, if there is one yet, may have
// more properties than its class.
std::string property_hint(ObjectClass* klass, std::string_view property, Object* obj);

// Runs `fn`. If it says "Property '.X' not found", and no more, the error leaves with
// property_hint() behind it.
template <class F>
void with_property_hint(ObjectClass* klass, F fn, Object* obj = nullptr);

// The X of "Property '.X' not found" at the end of a message; empty: it ends otherwise.
std::string_view missing_property(std::string_view message);

template <class F>
void with_property_hint(ObjectClass* klass, F fn, Object* obj) {
  try {
    fn();
  } catch (qom::Error& error) {
    const std::string property(missing_property(error.what()));
    if (error.hint.empty() && !property.empty()) {
      error.hint = property_hint(klass, property, obj);
    }
    throw;
  }
}

}  // namespace launcher
