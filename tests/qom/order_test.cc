// The order in which files ask for their type_init function is the linker's. These
// tests shuffle it: a family of types must come out the same in any order.
#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "fixture.h"
#include "qom/module_list.h"

namespace qom_test {

namespace {

constexpr int family_size = 31;

// A binary tree: t0 is the root, the parent of tN is t((N-1)/2).
struct DepthClass : ObjectClass {
  int depth = 0;
};

std::string name_of(int number) {
  return "t" + std::to_string(number);
}

// A class begins as a copy of its parent's, so this counts levels only if the parent's
// class was made first.
void one_deeper(ObjectClass* klass, void*) {
  static_cast<DepthClass*>(klass)->depth += 1;
}

template <int number>
void register_type_number() {
  const std::string name = name_of(number);
  const std::string parent = number == 0 ? TYPE_OBJECT : name_of((number - 1) / 2);
  TypeInfo info{.name = name.c_str(), .parent = parent.c_str(), .class_init = one_deeper};
  if (number == 0) {
    info.klass = class_struct<DepthClass>();
  }
  type_register_static(info);
}

template <int... number>
constexpr auto functions_of(std::integer_sequence<int, number...>) {
  return std::array<void (*)(), sizeof...(number)>{register_type_number<number>...};
}

int depth_of(int number) {
  int depth = 1;
  for (; number > 0; number = (number - 1) / 2) {
    ++depth;
  }
  return depth;
}

int depth_in_class(int number) {
  ObjectClass* klass = object_class_by_name(name_of(number).c_str());
  return klass == nullptr ? -1 : static_cast<DepthClass*>(klass)->depth;
}

// The modules ask in an order that only `seed` decides; then their phase is called.
void start_in_order_of(unsigned seed) {
  auto functions = functions_of(std::make_integer_sequence<int, family_size>{});
  std::shuffle(functions.begin(), functions.end(), std::mt19937{seed});
  for (auto function : functions) {
    register_module_init(function, MODULE_INIT_QOM);
  }
  module_call_init(MODULE_INIT_QOM);
}

}  // namespace

TEST(QomOrder, a_shuffled_start_gives_every_type_its_class) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    const IsolatedTypes types;
    const IsolatedModules modules;
    start_in_order_of(seed);

    for (int number = 0; number < family_size; ++number) {
      EXPECT_EQ(depth_in_class(number), depth_of(number)) << "seed " << seed;
    }
  }
}

TEST(QomOrder, a_search_through_all_types_finds_them_in_any_order) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    const IsolatedTypes types;
    const IsolatedModules modules;
    start_in_order_of(seed);

    EXPECT_EQ(object_class_get_list("t0", true).size(), std::size_t{family_size})
        << "seed " << seed;
  }
}

TEST(QomOrder, the_shuffle_does_put_children_before_their_parents) {
  const IsolatedTypes types;
  const IsolatedModules modules;
  start_in_order_of(1);

  int early = 0;
  const std::vector<TypeImpl*>& order = type_table_get().in_order;
  for (auto type = order.begin(); type != order.end(); ++type) {
    early += std::any_of(type + 1, order.end(), [&](const TypeImpl* later) {
      return later->name_text == (*type)->parent_text;
    });
  }

  EXPECT_GT(early, 5);
}

}  // namespace qom_test
