#include "viz/fleet/fleet.h"

#include <algorithm>
#include <array>

#include "viz/fleet/questions.h"

namespace viz::fleet {

Fleet::Fleet(const std::string& file) : database_(file) {
  database_.run(std::string(tables_sql));
  note_steps();
  add_file_.emplace(
      database_.prepare("INSERT INTO file(path, size, modified_ns, hash, boot, fault) "
                        "VALUES(?, ?, ?, ?, ?, ?)"));
  add_boot_.emplace(database_.prepare(
      "INSERT INTO boot(path, started, command, structure, step_set, events, lost, "
      "unended, total_ns) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  add_step_.emplace(
      database_.prepare("INSERT OR IGNORE INTO step(step, parent, name, cat, label, "
                        "phase, loc, depth) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
  add_took_.emplace(
      database_.prepare("INSERT INTO took(boot, step, count, start_ns, self_ns, "
                        "total_ns) VALUES(?, ?, ?, ?, ?, ?)"));
  find_.emplace(database_.prepare("SELECT size, modified_ns FROM file WHERE path = ?"));
  find_hash_.emplace(
      database_.prepare("SELECT boot FROM file WHERE hash = ? AND size = ? AND boot IS "
                        "NOT NULL LIMIT 1"));
}

void Fleet::note_steps() {
  steps_.clear();
  Statement steps = database_.prepare("SELECT step FROM step");
  while (steps.step()) {
    steps_.insert(steps.integer(0));
  }
}

// ---- filling --------------------------------------------------------------------------

Fleet::Known Fleet::known(const FileRow& file) {
  find_->bind(1, file.path);
  if (!find_->step()) {
    return Known::fresh;
  }
  const bool same =
      find_->integer(0) == file.size && find_->integer(1) == file.modified_ns;
  find_->run();
  return same ? Known::unchanged : Known::changed;
}

std::optional<std::int64_t> Fleet::boot_of(std::int64_t size, std::int64_t hash) {
  find_hash_->bind(1, hash).bind(2, size);
  if (!find_hash_->step()) {
    return std::nullopt;
  }
  const std::int64_t boot = find_hash_->integer(0);
  find_hash_->run();
  return boot;
}

// A boot without a file is none of the fleet: its file has other bytes now. `keep` stays,
// because it gets a file at once.
void Fleet::forget(const std::string& path, std::int64_t keep) {
  Statement find = database_.prepare("SELECT boot FROM file WHERE path = ?");
  find.bind(1, path);
  if (!find.step()) {
    return;
  }
  const bool has_boot = !find.is_null(0);
  const std::int64_t boot = find.integer(0);
  find.run();
  database_.prepare("DELETE FROM file WHERE path = ?").bind(1, path).run();
  Statement other = database_.prepare("SELECT 1 FROM file WHERE boot = ? LIMIT 1");
  if (has_boot && boot != keep && !other.bind(1, boot).step()) {
    database_.prepare("DELETE FROM took WHERE boot = ?").bind(1, boot).run();
    database_.prepare("DELETE FROM boot WHERE boot = ?").bind(1, boot).run();
    database_.run("INSERT OR IGNORE INTO stale VALUES(1)");
  }
}

void Fleet::add_boot(const FileRow& file, const BootRows& rows) {
  forget(file.path);
  add_boot_->bind(1, file.path).bind(2, rows.started).bind(3, rows.command);
  add_boot_->bind(4, rows.structure).bind(5, rows.step_set).bind(6, rows.events);
  add_boot_->bind(7, rows.lost).bind(8, rows.unended).bind(9, rows.total_ns).run();
  const std::int64_t boot = database_.last_row();
  add_name(file, boot);
  for (std::size_t i = 0; i < rows.steps.size(); ++i) {
    const StepRow& step = rows.steps[i];
    if (steps_.insert(step.step).second) {
      add_step_->bind(1, step.step).bind(2, step.parent).bind(3, step.name);
      add_step_->bind(4, step.cat).bind(5, step.label).bind(6, step.phase);
      add_step_->bind(7, step.loc).bind(8, step.depth).run();
    }
    const TookRow& took = rows.took[i];
    add_took_->bind(1, boot).bind(2, step.step).bind(3, took.count);
    add_took_->bind(4, took.start_ns).bind(5, took.self_ns).bind(6, took.total_ns).run();
  }
  database_.run("INSERT OR IGNORE INTO stale VALUES(1)");
}

void Fleet::add_name(const FileRow& file, std::int64_t boot) {
  forget(file.path, boot);
  add_file_->bind(1, file.path).bind(2, file.size).bind(3, file.modified_ns);
  add_file_->bind(4, file.hash).bind(5, boot).bind(6, "").run();
}

void Fleet::add_fault(const FileRow& file, const std::string& why) {
  forget(file.path);
  add_file_->bind(1, file.path).bind(2, file.size).bind(3, file.modified_ns);
  add_file_->bind(4, file.hash).bind_null(5).bind(6, why).run();
}

void Fleet::finish() {
  if (database_.query("SELECT one FROM stale").rows.empty()) {
    return;
  }
  Transaction transaction(database_);
  database_.run(std::string(work_out_sql));
  transaction.commit();
  note_steps();
}

// ---- asking ---------------------------------------------------------------------------

std::int64_t Fleet::boots() {
  return database_.query("SELECT count(*) AS n FROM boot").integer(0, "n");
}

std::int64_t Fleet::events() {
  return database_.query("SELECT coalesce(sum(events), 0) AS n FROM boot")
      .integer(0, "n");
}

Table Fleet::bad() {
  return database_.query("SELECT path, fault FROM file WHERE boot IS NULL ORDER BY path");
}

Period Fleet::period() {
  constexpr std::array all{Period::month, Period::day, Period::hour, Period::minute};
  Statement count =
      database_.prepare("SELECT count(DISTINCT substr(started, 1, :period)) FROM boot");
  for (const Period period : all) {
    count.bind(":period", static_cast<std::int64_t>(period)).step();
    const bool enough = count.integer(0) >= 2;
    count.run();
    if (enough) {
      return period;
    }
  }
  return Period::second;
}

std::vector<NamedTable> Fleet::answers(const Limits& limits, Period period) {
  std::vector<NamedTable> answers;
  for (const Question& question : questions()) {
    Statement statement = database_.prepare(question.sql);
    statement.bind(":least_ns", limits.least_ns)
        .bind(":least_percent", limits.least_percent)
        .bind(":least_spreads", limits.least_spreads)
        .bind(":rare_percent", limits.rare_percent)
        .bind(":period", static_cast<std::int64_t>(period));
    answers.push_back({std::string(question.name), statement.table()});
  }
  return answers;
}

std::pair<std::int64_t, std::int64_t> Fleet::differences(std::int64_t boot,
                                                         std::int64_t other) {
  Statement only = database_.prepare(
      "SELECT count(*) FROM took a WHERE a.boot = ?1 AND NOT EXISTS "
      "(SELECT 1 FROM took b WHERE b.boot = ?2 AND b.step = a.step)");
  const auto count = [&](std::int64_t in, std::int64_t not_in) {
    only.bind(1, in).bind(2, not_in).step();
    const std::int64_t steps = only.integer(0);
    only.run();
    return steps;
  };
  return {count(boot, other), count(other, boot)};
}

}  // namespace viz::fleet
