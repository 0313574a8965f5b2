// The type hierarchy as a plain value: what every picture of types is drawn from.
//
// Three sources fill it: a trace (viz/model_events.h), the program's own type table
// (a tool walks it) and a QEMU binary asked over QMP (a tool asks). No source is
// trusted: a trace may name parents that never appear, or a parent cycle. settle()
// repairs both, so that a drawing function may walk the tree without fear.
//
// Thread rule: a model belongs to one thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace viz {

// How far a type has come in this run (the lecture's stages 2, 3 and 4).
enum class State : std::uint8_t { paper, klass, instantiated };
std::string_view state_name(State state);  // "paper", "class", "instantiated"

struct Type {
  std::string name;
  std::string parent;  // empty for a root
  bool abstract = false;
  // Interfaces this type names itself; those its ancestors name are not repeated.
  std::vector<std::string> interfaces;
  State state = State::paper;
  std::uint64_t objects = 0;    // created in this run
  std::uint64_t finalized = 0;  // of those, gone again
  std::string loc;              // source place, "src/hw/edu.cc:40"; may be empty
  std::string registered_by;    // the function its module registered; may be empty
  // Place in the order of registration and of class initialisation; 0 = unknown.
  std::uint32_t register_order = 0;
  std::uint32_t class_order = 0;
  std::uint64_t class_init_ns = 0;  // time of its class initialisation; 0 = unknown
  // The family it belongs to; settle() fills an empty one with the ancestor just
  // below the root ("device", "machine").
  std::string subsystem;

  std::string mark;      // said behind the name; empty in a single hierarchy
  std::string standing;  // said instead of the state; empty: the state's name

  // Filled by settle().
  bool missing = false;  // named as somebody's parent, never registered itself
  std::string note;      // what settle() repaired; empty if nothing
  std::vector<const Type*> children;  // by name
  std::uint32_t depth = 0;            // 0 for a root
  std::uint32_t descendants = 0;
  std::uint32_t used_below = 0;  // of the descendants, those with objects
};

class TypeModel {
 public:
  // Moved, not copied: the links between types point into this model.
  TypeModel() = default;
  TypeModel(TypeModel&&) = default;
  TypeModel& operator=(TypeModel&&) = default;

  // The type of that name, made if new. Invalidates what settle() filled.
  Type& type(std::string_view name);
  const Type* find(std::string_view name) const;  // nullptr if unknown

  // Links children, makes missing parents, cuts parent cycles (the type first by
  // name becomes a root, with a note), counts. Call after the last change.
  void settle();

  const std::map<std::string, Type, std::less<>>& types() const { return types_; }

  const std::vector<const Type*>& roots() const { return roots_; }  // biggest first

  std::size_t size() const { return types_.size(); }

  std::size_t count(State state) const;

  // True if `type` is `ancestor` or below it. Settled models only.
  static bool is_a(const TypeModel& model, const Type& type, std::string_view ancestor);

  // What the model shows, for titles: "qemu-system-x86_64 7.2.22".
  std::string source;
  // False when the source cannot tell paper from class (a QEMU asked over QMP has
  // initialised every class in order to answer).
  bool states_known = true;

 private:
  void make_missing_parents();
  void cut_cycles();
  void link();

  std::map<std::string, Type, std::less<>> types_;
  std::vector<const Type*> roots_;
};

}  // namespace viz
