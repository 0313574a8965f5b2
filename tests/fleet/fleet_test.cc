// What a fleet keeps of a boot, what it answers about several, and how it meets files
// that are known, bad, changed or the same.
#include <gtest/gtest.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include "../trace/schema_check.h"
#include "../viz/diff_traces.h"
#include "viz/fleet/export.h"
#include "viz/fleet/load.h"
#include "viz/fleet/report.h"

namespace {

using namespace viz::fleet;
using Rows = std::vector<diff_test::Row>;

const Rows plain{{0, "start", "a"}, {1, "make", "b"}, {1, "make", "c"}};

// A folder that is there as long as the test runs.
class FleetTest : public testing::Test {
 protected:
  FleetTest()
      : folder_(std::filesystem::path(testing::TempDir()) /
                ("fleet-" + std::to_string(::getpid()) + "-" +
                 testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(folder_);
  }

  ~FleetTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(path(name), std::ios::binary) << text;
  }

  // No two boots have the same bytes: volatile fields are as in life.
  void write(const std::string& name, const Rows& rows) {
    write(name, diff_test::trace_text(rows, ++noise_));
  }

  Loaded load(Fleet& fleet) {
    return viz::fleet::load(fleet, find_traces({folder_.string()}));
  }

  std::filesystem::path folder_;
  std::uint64_t noise_ = 0;
};

Table answer(Fleet& fleet, std::string_view name, const Limits& limits = {}) {
  const std::vector<NamedTable> answers = fleet.answers(limits, Period::day);
  return std::ranges::find(answers, name, &NamedTable::name)->table;
}

Rows taking(std::uint64_t ns) {
  Rows rows = plain;
  rows[0].dur_ns = ns + 1;
  rows[2].dur_ns = ns;
  return rows;
}

// ---- a boot as rows
// ---------------------------------------------------------------------

TEST(BootRows, rounds_of_a_loop_are_one_step_with_a_count) {
  const BootRows rows = rows_of(diff_test::tree_of(
      {{0, "start", "a"}, {1, "make", "b"}, {1, "make", "b"}, {1, "make", "b"}}));

  ASSERT_EQ(rows.steps.size(), 2U);
  EXPECT_EQ(rows.took[1].count, 3);
}

TEST(BootRows, a_step_inside_another_one_is_another_step) {
  const BootRows rows = rows_of(diff_test::tree_of(
      {{0, "start", "a"}, {1, "make", "b"}, {0, "start", "z"}, {1, "make", "b"}}));

  EXPECT_EQ(rows.steps.size(), 4U);
}

TEST(BootRows, own_time_is_without_the_steps_inside) {
  Rows steps = plain;
  steps[0].dur_ns = 100;
  steps[1].dur_ns = 30;
  steps[2].dur_ns = 20;

  const BootRows rows = rows_of(diff_test::tree_of(steps));

  EXPECT_EQ(rows.took[0].self_ns, 50);
  EXPECT_EQ(rows.took[0].total_ns, 100);
}

TEST(BootRows, one_round_more_changes_the_structure_but_not_the_set_of_steps) {
  const BootRows once = rows_of(diff_test::tree_of(plain));
  Rows more = plain;
  more.push_back(more.back());
  const BootRows twice = rows_of(diff_test::tree_of(more));

  EXPECT_NE(once.structure, twice.structure);
  EXPECT_EQ(once.step_set, twice.step_set);
}

// ---- loading
// ----------------------------------------------------------------------------

TEST_F(FleetTest, known_files_are_not_read_again) {
  write("a.json", plain);
  write("b.json", plain);
  Fleet fleet(path("fleet.db"));
  load(fleet);
  write("c.json", plain);

  const Loaded again = load(fleet);

  EXPECT_EQ(again.known, 2U);
  EXPECT_EQ(again.loaded, 1U);
  EXPECT_EQ(fleet.boots(), 3);
}

TEST_F(FleetTest, a_database_keeps_its_boots) {
  write("a.json", plain);
  {
    Fleet fleet(path("fleet.db"));
    load(fleet);
  }

  Fleet fleet(path("fleet.db"));

  EXPECT_EQ(fleet.boots(), 1);
  EXPECT_EQ(load(fleet).known, 1U);
}

TEST_F(FleetTest, a_file_with_other_bytes_replaces_its_boot) {
  write("a.json", plain);
  Fleet fleet("");
  load(fleet);
  write("a.json", Rows{{0, "start", "another"}});

  const Loaded again = load(fleet);

  EXPECT_EQ(again.changed, 1U);
  EXPECT_EQ(fleet.boots(), 1);
  EXPECT_EQ(fleet.database().query("SELECT label FROM step").text(0, "label"),
            "start another");
}

TEST_F(FleetTest, a_file_that_was_only_touched_keeps_its_boot) {
  write("a.json", plain);
  Fleet fleet("");
  load(fleet);
  std::filesystem::last_write_time(
      path("a.json"),
      std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));

  const Loaded again = load(fleet);

  EXPECT_EQ(again.same, 1U);
  EXPECT_EQ(fleet.boots(), 1);
}

TEST_F(FleetTest, the_same_bytes_under_two_names_are_one_boot) {
  write("a.json", plain);
  std::filesystem::copy_file(path("a.json"), path("b.json"));
  Fleet fleet("");

  const Loaded loaded = load(fleet);

  EXPECT_EQ(loaded.same, 1U);
  EXPECT_EQ(fleet.boots(), 1);
}

TEST_F(FleetTest, a_bad_file_is_told_with_its_reason_and_the_others_are_loaded) {
  write("a.json", plain);
  write("bad.json", std::string("no trace\n"));
  Fleet fleet("");

  const Loaded loaded = load(fleet);

  EXPECT_EQ(loaded.loaded, 1U);
  EXPECT_EQ(loaded.bad, 1U);
  EXPECT_NE(fleet.bad().text(0, "fault").find("bad.json:1"), std::string::npos);
}

TEST_F(FleetTest, every_file_is_accounted_for) {
  write("a.json", plain);
  write("b.json", plain);
  write("cut.json", diff_test::trace_text(plain).substr(0, 400));
  write("notes.txt", std::string("text"));
  std::filesystem::copy_file(path("a.json"), path("c.json"));
  Fleet fleet("");

  const Loaded loaded = load(fleet);

  EXPECT_EQ(loaded.loaded + loaded.same + loaded.bad + loaded.known, loaded.files);
  EXPECT_EQ(loaded.left_out, 1U);
}

TEST_F(FleetTest, a_file_that_is_not_there_is_refused) {
  EXPECT_THROW(find_traces({path("absent.json")}), std::system_error);
}

TEST_F(FleetTest, a_database_of_something_else_is_refused) {
  write("other.db", std::string("this is no database, only a file with some text in it"));

  EXPECT_THROW(Fleet(path("other.db")), DatabaseError);
}

// ---- answers
// ----------------------------------------------------------------------------

TEST_F(FleetTest, the_step_of_one_boot_is_rare_and_the_step_one_lacks_too) {
  for (int i = 0; i < 18; ++i) {
    write("boot" + std::to_string(i) + ".json", plain);
  }
  Rows more = plain;
  more.push_back({1, "make", "only here"});
  write("more.json", more);
  write("less.json", Rows{plain[0], plain[1]});
  Fleet fleet("");
  load(fleet);

  const Table rare = answer(fleet, "rare");

  ASSERT_EQ(rare.rows.size(), 2U);
  EXPECT_EQ(rare.text(0, "label"), "make only here");
  EXPECT_EQ(rare.integer(0, "boots"), 1);
  EXPECT_EQ(rare.text(1, "label"), "make c");
  EXPECT_EQ(rare.integer(1, "lacking"), 1);
}

TEST_F(FleetTest, a_slow_boot_is_told_with_the_step_that_was_slow) {
  for (int i = 0; i < 9; ++i) {
    write("boot" + std::to_string(i) + ".json", taking(10'000'000));
  }
  write("slow.json", taking(50'000'000));
  Fleet fleet("");
  load(fleet);

  const Table slow = answer(fleet, "slow");
  const Table steps = answer(fleet, "slow_steps");

  ASSERT_EQ(slow.rows.size(), 1U);
  EXPECT_EQ(slow.text(0, "path"), path("slow.json"));
  EXPECT_EQ(slow.integer(0, "over_ns"), 40'000'000);
  ASSERT_EQ(steps.rows.size(), 1U);
  EXPECT_EQ(steps.text(0, "label"), "make c");
}

TEST_F(FleetTest, a_difference_under_the_absolute_limit_is_not_slow) {
  for (int i = 0; i < 9; ++i) {
    write("boot" + std::to_string(i) + ".json", taking(1000));
  }
  write("slow.json", taking(900'000));
  Fleet fleet("");
  load(fleet);

  EXPECT_TRUE(answer(fleet, "slow").rows.empty());
}

TEST_F(FleetTest, boots_of_equal_structure_are_one_row) {
  write("a.json", taking(10));
  write("b.json", taking(9000));
  write("c.json", Rows{plain[0]});
  Fleet fleet("");
  load(fleet);

  const Table structures = answer(fleet, "structures");

  ASSERT_EQ(structures.rows.size(), 2U);
  EXPECT_EQ(structures.integer(0, "boots"), 2);
}

TEST_F(FleetTest, its_json_is_as_the_schema_says) {
  for (int i = 0; i < 9; ++i) {
    write("boot" + std::to_string(i) + ".json", taking(10'000'000));
  }
  write("slow.json", taking(50'000'000));
  write("bad.json", std::string("no trace\n"));
  Fleet fleet("");
  const Loaded loaded = load(fleet);
  std::ifstream schema(VITRINE_SOURCE_DIR "/trace/schema/vitrine-fleet.schema.json");

  const std::string json = fleet_json(report_of(fleet, loaded, {}, Period::day));

  EXPECT_EQ(trace_test::schema_error(nlohmann::json::parse(schema),
                                     nlohmann::json::parse(json)),
            "");
}

TEST_F(FleetTest, its_text_names_the_slow_boot_and_the_bad_file) {
  for (int i = 0; i < 9; ++i) {
    write("boot" + std::to_string(i) + ".json", taking(10'000'000));
  }
  write("slow.json", taking(50'000'000));
  write("bad.json", std::string("no trace\n"));
  Fleet fleet("");
  const Loaded loaded = load(fleet);

  const std::string text = fleet_text(report_of(fleet, loaded, {}, Period::day));

  EXPECT_NE(text.find("slow.json  10.0 ms \u2192 50.0 ms"), std::string::npos) << text;
  EXPECT_NE(text.find("bad.json"), std::string::npos);
}

TEST(Database, the_median_of_an_even_number_is_the_upper_of_the_two_in_the_middle) {
  Database database("");

  const Table table = database.query(
      "SELECT median(column1) AS m, spread(column1) AS s FROM (VALUES (1), (4), (9), "
      "(11))");

  EXPECT_EQ(table.integer(0, "m"), 9);
  EXPECT_EQ(table.integer(0, "s"), 5);
}

TEST(Database, what_is_not_committed_is_not_there) {
  Database database("");
  database.run("CREATE TABLE t(x INTEGER)");

  {
    Transaction transaction(database);
    database.run("INSERT INTO t VALUES(1)");
  }

  EXPECT_EQ(database.query("SELECT count(*) AS n FROM t").integer(0, "n"), 0);
}

// ---- export
// -----------------------------------------------------------------------------

TEST_F(FleetTest, parquet_ready_tables_tell_their_types) {
  write("a.json", Rows{{0, "start", "with \"quotes\", and commas"}});
  Fleet fleet("");
  load(fleet);

  export_fleet(fleet, ExportForm::parquet_ready, path("out"));

  std::ifstream file(path("out/step.csv"));
  std::string names, row;
  std::getline(file, names);
  std::getline(file, row);
  EXPECT_EQ(names, "step,parent,name,cat,label,phase,loc,depth");
  // A quote in a text is two quotes; a comma in it parts nothing.
  EXPECT_NE(row.find("\"\"quotes"), std::string::npos) << row;
  EXPECT_NE(row.find(", and commas\","), std::string::npos) << row;
  EXPECT_TRUE(std::filesystem::exists(path("out/schema.json")));
}

TEST_F(FleetTest, an_exported_database_is_a_fleet_again) {
  write("a.json", plain);
  {
    Fleet fleet("");
    load(fleet);
    export_fleet(fleet, ExportForm::sqlite, path("copy.db"));
  }

  Fleet copy(path("copy.db"));

  EXPECT_EQ(copy.boots(), 1);
}

}  // namespace
