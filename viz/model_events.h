// A type model from a trace: what its events say happened to each type.
//
//   module_init      {function}                 a module's function runs; encloses
//   type_register    {name, parent, abstract, interfaces}   a type exists, on paper
//   type_initialize  {name, parent}             its class exists
//   type_initialize_interface {name, interface, inherited}
//   object_new, instance_init, instance_post_init {object: "edu#1"}   an object exists
//   object_finalize  {object}                   and is gone
//
// A trace can be cut anywhere and can come from anywhere: unknown events are
// skipped, an event about an unknown type makes the type, the same event twice
// counts once.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "viz/model.h"

namespace viz {

// One event as far as types care. Views are used during the call only.
struct TypeEvent {
  std::string_view name;
  std::string_view loc;
  std::uint64_t seq = 0;
  std::uint64_t par = 0;  // seq of the enclosing span
  std::uint64_t ts_ns = 0;
  std::uint64_t dur_ns = 0;
  std::vector<std::pair<std::string_view, std::string_view>> args;  // values as text
};

class ModelFromEvents {
 public:
  // True for the names add() does something with: lets a reader skip the rest.
  static bool wants(std::string_view event_name);

  void add(const TypeEvent& event);

  // The settled model; the builder is empty afterwards.
  TypeModel finish();

 private:
  void type_register(const TypeEvent& event);
  void type_initialize(const TypeEvent& event);
  void interface_made(const TypeEvent& event);
  void object_made(const TypeEvent& event);
  void object_gone(const TypeEvent& event);
  void add_interface(Type& type, std::string_view name);
  void name_modules();
  void number_classes();

  TypeModel model_;

  struct Module {
    std::string function;
    std::string loc;
  };

  std::map<std::uint64_t, Module> modules_;          // by the seq of its module_init
  std::map<std::string, std::uint64_t> registrars_;  // type: seq of what encloses it
  std::set<std::string, std::less<>> made_;          // object ids seen
  std::set<std::string, std::less<>> gone_;
  std::uint32_t registered_ = 0;
  std::set<std::string> initialized_;
  std::map<std::pair<std::uint64_t, std::string>, Type*> class_ends_;  // by time
};

}  // namespace viz
