// A checked cast fails: a mistake in code, so it is said with its place, recorded,
// and the program ends.
#include "qom/cast_failure.h"

#include <cstdio>
#include <cstdlib>

#include "qom/object.h"

namespace qom {

namespace {

struct ObjectDynamicCastAssert {
  static constexpr trace::Declaration declaration{
      "object_dynamic_cast_assert", trace::Category::qom, trace::Shape::instant,
      "A checked cast of an object failed; the program ends."};
  trace::ObjectId object;
  std::string_view type;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("object", &ObjectDynamicCastAssert::object, "what was cast"),
        trace::identity("type", &ObjectDynamicCastAssert::type, "what it is not"));
  }
};

struct ObjectClassDynamicCastAssert {
  static constexpr trace::Declaration declaration{
      "object_class_dynamic_cast_assert", trace::Category::qom, trace::Shape::instant,
      "A checked cast of a class failed; the program ends."};
  std::string_view name;
  std::string_view type;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("name", &ObjectClassDynamicCastAssert::name, "the class's type"),
        trace::identity("type", &ObjectClassDynamicCastAssert::type, "what it is not"));
  }
};

[[noreturn]] void say_and_abort(const void* what, const char* name,
                                const CastPlace& place) {
  std::fprintf(stderr, "%s:%d:%s: Object %p is not an instance of type %s\n", place.file,
               place.line, place.func, what, name);
  std::fflush(stderr);
  std::abort();
}

}  // namespace

void object_cast_failed(Object* obj, const char* name, const CastPlace& place) {
  trace::instant(ObjectDynamicCastAssert{.object = object_id(obj), .type = name},
                 place.file, place.line);
  say_and_abort(obj, name, place);
}

void class_cast_failed(ObjectClass* klass, const char* name, const CastPlace& place) {
  trace::instant(
      ObjectClassDynamicCastAssert{.name = object_class_get_name(klass), .type = name},
      place.file, place.line);
  say_and_abort(klass, name, place);
}

}  // namespace qom
