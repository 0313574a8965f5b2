// The words of which event kinds are made: categories, shapes, roles, field types.
// Emitting code includes event.h, which includes this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>

namespace trace {

// The subsystem an event belongs to: the `cat` of the JSON.
enum class Category : std::uint8_t {
  module,
  qom,
  option,
  machine,
  accel,
  kvm,
  device,
  memory,
  irq,
  vcpu,
  guest,
  host,
};

// span: has a begin and an end and encloses others. instant: a point.
// counter: a number that goes up and down; all its fields are numbers.
enum class Shape : std::uint8_t { span, instant, counter };

// How comparing two traces treats a field. identity: compared to find the same
// step in the other trace. state: compared once the two steps are aligned.
// volatile_: shown, never compared (times, host numbers, random values).
enum class Role : std::uint8_t { identity, state, volatile_ };

struct Declaration {
  std::string_view name;  // QEMU's function name where there is one
  Category category;
  Shape shape;
  std::string_view help;  // one sentence
};

// A number that reads better in hexadecimal; written to JSON as "0x...".
struct Hex {
  std::uint64_t value = 0;
};

// A QOM object without its address: type and running number of that type,
// written "kvm-accel#1". `flow` (same for every event about the object) ties the
// events of one object together; 0 means "no object" and is written as "".
struct ObjectId {
  std::string_view type;
  std::uint32_t number = 0;
};

// Field types: bool, any integer type, double, std::string_view (copied; cut at
// `max_text` bytes with a final U+2026), Hex, ObjectId.
inline constexpr std::size_t max_text = 1024;

template <class E, class T>
struct Field {
  std::string_view name;
  Role role;
  T E::*member;
  std::string_view help;
};

template <class E, class T>
constexpr Field<E, T> identity(std::string_view name, T E::*member,
                               std::string_view help = {}) {
  return {name, Role::identity, member, help};
}

template <class E, class T>
constexpr Field<E, T> state(std::string_view name, T E::*member,
                            std::string_view help = {}) {
  return {name, Role::state, member, help};
}

template <class E, class T>
constexpr Field<E, T> volatile_field(std::string_view name, T E::*member,
                                     std::string_view help = {}) {
  return {name, Role::volatile_, member, help};
}

template <class... F>
constexpr std::tuple<F...> fields(F... field) {
  return {field...};
}

}  // namespace trace
