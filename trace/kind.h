// What the recorder knows about one event kind: its declaration, its fields as
// data, whether it is switched on, and the places in the source that emit it.
// One Kind exists per event struct, as constant data, so that a constructor that
// runs before every other one may already emit. Emitting code does not use this
// header directly; the catalogue, the writers and the tools do.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "trace/declaration.h"

namespace trace {

// How a field's value is stored in a record and written to JSON.
enum class Type : std::uint8_t { boolean, integer, natural, real, text, hex, object };

struct FieldInfo {
  std::string_view name;
  Role role = Role::identity;
  Type type = Type::text;
  std::string_view help;
};

// One place in the source that emits a kind: what `loc` is made of. Never freed.
struct Site {
  const char* file = nullptr;
  int line = 0;
  std::uint32_t id = 0;
  Site* next = nullptr;
};

struct alignas(16) Kind {
  // What emitting reads stands together, in one cache line: after an exit every line
  // has to be fetched again.
  std::atomic<bool> on{true};         // the only word a disabled event looks at
  std::atomic<Site*> sites{nullptr};  // append-only; read without a lock
  const Declaration* declaration = nullptr;
  std::span<const FieldInfo> fields;
  std::span<const FieldInfo> results;
  Kind* next = nullptr;  // catalogue list, under the recorder's lock
  bool listed = false;
};

namespace detail {

template <class T>
constexpr Type type_of() {
  if constexpr (std::is_same_v<T, bool>) {
    return Type::boolean;
  } else if constexpr (std::is_same_v<T, double>) {
    return Type::real;
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    return Type::text;
  } else if constexpr (std::is_same_v<T, Hex>) {
    return Type::hex;
  } else if constexpr (std::is_same_v<T, ObjectId>) {
    return Type::object;
  } else {
    static_assert(std::is_integral_v<T>, "not a trace field type (see event.h)");
    return std::is_signed_v<T> ? Type::integer : Type::natural;
  }
}

template <class E, class T>
constexpr FieldInfo describe(const Field<E, T>& field) {
  return {field.name, field.role, type_of<T>(), field.help};
}

template <class S>
constexpr auto describe_all() {
  return std::apply(
      [](const auto&... field) {
        return std::array<FieldInfo, sizeof...(field)>{describe(field)...};
      },
      S::fields());
}

struct Nothing {
  static constexpr auto fields() { return std::tuple<>{}; }
};

template <class E>
struct ResultOf {
  using type = Nothing;
};

template <class E>
requires requires {
  typename E::Result;
}

struct ResultOf<E> {
  using type = typename E::Result;
};

// Puts a kind into the catalogue; returns true so that it can initialise a variable.
bool add_kind(Kind& kind);

// The one Kind of an event struct. `listed` runs add_kind before main().
template <class E>
struct Catalogue {
  static constexpr auto fields = describe_all<E>();
  static constexpr auto results = describe_all<typename ResultOf<E>::type>();
  static inline constinit Kind kind{
      .declaration = &E::declaration,
      .fields = std::span<const FieldInfo>(fields.data(), fields.size()),
      .results = std::span<const FieldInfo>(results.data(), results.size()),
  };
  static inline const bool listed = add_kind(kind);
};

}  // namespace detail
}  // namespace trace
