#include "tools/qmp_types.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace tools {
namespace {

using nlohmann::json;

constexpr std::size_t most_objects = 100000;  // of a composition tree

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>()
                                                     : std::string();
}

json list_types(Qmp& qmp, const std::string& implements) {
  json arguments{{"abstract", true}};
  if (!implements.empty()) {
    arguments["implements"] = implements;
  }
  json answer = qmp.execute("qom-list-types", arguments);
  if (!answer.is_array()) {
    throw std::runtime_error("the answer to qom-list-types is not a list");
  }
  return answer;
}

void add_types(Qmp& qmp, viz::TypeModel& model) {
  for (const json& entry : list_types(qmp, "")) {
    const std::string name = entry.is_object() ? text_of(entry, "name") : std::string();
    if (name.empty()) {
      continue;
    }
    viz::Type& type = model.type(name);
    type.parent = text_of(entry, "parent");
    type.abstract = entry.value("abstract", json(false)) == json(true);
    type.state = viz::State::klass;
  }
  model.settle();
}

// An interface's implementers, less those whose parent implements it already. The
// interfaces are the types below `interface`: asked for its implementers, QEMU
// answers with something else (a class with two interfaces is an ambiguous cast).
void add_interface(Qmp& qmp, viz::TypeModel& model, const std::string& interface_name) {
  std::set<std::string> implementers;
  for (const json& entry : list_types(qmp, interface_name)) {
    if (entry.is_object()) {
      implementers.insert(text_of(entry, "name"));
    }
  }
  for (const std::string& name : implementers) {
    const viz::Type* type = model.find(name);
    if (type && !implementers.count(type->parent) &&
        !viz::TypeModel::is_a(model, *type, "interface")) {
      model.type(name).interfaces.push_back(interface_name);
    }
  }
}

void add_interfaces(Qmp& qmp, viz::TypeModel& model) {
  std::vector<std::string> names;
  for (const auto& [name, type] : model.types()) {
    if (name != "interface" && viz::TypeModel::is_a(model, type, "interface")) {
      names.push_back(name);
    }
  }
  for (const std::string& name : names) {
    add_interface(qmp, model, name);
  }
}

// Walks child<> properties from the root. A path is visited once, so that even a
// lying answer cannot lead in circles for ever.
void add_objects(Qmp& qmp, viz::TypeModel& model) {
  std::vector<std::string> paths{"/"};
  for (std::size_t i = 0; i < paths.size() && paths.size() < most_objects; ++i) {
    const json list = qmp.execute("qom-list", {{"path", paths[i]}});
    for (const json& property : list) {
      const std::string kind = property.is_object() ? text_of(property, "type") : "";
      if (kind.rfind("child<", 0) != 0 || kind.back() != '>') {
        continue;
      }
      viz::Type& type = model.type(kind.substr(6, kind.size() - 7));
      type.state = viz::State::instantiated;
      ++type.objects;
      paths.push_back((i == 0 ? "/" : paths[i] + "/") + text_of(property, "name"));
    }
  }
}

}  // namespace

viz::TypeModel types_of_qemu(const QmpOptions& options) {
  Qmp qmp(options);
  viz::TypeModel model;
  model.source =
      options.binary.substr(options.binary.rfind('/') + 1) + " " + qmp.version();
  for (const std::string& argument : options.arguments) {
    model.source += " " + argument;
  }
  model.states_known = false;
  add_types(qmp, model);
  add_interfaces(qmp, model);
  add_objects(qmp, model);
  model.settle();
  if (model.size() == 0) {
    throw std::runtime_error("'" + options.binary + "' knows no types");
  }
  return model;
}

}  // namespace tools
