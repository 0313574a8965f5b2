// Paths into a small tree with links: every text resolves or does not, and an object
// found by an absolute path is found again by its canonical path.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "qom/composition.h"
#include "qom/module.h"
#include "qom/object.h"
#include "qom/property.h"

namespace {

using namespace qom;

Object* make_tree() {
  if (type_get_by_name(TYPE_OBJECT) == nullptr) {
    module_call_init(MODULE_INIT_QOM);
  }
  Object* root = object_get_root();
  Object* deep = container_get(root, "/a/b/c");
  container_get(root, "/a/a/a");
  container_get(root, "/b/c");
  object_property_add_const_link(deep, "up", container_get(root, "/a"));
  object_property_add_alias(root, "alias", container_get(root, "/a/b"), "c");
  return root;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Object* root = make_tree();
  const std::string_view path(reinterpret_cast<const char*>(data), size);
  bool ambiguous = false;
  Object* found = object_resolve_path(path, &ambiguous);
  if (found != nullptr && ambiguous) {
    std::abort();
  }
  if (found != nullptr) {
    const auto canonical = object_get_canonical_path(found);
    if (!canonical || object_resolve_path(*canonical) != found) {
      std::abort();
    }
  }
  object_resolve_path_type(path, TYPE_CONTAINER, &ambiguous);
  object_resolve_path_component(root, path);
  return 0;
}
