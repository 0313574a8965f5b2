// Section A, second half: files of types loaded while the program runs.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "fixture.h"
#include "qom/plugin.h"

namespace qom_test {

namespace {

namespace fs = std::filesystem;

std::string plugin(const std::string& name) {
  return std::string(QOM_TEST_PLUGINS) + "/" + name + ".so";
}

// A plugin's constructors run only when it is first opened, so what a test needs
// from them happens in a program of its own: a death test's child.
class QomPlugins : public Fresh {
 protected:
  QomPlugins() {
    module_forget_names_for_test();
    directory_ =
        fs::temp_directory_path() / ("vitrine-plugins-" + std::to_string(getpid()));
    fs::create_directories(directory_);
  }

  ~QomPlugins() override {
    unsetenv("VITRINE_MODULE_DIR");
    fs::remove_all(directory_);
  }

  static std::string load(const std::string& path) {
    return error_of([&] { module_load_file(path); });
  }

  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
    return (directory_ / name).string();
  }

  fs::path directory_;

 private:
  IsolatedModules modules_;
};

using QomPluginsDeathTest = QomPlugins;

// Ends the child of a death test, saying whether what it saw is right.
[[noreturn]] void verdict(bool right) {
  std::fprintf(stderr, right ? "right\n" : "wrong\n");
  std::_Exit(right ? 0 : 1);
}

#define EXPECT_IN_CHILD(...) \
  EXPECT_EXIT(verdict(__VA_ARGS__), ::testing::ExitedWithCode(0), "right")

void nothing() {}

}  // namespace

TEST_F(QomPluginsDeathTest, A15_pending_inits_run_at_once_and_join_their_list) {
  const auto check = [] {
    module_load_file(plugin("good"));
    return type_get_by_name("plugin-first") != nullptr &&
           find_type(MODULE_INIT_QOM).size() == 2 && pending_module_inits().empty();
  };

  EXPECT_IN_CHILD(check());
}

TEST_F(QomPluginsDeathTest, A16_pending_inits_left_over_abort_a_load) {
  const auto load_with_leftover = [] {
    register_dso_module_init(nothing, MODULE_INIT_QOM, "nothing");
    module_load_file(plugin("good"));
  };

  EXPECT_DEATH(load_with_leftover(), "another plugin are still pending");
}

TEST_F(QomPlugins, A17_the_name_must_end_in_so) {
  const std::string path = file("plugin.txt", "");

  EXPECT_EQ(load(path),
            "Failed to open module: " + path + ": the name does not end in .so");
}

TEST_F(QomPlugins, A17_a_missing_file_is_an_error) {
  const std::string path = (directory_ / "nosuch.so").string();

  EXPECT_THAT(load(path), HasSubstr("Failed to open module: " + path));
  EXPECT_THAT(load(path), HasSubstr("No such file or directory"));
}

TEST_F(QomPlugins, A18_a_library_without_stamp_is_refused) {
  EXPECT_EQ(load(plugin("no_stamp")),
            "Failed to initialize module: " + plugin("no_stamp"));
}

TEST_F(QomPlugins, A18_a_stamp_of_another_build_gets_a_note) {
  try {
    module_load_file(plugin("other_build"));
    FAIL() << "loaded";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), "Failed to initialize module: " + plugin("other_build"));
    EXPECT_EQ(error.hint, "Note: only modules from the same build can be loaded.");
  }
}

TEST_F(QomPlugins, A19_a_file_that_is_no_library_is_refused_in_the_loaders_words) {
  const std::string path = file("short.so", "");

  EXPECT_EQ(load(path), "Failed to open module: " + path + ": file too short");
}

TEST_F(QomPlugins, A19_a_missing_symbol_is_an_error_when_loading) {
  EXPECT_THAT(load(plugin("undefined_symbol")), HasSubstr("undefined symbol"));
}

TEST_F(QomPlugins, A20_directories_are_searched_in_qemus_order) {
  setenv("VITRINE_MODULE_DIR", "/from/environment", 1);

  const std::vector<std::string> directories = module_directories();

  const std::string here = fs::read_symlink("/proc/self/exe").parent_path().string();
  EXPECT_EQ(directories.front(), "/from/environment");
  EXPECT_EQ(directories[directories.size() - 2], here + "/..");
  EXPECT_EQ(directories.back(), here);
}

TEST_F(QomPlugins, A20_the_first_directory_that_has_the_file_wins) {
  file("hw-thing.so", "");
  setenv("VITRINE_MODULE_DIR", directory_.c_str(), 1);

  EXPECT_THAT(error_of([] { module_load_one("hw-", "thing"); }),
              HasSubstr("hw-thing.so: file too short"));
}

// The second place to look is the program's own folder.
TEST_F(QomPlugins, A20_the_same_name_further_behind_is_not_looked_at) {
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  const std::string name = "thing" + std::to_string(getpid());
  const fs::path behind = here / ("hw-" + name + ".so");
  std::ofstream(behind) << "longer than a header of a library needs to be, but none: "
                        << std::string(100, 'x');
  file("hw-" + name + ".so", "");
  setenv("VITRINE_MODULE_DIR", directory_.c_str(), 1);

  const std::string error = error_of([&] { module_load_one("hw-", name); });
  fs::remove(behind);

  EXPECT_THAT(error, HasSubstr((directory_ / "hw-").string()));
}

TEST_F(QomPlugins, A21_a_name_is_tried_once_also_when_it_failed) {
  file("hw-thing.so", "");
  setenv("VITRINE_MODULE_DIR", directory_.c_str(), 1);
  error_of([] { module_load_one("hw-", "thing"); });

  EXPECT_FALSE(module_load_one("hw-", "thing"));
}

TEST_F(QomPlugins, A22_an_absent_module_is_no_error_by_itself) {
  EXPECT_FALSE(module_load_one("hw-", "nosuch"));
}

TEST_F(QomPluginsDeathTest, a_duplicate_type_takes_all_of_the_file_back) {
  const auto check = [] {
    return load(plugin("duplicate")) ==
               "Failed to initialize module: " + plugin("duplicate") +
                   ": Registering `container' which already exists" &&
           type_get_by_name("plugin-before-duplicate") == nullptr &&
           find_type(MODULE_INIT_QOM).empty();
  };

  EXPECT_IN_CHILD(check());
}

TEST_F(QomPluginsDeathTest, a_missing_parent_is_found_when_loading) {
  const auto check = [] {
    return load(plugin("missing_parent"))
               .ends_with("Type 'plugin-orphan' is missing its parent 'nosuch'") &&
           object_class_get_list(TYPE_CONTAINER, false).size() == 1;
  };

  EXPECT_IN_CHILD(check());
}

TEST_F(QomPluginsDeathTest, a_circle_of_parents_is_found_when_loading) {
  const auto check = [] {
    return load(plugin("circle")).find("'plugin-hen' is its own ancestor") !=
               std::string::npos &&
           type_get_by_name("plugin-egg") == nullptr;
  };

  EXPECT_IN_CHILD(check());
}

TEST_F(QomPluginsDeathTest, too_many_interfaces_are_refused) {
  EXPECT_IN_CHILD(load(plugin("many_interfaces"))
                      .ends_with("Type 'plugin-greedy' lists more than 32 interfaces"));
}

TEST_F(QomPluginsDeathTest, a_malformed_interface_is_refused) {
  EXPECT_IN_CHILD(
      load(plugin("bad_interface"))
          .ends_with("an interface has no instance_init, post_init or finalize"));
}

TEST_F(QomPluginsDeathTest, an_error_thrown_in_a_plugin_is_caught_outside) {
  const auto check = [] {
    module_load_file(plugin("good"));
    return error_of([] { object_new("plugin-second"); }) == "thrown inside the plugin";
  };

  EXPECT_IN_CHILD(check());
}

TEST_F(QomPluginsDeathTest, a_type_of_a_plugin_is_a_type_like_any_other) {
  const auto check = [] {
    module_load_file(plugin("good"));
    const Ref<> obj(object_new("plugin-first"));
    return object_dynamic_cast(obj.get(), TYPE_CONTAINER) == obj.get();
  };

  EXPECT_IN_CHILD(check());
}

}  // namespace qom_test
