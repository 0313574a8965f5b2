// Random number back ends, in the properties and words of QEMU 4.0.
#include <gtest/gtest.h>

#include "qom/composition.h"
#include "qom/property.h"
#include "types.h"

namespace backend {
namespace {

using namespace qom;

std::string error_of(const char* type, const PropertyTexts& properties) {
  register_types();
  try {
    object_unref(user_creatable_add_type(type, "r0", properties));
  } catch (const Error& error) {
    return error.what();
  }
  user_creatable_del("r0");
  return "";
}

TEST(RngRandom, opens_its_file_when_it_is_complete) {
  EXPECT_EQ(error_of("rng-random", {{"filename", "/dev/null"}}), "");
  EXPECT_EQ(error_of("rng-random", {{"filename", "nosuch"}}),
            "Could not open 'nosuch': No such file or directory");
}

TEST(RngRandom, has_the_default_file_of_4_0) {
  register_types();
  const Ref<> random(object_new("rng-random"));

  EXPECT_EQ(object_property_get_str(random.get(), "filename"), "/dev/random");
}

TEST(RngRandom, its_file_is_fixed_once_opened) {
  register_types();
  const Ref<> random(object_new("rng-random"));
  object_property_set_str(random.get(), "/dev/null", "filename");
  object_property_set_bool(random.get(), true, "opened");

  EXPECT_THROW(object_property_set_str(random.get(), "/dev/zero", "filename"), Error);
}

TEST(RngBackend, is_abstract) {
  EXPECT_EQ(error_of("rng-backend", {}), "object type 'rng-backend' is abstract");
}

}  // namespace
}  // namespace backend
