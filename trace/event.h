// How an event is declared and emitted. This is the only trace header that
// emitting code includes.
//
// An event kind is one struct, written beside the code that emits it:
//
//   struct TypeRegister {
//     static constexpr trace::Declaration declaration{
//         "type_register", trace::Category::qom, trace::Shape::span,
//         "A TypeInfo becomes a TypeImpl in the type table: still paper."};
//     std::string_view name;
//     std::string_view parent;
//     static constexpr auto fields() {
//       return trace::fields(
//           trace::identity("name", &TypeRegister::name, "the type's name"),
//           trace::state("parent", &TypeRegister::parent, "its parent's name"));
//     }
//   };
//
//   trace::Span span{TypeRegister{.name = info.name, .parent = info.parent}};
//
// A span whose outcome is known only at its end declares `struct Result` with a
// `fields()` of its own and calls `span.result(TypeRegister::Result{...})`, which ends
// it.
// Emitting from anywhere in the program puts the kind into the catalogue
// (`vitrine events`) before main() starts; nobody lists kinds a second time.
//
// Cost: disabled, one load and one branch. Enabled, two timestamps and the
// field values copied into the calling thread's ring; no lock, no allocation, no
// system call. Thread rule: every function here may be called from any thread,
// also from constructors that run before main().
#pragma once

#include "trace/declaration.h"
#include "trace/emit.h"  // Span, instant(), counter(): the implementation
