// Section H: properties. (Links and aliases, 143 to 152: links_test.cc)
#include <limits>

#include "fixture.h"
#include "qom/property_text.h"

namespace qom_test {

namespace {

const EnumTable animals{"bat", "cat", "dog"};

struct D : Object {
  static constexpr const char* qom_type = "D";
  bool bv = false;
  std::string sv = "text";
  int av = 0;
  std::int64_t i64 = 0;
  std::uint64_t u64 = 0;
  std::uint32_t u32 = 0;
  std::uint8_t u8 = 0;
  std::uint64_t size = 0;
};

D* d(Object* obj) {
  return object_cast<D>(obj);
}

template <class N, class Visit>
void add_number(Object* obj, const char* name, const char* type, N D::*member,
                Visit visit) {
  using Shown = std::conditional_t<std::is_signed_v<N>, std::int64_t, std::uint64_t>;
  object_property_add(
      obj, name, type,
      [member](Object* o, const ObjectProperty&) { return Value(Shown{d(o)->*member}); },
      [member, visit](Object* o, const ObjectProperty& property, const Value& value) {
        d(o)->*member = visit(value, property.name);
      });
}

void d_init(Object* obj) {
  add_number(obj, "i64", "int64", &D::i64, visit_type_int);
  add_number(obj, "u64", "uint64", &D::u64, visit_type_uint64);
  add_number(obj, "u32", "uint32", &D::u32, visit_type_uint32);
  add_number(obj, "u8", "uint8", &D::u8, visit_type_uint8);
  add_number(obj, "size", "size", &D::size, visit_type_size);
}

void d_class_init(ObjectClass* klass, void*) {
  object_class_property_add_bool(
      klass, "bv", [](Object* o) { return d(o)->bv; },
      [](Object* o, bool to) { d(o)->bv = to; });
  object_class_property_add_str(
      klass, "sv", [](Object* o) { return d(o)->sv; },
      [](Object* o, const std::string& to) {
        if (to == "bad") {
          throw Error("sv does not like bad");
        }
        d(o)->sv = to;
      });
  object_class_property_add_enum(
      klass, "av", "Animal", &animals, [](Object* o) { return d(o)->av; },
      [](Object* o, int to) { d(o)->av = to; });
}

class QomProperties : public Fresh {
 protected:
  QomProperties() {
    add({.name = "D",
         .parent = TYPE_OBJECT,
         .instance = instance_struct<D>(),
         .instance_init = d_init,
         .class_init = d_class_init});
    add({.name = "E", .parent = "D"});
    obj_ = Ref<>(object_new("D"));
  }

  ~QomProperties() override { obj_ = Ref<>(); }

  std::string parse(const char* name, const std::string& text) {
    return error_of([&] { object_property_parse(obj_.get(), text, name); });
  }

  std::string print(const char* name, bool human = false) {
    return object_property_print(obj_.get(), name, human);
  }

  // The value read back after parsing, or the error.
  std::string after(const char* name, const std::string& text) {
    const std::string error = parse(name, text);
    return error.empty() ? print(name) : error;
  }

  Ref<> obj_;
};

Log sorted_names(const std::vector<ObjectProperty*>& list) {
  Log names;
  for (const ObjectProperty* property : list) {
    names.push_back(property->name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TEST_F(QomProperties, H117_class_properties_are_found_before_the_objects_own) {
  object_property_add_str(obj_.get(), "late", [](Object*) { return "own"; }, {});
  object_class_property_add_str(object_class_by_name("D"), "late",
                                [](Object*) { return "class"; }, {});

  EXPECT_EQ(object_property_get_str(obj_.get(), "late"), "class");
}

TEST_F(QomProperties, H117_the_root_classs_property_wins_over_the_leafs) {
  const Ref<> e(object_new("E"));
  object_class_property_add_str(object_class_by_name("E"), "late",
                                [](Object*) { return "leaf"; }, {});
  object_class_property_add_str(object_class_by_name("D"), "late",
                                [](Object*) { return "root"; }, {});

  EXPECT_EQ(object_property_get_str(e.get(), "late"), "root");
}

// Two properties that are added to class "D" when one of them is wanted.
int late_added = 0;
constexpr LateProperties late_pair{
    .has = [](std::string_view name) { return name == "l1" || name == "l2"; },
    .add =
        [](ObjectClass* klass) {
          ++late_added;
          for (const char* name : {"l1", "l2"}) {
            object_class_property_add_str(klass, name, [](Object*) { return "late"; },
                                          {});
          }
        },
};

void add_late_pair() {
  late_added = 0;
  object_class_property_add_late(object_class_by_name("D"), &late_pair);
}

TEST_F(QomProperties, late_properties_are_added_once_one_is_looked_for) {
  add_late_pair();
  EXPECT_EQ(object_property_find(obj_.get(), "nosuch"), nullptr);
  EXPECT_EQ(late_added, 0);

  EXPECT_EQ(object_property_get_str(obj_.get(), "l2"), "late");
  EXPECT_EQ(object_property_get_str(obj_.get(), "l1"), "late");
  EXPECT_EQ(late_added, 1);
}

TEST_F(QomProperties, late_properties_are_listed_also_for_a_leaf) {
  add_late_pair();
  const Ref<> leaf(object_new("E"));

  EXPECT_THAT(sorted_names(object_property_list(leaf.get())),
              ::testing::IsSupersetOf({"l1", "l2"}));
}

TEST_F(QomProperties, the_name_of_a_late_property_is_taken) {
  add_late_pair();

  EXPECT_EQ(error_of([&] { object_property_add_bool(obj_.get(), "l1", {}, {}); }),
            "attempt to add duplicate property 'l1' to object (type 'D')");
  EXPECT_EQ(error_of([] {
              object_class_property_add_bool(object_class_by_name("E"), "l2", {}, {});
            }),
            "attempt to add duplicate property 'l2' to object (type 'E')");
}

TEST_F(QomProperties, H118_a_name_of_the_object_or_of_any_class_is_taken) {
  for (const char* name : {"i64", "bv", "type"}) {
    EXPECT_EQ(error_of([&] { object_property_add_bool(obj_.get(), name, {}, {}); }),
              std::string("attempt to add duplicate property '") + name +
                  "' to object (type 'D')");
  }
}

TEST_F(QomProperties, H119_a_class_property_of_a_parent_is_taken_too) {
  EXPECT_EQ(error_of([] {
              object_class_property_add_bool(object_class_by_name("E"), "bv", {}, {});
            }),
            "attempt to add duplicate property 'bv' to object (type 'E')");
}

TEST_F(QomProperties, H120_a_late_class_property_shows_in_objects_and_subclasses) {
  const Ref<> e(object_new("E"));
  const Ref<> parent(object_new(TYPE_CONTAINER));

  object_class_property_add_bool(object_class_by_name("D"), "late",
                                 [](Object*) { return true; }, {});

  EXPECT_TRUE(object_property_get_bool(obj_.get(), "late"));
  EXPECT_TRUE(object_property_get_bool(e.get(), "late"));
  EXPECT_EQ(object_property_find(parent.get(), "late"), nullptr);
}

TEST_F(QomProperties, H121_an_objects_own_property_is_its_alone) {
  const Ref<> other(object_new("D"));

  object_property_add_bool(obj_.get(), "mine", [](Object*) { return true; }, {});

  EXPECT_EQ(object_property_find(other.get(), "mine"), nullptr);
}

TEST_F(QomProperties, H122_a_later_class_property_hides_the_objects_own) {
  object_property_add_bool(obj_.get(), "late", [](Object*) { return false; }, {});
  object_class_property_add_bool(object_class_by_name("D"), "late",
                                 [](Object*) { return true; }, {});

  EXPECT_TRUE(object_property_get_bool(obj_.get(), "late"));
}

TEST_F(QomProperties, H123_listing_gives_own_then_class_properties_from_the_leaf) {
  object_class_property_add_bool(object_class_by_name("E"), "ev", {}, {});
  const Ref<> e(object_new("E"));
  Log names;
  for (const ObjectProperty* property : object_property_list(e.get())) {
    names.push_back(property->name);
  }

  EXPECT_THAT(names, ElementsAre("i64", "u64", "u32", "u8", "size", "ev", "bv", "sv",
                                 "av", "type"));
}

TEST_F(QomProperties, H123_listing_a_class_gives_class_properties_only) {
  EXPECT_THAT(sorted_names(object_class_property_list(object_class_by_name("D"))),
              ElementsAre("av", "bv", "sv", "type"));
}

TEST_F(QomProperties, H124_every_object_has_a_read_only_type) {
  EXPECT_EQ(object_property_get_str(obj_.get(), "type"), "D");
  EXPECT_EQ(error_of([&] { object_property_set_str(obj_.get(), "E", "type"); }),
            "Insufficient permission to perform this operation");
}

TEST_F(QomProperties, H125_a_missing_property_is_named_with_a_dot) {
  EXPECT_EQ(parse("nope", "1"), "Property '.nope' not found");
  EXPECT_EQ(error_of([&] { object_property_get(obj_.get(), "nope"); }),
            "Property '.nope' not found");
}

TEST_F(QomProperties, H126_without_setter_or_getter_permission_is_insufficient) {
  object_property_add_bool(obj_.get(), "ro", [](Object*) { return true; }, {});
  object_property_add_bool(obj_.get(), "wo", {}, [](Object*, bool) {});

  EXPECT_EQ(parse("ro", "on"), "Insufficient permission to perform this operation");
  EXPECT_EQ(error_of([&] { print("wo"); }),
            "Insufficient permission to perform this operation");
}

TEST_F(QomProperties, H127_setting_a_value_of_another_type_is_refused) {
  Object* obj = obj_.get();

  EXPECT_EQ(error_of([&] { object_property_set_str(obj, "on", "bv"); }),
            "Invalid parameter type for 'bv', expected: boolean");
  EXPECT_EQ(error_of([&] { object_property_set_bool(obj, true, "sv"); }),
            "Invalid parameter type for 'sv', expected: string");
  EXPECT_EQ(error_of([&] { object_property_set_str(obj, "1", "i64"); }),
            "Invalid parameter type for 'i64', expected: integer");
}

TEST_F(QomProperties, H127_so_is_reading_as_another_type) {
  Object* obj = obj_.get();

  EXPECT_EQ(error_of([&] { object_property_get_bool(obj, "sv"); }),
            "Invalid parameter type for 'sv', expected: boolean");
  EXPECT_EQ(error_of([&] { object_property_get_int(obj, "sv"); }),
            "Invalid parameter type for 'sv', expected: int");
  EXPECT_EQ(error_of([&] { object_property_get_str(obj, "bv"); }),
            "Invalid parameter type for 'bv', expected: string");
}

TEST_F(QomProperties, H128_a_setter_that_refuses_leaves_the_value) {
  EXPECT_EQ(parse("sv", "bad"), "sv does not like bad");

  EXPECT_EQ(print("sv"), "text");
}

TEST_F(QomProperties, H129_bool_texts_in_any_case) {
  for (const char* yes : {"on", "yes", "true", "ON", "Yes", "tRuE"}) {
    EXPECT_EQ(after("bv", yes), "true") << yes;
  }
  for (const char* no : {"off", "no", "false", "OFF", "No", "fAlSe"}) {
    EXPECT_EQ(after("bv", no), "false") << no;
  }
}

TEST_F(QomProperties, H129_other_bool_texts_are_refused) {
  for (const char* text : {"y", "n", "1", "0", "", "on "}) {
    EXPECT_EQ(parse("bv", text), "Invalid parameter type for 'bv', expected: boolean")
        << text;
  }
}

TEST_F(QomProperties, H130_an_enum_takes_exact_names_only) {
  EXPECT_EQ(after("av", "cat"), "cat");
  EXPECT_EQ(parse("av", "yeti"), "Invalid parameter 'yeti'");
  EXPECT_EQ(parse("av", "Cat"), "Invalid parameter 'Cat'");
}

TEST_F(QomProperties, H131_int_texts_follow_cs_base_0_rules) {
  EXPECT_EQ(after("i64", "0x10"), "16");
  EXPECT_EQ(after("i64", "010"), "8");
  EXPECT_EQ(after("i64", "-5"), "-5");
  EXPECT_EQ(after("i64", "+5"), "5");
  EXPECT_EQ(after("i64", "  7"), "7");
  EXPECT_EQ(after("i64", "9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(after("i64", "-9223372036854775808"), "-9223372036854775808");
}

TEST_F(QomProperties, H131_other_int_texts_are_refused) {
  for (const char* text : {"08", "7 ", "1.5", "1k", "1-3", "", "9223372036854775808"}) {
    EXPECT_EQ(parse("i64", text), "Parameter 'i64' expects int64") << text;
  }
}

TEST_F(QomProperties, H131_a_text_with_a_nul_byte_is_refused) {
  EXPECT_EQ(parse("i64", std::string("7\0", 2)), "Parameter 'i64' expects int64");
  EXPECT_EQ(parse("size", std::string("7\0", 2)),
            "Parameter 'size' expects a non-negative number below 2^64");
}

TEST_F(QomProperties, H132_small_unsigned_numbers_are_parsed_as_64_bits_first) {
  EXPECT_EQ(after("u8", "255"), "255");
  EXPECT_EQ(parse("u8", "256"), "Parameter 'u8' expects uint8_t");
  EXPECT_EQ(parse("u8", "-1"), "Parameter 'u8' expects uint8_t");
  EXPECT_EQ(parse("u8", "18446744073709551616"), "Parameter 'u8' expects uint64");
  EXPECT_EQ(parse("u32", "4294967296"), "Parameter 'u32' expects uint32_t");
}

TEST_F(QomProperties, H132_negative_texts_wrap) {
  EXPECT_EQ(after("u8", "-18446744073709551615"), "1");
  parse("u64", "-1");
  EXPECT_EQ(d(obj_.get())->u64, std::numeric_limits<std::uint64_t>::max());
}

TEST_F(QomProperties, H133_no_number_at_all_expects_uint64_in_4_0) {
  EXPECT_EQ(parse("u32", "zz"), "Parameter 'u32' expects uint64");
}

TEST_F(QomProperties, H134_sizes_take_suffixes_of_1024) {
  EXPECT_EQ(after("size", "4096"), "4096");
  EXPECT_EQ(after("size", "1.5k"), "1536");
  EXPECT_EQ(after("size", "2G"), "2147483648");
  EXPECT_EQ(after("size", "1b"), "1");
  EXPECT_EQ(after("size", "0x10"), "16");
  EXPECT_EQ(after("size", "0xe"), "14");
  EXPECT_EQ(after("size", "12.345M"), "12944670");
  EXPECT_EQ(after("size", "1e3"), "1000");
}

TEST_F(QomProperties, H134_other_sizes_are_refused) {
  for (const char* text :
       {"1.5", "1KiB", "1kk", "1 k", "1 ", "", "k", "nan", "inf", "1.5b"}) {
    EXPECT_EQ(parse("size", text),
              "Parameter 'size' expects a non-negative number below 2^64")
        << text;
  }
  for (const char* text : {"16E", "-1", "18446744073709551615"}) {
    EXPECT_EQ(parse("size", text),
              "Value '" + std::string(text) + "' is out of range for parameter 'size'");
  }
}

TEST_F(QomProperties, H135_an_enum_reads_as_text_and_by_its_type_as_a_number) {
  parse("av", "dog");

  EXPECT_EQ(object_property_get_str(obj_.get(), "av"), "dog");
  EXPECT_EQ(object_property_get_enum(obj_.get(), "av", "Animal"), 2);
  EXPECT_EQ(error_of([&] { object_property_get_enum(obj_.get(), "av", "Bad"); }),
            "Property av on D is not 'Bad' enum type");
  EXPECT_EQ(error_of([&] { object_property_get_enum(obj_.get(), "i64", "int64"); }),
            "Property i64 on D is not 'int64' enum type");
}

TEST_F(QomProperties, H136_plain_printing) {
  parse("av", "bat");
  EXPECT_EQ(print("bv"), "false");
  EXPECT_EQ(after("i64", "-3"), "-3");
  EXPECT_EQ(print("av"), "bat");
  EXPECT_EQ(print("sv"), "text");
  EXPECT_EQ(after("u64", "-1"), "-1");
  EXPECT_EQ(after("size", "1.5k"), "1536");
}

TEST_F(QomProperties, H136_printing_for_people) {
  parse("sv", "a\"b");
  parse("i64", "255");
  parse("size", "1.5k");

  EXPECT_EQ(print("sv", true), "\"a\"b\"");
  EXPECT_EQ(print("i64", true), "255 (0xff)");
  EXPECT_EQ(print("size", true), "1536 (1.5 KiB)");
  EXPECT_EQ(print("bv", true), "false");
}

TEST_F(QomProperties, H137_release_runs_once_on_deletion) {
  Object* obj = object_new("D");
  object_property_add(obj, "r", "x", {}, {}, [](Object*, const ObjectProperty&) {
    log().push_back("released");
  });

  object_property_del(obj, "r");
  object_unref(obj);

  EXPECT_THAT(log(), ElementsAre("released"));
}

TEST_F(QomProperties, H137_release_runs_once_on_finalize) {
  Object* obj = object_new("D");
  object_property_add(obj, "r", "x", {}, {}, [](Object*, const ObjectProperty&) {
    log().push_back("released");
  });

  object_unref(obj);

  EXPECT_THAT(log(), ElementsAre("released"));
}

TEST_F(QomProperties, H138_deleting_what_the_object_does_not_own_is_an_error) {
  EXPECT_EQ(error_of([&] { object_property_del(obj_.get(), "nope"); }),
            "Property '.nope' not found");
  EXPECT_EQ(error_of([&] { object_property_del(obj_.get(), "bv"); }),
            "Property '.bv' not found");
}

TEST_F(QomProperties, H139_pointer_properties_are_read_only_numbers) {
  static const std::uint8_t u8 = 200;
  static const std::uint16_t u16 = 40000;
  static const std::uint32_t u32 = 3000000000;
  static const std::uint64_t u64 = 1;
  object_property_add_uint8_ptr(obj_.get(), "p8", &u8);
  object_property_add_uint16_ptr(obj_.get(), "p16", &u16);
  object_property_add_uint32_ptr(obj_.get(), "p32", &u32);
  object_property_add_uint64_ptr(obj_.get(), "p64", &u64);

  EXPECT_EQ(object_property_get_uint(obj_.get(), "p8"), 200u);
  EXPECT_EQ(object_property_get_uint(obj_.get(), "p16"), 40000u);
  EXPECT_EQ(object_property_get_uint(obj_.get(), "p32"), 3000000000u);
  EXPECT_EQ(object_property_get_type(obj_.get(), "p64"), "uint64");
  EXPECT_EQ(parse("p8", "1"), "Insufficient permission to perform this operation");
}

TEST_F(QomProperties, H141_descriptions_are_set_per_property) {
  object_property_set_description(obj_.get(), "i64", "a number");
  object_class_property_set_description(object_class_by_name("D"), "bv", "a flag");

  EXPECT_EQ(object_property_find(obj_.get(), "i64")->description, "a number");
  EXPECT_EQ(object_property_find(obj_.get(), "bv")->description, "a flag");
  EXPECT_EQ(error_of([&] { object_property_set_description(obj_.get(), "nope", ""); }),
            "Property '.nope' not found");
}

TEST_F(QomProperties, H142_help_lists_settable_class_properties_sorted) {
  object_class_property_set_description(object_class_by_name("D"), "bv", "a flag");

  EXPECT_EQ(user_creatable_help("D"),
            "D options:\n"
            "  av=<Animal>\n"
            "  bv=<bool>              - a flag\n"
            "  sv=<string>\n");
  EXPECT_EQ(user_creatable_help(TYPE_CONTAINER), "There are no options for container.\n");
}

TEST_F(QomProperties, many_properties_are_found_after_removals) {
  for (int i = 0; i < 100; ++i) {
    object_property_add_bool(obj_.get(), "n" + std::to_string(i), {}, {});
  }
  for (int i = 0; i < 100; i += 2) {
    object_property_del(obj_.get(), "n" + std::to_string(i));
  }

  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(object_property_find(obj_.get(), "n" + std::to_string(i)) != nullptr,
              i % 2 == 1);
  }
}

}  // namespace qom_test
