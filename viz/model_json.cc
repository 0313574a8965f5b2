#include "viz/model_json.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace viz {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view format_name = "vitrine-types";
constexpr int format_version = 1;

Json to_json(const Type& type) {
  Json out;
  out["name"] = type.name;
  out["parent"] = type.parent.empty() ? Json(nullptr) : Json(type.parent);
  out["abstract"] = type.abstract;
  out["state"] = state_name(type.state);
  out["objects"] = type.objects;
  out["finalized"] = type.finalized;
  out["interfaces"] = type.interfaces;
  out["subsystem"] = type.subsystem;
  out["loc"] = type.loc;
  out["registered_by"] = type.registered_by;
  out["register_order"] = type.register_order;
  out["class_order"] = type.class_order;
  out["class_init_ns"] = type.class_init_ns;
  if (type.missing) {
    out["missing"] = true;
  }
  return out;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

State state_from_name(const std::string& name) {
  for (const State state : {State::paper, State::klass, State::instantiated}) {
    if (state_name(state) == name) {
      return state;
    }
  }
  throw std::runtime_error("state '" + name + "' is none of paper, class, instantiated");
}

void from_json(const Json& json, TypeModel& model) {
  const std::string name = json.at("name").get<std::string>();
  if (model.find(name)) {
    throw std::runtime_error("type '" + name + "' is listed twice");
  }
  Type& type = model.type(name);
  if (json.contains("parent") && !json.at("parent").is_null()) {
    type.parent = json.at("parent").get<std::string>();
  }
  type.abstract = json.value("abstract", false);
  type.state = state_from_name(json.value("state", std::string("paper")));
  type.objects = json.value("objects", std::uint64_t{0});
  type.finalized = json.value("finalized", std::uint64_t{0});
  type.interfaces = json.value("interfaces", std::vector<std::string>{});
  type.subsystem = json.value("subsystem", std::string());
  type.loc = json.value("loc", std::string());
  type.registered_by = json.value("registered_by", std::string());
  type.register_order = json.value("register_order", 0U);
  type.class_order = json.value("class_order", 0U);
  type.class_init_ns = json.value("class_init_ns", std::uint64_t{0});
  type.missing = json.value("missing", false);
}

}  // namespace

std::string model_to_json(const TypeModel& model) {
  Json head;
  head["format"] = format_name;
  head["version"] = format_version;
  head["source"] = model.source;
  head["states_known"] = model.states_known;
  head["summary"] = {{"types", model.size()},
                     {"paper", model.count(State::paper)},
                     {"class", model.count(State::klass)},
                     {"instantiated", model.count(State::instantiated)}};
  std::string out = dump(head);
  out.back() = ',';
  out += "\"types\":[";
  const char* between = "\n";
  for (const auto& [name, type] : model.types()) {
    out += between + dump(to_json(type));
    between = ",\n";
  }
  return out + "\n]}\n";
}

bool looks_like_model_json(std::string_view text) {
  const std::size_t at = text.substr(0, 64).find("\"format\"");
  return at != std::string_view::npos &&
         text.substr(at, 40).find(format_name) != std::string_view::npos;
}

// A list of types as others write it: QMP's answer to qom-list-types, bare or as
// "return", or a document with "types".
TypeModel model_from_list_json(std::string_view text) {
  TypeModel model;
  model.states_known = false;
  try {
    const Json json = Json::parse(text);
    const Json& list = json.is_array()          ? json
                       : json.contains("types") ? json.at("types")
                                                : json.at("return");
    for (const Json& row : list) {
      const std::string name = row.at("name").get<std::string>();
      Type& type = model.type(name);
      const auto parent = row.find("parent");
      type.parent = parent != row.end() && parent->is_string()
                        ? parent->get<std::string>()
                        : std::string();
      type.abstract = row.value("abstract", false);
      type.state = State::klass;
      const char* key = row.contains("own_interfaces") ? "own_interfaces" : "interfaces";
      if (row.contains(key)) {
        type.interfaces = row.at(key).get<std::vector<std::string>>();
      }
    }
  } catch (const std::exception& error) {
    throw std::runtime_error(
        std::string("not a list of types, [{\"name\", \"parent\", \"abstract\"}...]: ") +
        error.what());
  }
  model.settle();
  return model;
}

TypeModel model_from_json(std::string_view text) {
  TypeModel model;
  try {
    const Json json = Json::parse(text);
    if (json.at("format") != format_name || json.at("version") != format_version) {
      throw std::runtime_error("it is not a vitrine-types document of version 1");
    }
    model.source = json.value("source", std::string());
    model.states_known = json.value("states_known", true);
    for (const Json& type : json.at("types")) {
      from_json(type, model);
    }
  } catch (const std::exception& error) {
    throw std::runtime_error(std::string("cannot read the type model: ") + error.what());
  }
  model.settle();
  return model;
}

}  // namespace viz
