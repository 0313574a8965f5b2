// Thousands of boots in one database, and what can be asked about them all: which step is
// rare, which boot is slow and where, which boots have equal structure, how times and
// steps drifted.
//
//   file   one row for each trace file that was looked at, with its boot or its fault
//   boot   one row a boot: when, which command line, how many events, its structure
//   step   each distinct step of the whole fleet, with the step around it and its phase
//   took   how often a boot did a step, and how long it took
//   usual  by step: how many boots did it, the median and the spread of their times
//
// All times are whole nanoseconds, so that another engine gives the same answers to the
// same questions: samples/fleet has them for ClickHouse.
//
// Thread rule: a fleet belongs to one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "viz/fleet/boot_rows.h"
#include "viz/fleet/database.h"

namespace viz::fleet {

// What a file was when it was last looked at.
struct FileRow {
  std::string path;
  std::int64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t hash = 0;  // of its bytes
};

// From when on something counts. A time counts as slower if it is over the usual one by
// all three.
struct Limits {
  std::int64_t least_ns = 1'000'000;
  std::int64_t least_percent = 50;
  std::int64_t least_spreads = 3;
  std::int64_t rare_percent = 5;  // of the boots: a step fewer do, or fewer lack
};

// How boots are gathered in time: the length of the part of "2026-01-31T12:34:56" that
// they share.
enum class Period : std::uint8_t {
  month = 7,
  day = 10,
  hour = 13,
  minute = 16,
  second = 19
};

struct NamedTable {
  std::string name;
  Table table;
};

class Fleet {
 public:
  // An empty name is a database in memory. Throws DatabaseError.
  explicit Fleet(const std::string& file);

  // ---- filling ----

  enum class Known : std::uint8_t { fresh, unchanged, changed };
  // By path, size and time of change.
  Known known(const FileRow& file);
  // The boot with these bytes, under whatever name; also of a file that was bad.
  std::optional<std::int64_t> boot_of(std::int64_t size, std::int64_t hash);

  void add_boot(const FileRow& file, const BootRows& rows);
  void add_name(const FileRow& file, std::int64_t boot);  // of a boot that is there
  void add_fault(const FileRow& file, const std::string& why);
  void finish();  // works out what is usual; does nothing if no boot came or went

  Database& database() { return database_; }

  // ---- asking ----

  std::int64_t boots();
  std::int64_t events();
  Table bad();  // path, fault

  // The coarsest period that tells the boots apart in time.
  Period period();
  // Every answer, in the order of a report; samples/fleet explains the columns.
  std::vector<NamedTable> answers(const Limits& limits, Period period);
  // How a cluster's boot differs from another boot: steps only one of them has.
  std::pair<std::int64_t, std::int64_t> differences(std::int64_t boot,
                                                    std::int64_t other);

 private:
  void forget(const std::string& path, std::int64_t keep = 0);
  void note_steps();

  Database database_;
  std::unordered_set<std::int64_t> steps_;  // in the database
  // Kept, because preparing costs as much as running.
  std::optional<Statement> add_file_, add_boot_, add_step_, add_took_, find_, find_hash_;
};

}  // namespace viz::fleet
