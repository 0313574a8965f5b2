#include "viz/model_events.h"

#include <algorithm>

namespace viz {
namespace {

std::string_view arg(const TypeEvent& event, std::string_view name) {
  for (const auto& [key, value] : event.args) {
    if (key == name) {
      return value;
    }
  }
  return {};
}

std::string_view first_arg(const TypeEvent& event, std::string_view one,
                           std::string_view other) {
  const std::string_view value = arg(event, one);
  return value.empty() ? arg(event, other) : value;
}

// "edu#1" is an object of type "edu".
std::string_view type_of_object(std::string_view id) {
  return id.substr(0, id.rfind('#'));
}

}  // namespace

bool ModelFromEvents::wants(std::string_view event_name) {
  constexpr std::string_view wanted[] = {
      "type_register", "type_initialize",   "type_initialize_interface", "interface",
      "object_new",    "object_initialize", "object_finalize",
  };
  return std::find(std::begin(wanted), std::end(wanted), event_name) != std::end(wanted);
}

void ModelFromEvents::add(const TypeEvent& event) {
  if (event.name == "type_register") {
    type_register(event);
  } else if (event.name == "type_initialize") {
    class_made(event);
  } else if (event.name == "interface" || event.name == "type_initialize_interface") {
    interface(event);
  } else if (event.name == "object_new" || event.name == "object_initialize") {
    object_made(event);
  } else if (event.name == "object_finalize") {
    object_gone(event);
  }
}

void ModelFromEvents::type_register(const TypeEvent& event) {
  const std::string_view name = arg(event, "name");
  if (name.empty()) {
    return;
  }
  Type& type = model_.type(name);
  if (type.register_order != 0) {
    return;
  }
  type.register_order = ++registered_;
  type.parent = arg(event, "parent");
  type.abstract = arg(event, "abstract") == "true";
  type.loc = event.loc;
}

// QEMU makes a type "edu::conventional-pci-device" for each interface of a class;
// what counts here is which class names which interface.
void ModelFromEvents::interface(const TypeEvent& event) {
  const std::string_view name = first_arg(event, "type", "name");
  const std::string_view what = arg(event, "interface");
  if (name.empty() || what.empty() || name == what) {
    return;
  }
  std::vector<std::string>& list = model_.type(name).interfaces;
  if (std::find(list.begin(), list.end(), what) == list.end()) {
    list.emplace_back(what);
  }
}

void ModelFromEvents::class_made(const TypeEvent& event) {
  const std::string_view name = first_arg(event, "name", "type");
  if (name.empty()) {
    return;
  }
  Type& type = model_.type(name);
  if (type.class_order != 0) {
    return;
  }
  type.class_order = ++initialized_;
  type.class_init_ns = event.dur_ns;
  type.state = std::max(type.state, State::klass);
}

void ModelFromEvents::object_made(const TypeEvent& event) {
  const std::string_view id = arg(event, "object");
  const std::string_view name =
      id.empty() ? first_arg(event, "type", "name") : type_of_object(id);
  if (name.empty() || (!id.empty() && !made_.emplace(id).second)) {
    return;
  }
  Type& type = model_.type(name);
  type.state = State::instantiated;
  ++type.objects;
}

void ModelFromEvents::object_gone(const TypeEvent& event) {
  const std::string_view id = arg(event, "object");
  if (id.empty() || !gone_.emplace(id).second || made_.find(id) == made_.end()) {
    return;
  }
  ++model_.type(type_of_object(id)).finalized;
}

TypeModel ModelFromEvents::finish() {
  TypeModel done = std::move(model_);
  *this = ModelFromEvents{};
  done.settle();
  return done;
}

}  // namespace viz
