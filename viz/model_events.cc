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

// "edu#1" is an object of type "edu".
std::string_view type_of_object(std::string_view id) {
  return id.substr(0, id.rfind('#'));
}

// "edu::conventional-pci-device": a class made for one interface, no type of its own.
bool is_interface_class(std::string_view name) {
  return name.find("::") != std::string_view::npos;
}

}  // namespace

bool ModelFromEvents::wants(std::string_view event_name) {
  constexpr std::string_view wanted[] = {
      "module_init", "type_register", "type_initialize",    "type_initialize_interface",
      "object_new",  "instance_init", "instance_post_init", "object_finalize",
  };
  return std::find(std::begin(wanted), std::end(wanted), event_name) != std::end(wanted);
}

void ModelFromEvents::add(const TypeEvent& event) {
  if (event.name == "module_init") {
    modules_[event.seq] = {std::string(arg(event, "function")), std::string(event.loc)};
  } else if (event.name == "type_register") {
    type_register(event);
  } else if (event.name == "type_initialize") {
    type_initialize(event);
  } else if (event.name == "type_initialize_interface") {
    interface_made(event);
  } else if (event.name == "object_finalize") {
    object_gone(event);
  } else if (wants(event.name)) {
    object_made(event);
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
  registrars_[type.name] = event.par;
  std::string_view list = arg(event, "interfaces");
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    add_interface(type, list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

void ModelFromEvents::type_initialize(const TypeEvent& event) {
  const std::string_view name = arg(event, "name");
  if (name.empty() || (is_interface_class(name) && !model_.find(name))) {
    return;
  }
  Type& type = model_.type(name);
  if (!initialized_.insert(type.name).second) {
    return;
  }
  if (type.register_order == 0 && type.parent.empty()) {
    type.parent = arg(event, "parent");  // a trace whose beginning is lost
  }
  class_ends_[{event.ts_ns + event.dur_ns, type.name}] = &type;
  type.class_init_ns = event.dur_ns;
  type.state = std::max(type.state, State::klass);
  // An interface becomes abstract when its class is made: its objects have no size.
  type.abstract = type.abstract || arg(event, "abstract") == "true";
}

void ModelFromEvents::interface_made(const TypeEvent& event) {
  const std::string_view name = arg(event, "name");
  if (!name.empty() && !is_interface_class(name) && arg(event, "inherited") != "true") {
    add_interface(model_.type(name), arg(event, "interface"));
  }
}

void ModelFromEvents::add_interface(Type& type, std::string_view name) {
  std::vector<std::string>& list = type.interfaces;
  if (!name.empty() && name != type.name &&
      std::find(list.begin(), list.end(), name) == list.end()) {
    list.emplace_back(name);
  }
}

void ModelFromEvents::object_made(const TypeEvent& event) {
  const std::string_view id = arg(event, "object");
  if (type_of_object(id).empty() || !made_.emplace(id).second) {
    return;
  }
  Type& type = model_.type(type_of_object(id));
  type.state = State::instantiated;
  ++type.objects;
}

void ModelFromEvents::object_gone(const TypeEvent& event) {
  const std::string_view id = arg(event, "object");
  if (made_.find(id) != made_.end() && gone_.emplace(id).second) {
    ++model_.type(type_of_object(id)).finalized;
  }
}

// A type's source place is that of its module: type_register itself is always called
// from the same few lines. A span's line may follow those of its children, so modules
// are looked up at the end.
void ModelFromEvents::name_modules() {
  std::set<std::string_view> places;
  for (const auto& [name, seq] : registrars_) {
    places.insert(model_.type(name).loc);
  }
  for (const auto& [name, seq] : registrars_) {
    Type& type = model_.type(name);
    if (places.size() == 1 && registrars_.size() > 1) {
      type.loc.clear();
    }
    const auto module = modules_.find(seq);
    if (module != modules_.end()) {
      type.registered_by = module->second.function;
      type.loc = module->second.loc.empty() ? type.loc : module->second.loc;
    }
  }
}

// A class is made when its type_initialize ends: parents before children.
void ModelFromEvents::number_classes() {
  std::uint32_t order = 0;
  for (const auto& [end, type] : class_ends_) {
    type->class_order = ++order;
  }
}

TypeModel ModelFromEvents::finish() {
  name_modules();
  number_classes();
  TypeModel done = std::move(model_);
  *this = ModelFromEvents{};
  done.settle();
  return done;
}

}  // namespace viz
