#include "viz/fleet/questions.h"

namespace viz::fleet {

const std::string_view tables_sql = R"sql(
CREATE TABLE IF NOT EXISTS file(
  path TEXT PRIMARY KEY, size INTEGER NOT NULL, modified_ns INTEGER NOT NULL,
  hash INTEGER NOT NULL, boot INTEGER, fault TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS file_hash ON file(hash, size);
CREATE INDEX IF NOT EXISTS file_boot ON file(boot);
CREATE TABLE IF NOT EXISTS boot(
  boot INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL, started TEXT NOT NULL,
  command TEXT NOT NULL, structure INTEGER NOT NULL, step_set INTEGER NOT NULL,
  events INTEGER NOT NULL, lost INTEGER NOT NULL, unended INTEGER NOT NULL,
  total_ns INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS step(
  step INTEGER PRIMARY KEY, parent INTEGER NOT NULL, name TEXT NOT NULL,
  cat TEXT NOT NULL, label TEXT NOT NULL, phase TEXT NOT NULL, loc TEXT NOT NULL,
  depth INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS took(
  boot INTEGER NOT NULL, step INTEGER NOT NULL, count INTEGER NOT NULL,
  start_ns INTEGER NOT NULL, self_ns INTEGER NOT NULL, total_ns INTEGER NOT NULL,
  PRIMARY KEY(boot, step)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS usual(
  step INTEGER PRIMARY KEY, boots INTEGER NOT NULL, first_boot INTEGER NOT NULL,
  first_started TEXT NOT NULL, last_started TEXT NOT NULL, start_ns INTEGER NOT NULL,
  self_ns INTEGER NOT NULL, self_spread_ns INTEGER NOT NULL, total_ns INTEGER NOT NULL,
  total_spread_ns INTEGER NOT NULL, longest_ns INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS pace(
  boot INTEGER PRIMARY KEY, usual_ns INTEGER NOT NULL, took_ns INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS stale(one INTEGER PRIMARY KEY);
)sql";

// Two boots say nothing about what is usual: from three on they do.
const std::string_view work_out_sql = R"sql(
DELETE FROM usual;
INSERT INTO usual
  SELECT t.step, count(*), min(t.boot), min(b.started), max(b.started),
         median(t.start_ns), median(t.self_ns), spread(t.self_ns), median(t.total_ns),
         spread(t.total_ns), max(t.total_ns)
  FROM took t JOIN boot b USING(boot) GROUP BY t.step;
DELETE FROM step WHERE step NOT IN (SELECT step FROM usual);
DELETE FROM pace;
INSERT INTO pace
  SELECT t.boot, sum(u.self_ns), sum(t.self_ns)
  FROM took t CROSS JOIN usual u USING(step) WHERE u.boots >= 3 GROUP BY t.boot;
DELETE FROM stale;
)sql";

namespace {

// How long each phase of the start takes.
constexpr std::string_view phases = R"sql(
SELECT s.label AS phase, u.boots AS boots, u.total_ns AS median_ns,
       u.total_spread_ns AS spread_ns, u.longest_ns AS longest_ns
FROM usual u JOIN step s USING(step)
WHERE s.name = 'phase'
ORDER BY u.start_ns, s.label, s.step)sql";

// Boots over the usual time of what they did: by an absolute limit, a relative one, and
// the spread of the whole fleet.
constexpr std::string_view slow = R"sql(
SELECT p.boot AS boot, b.path AS path, b.started AS started, p.usual_ns AS usual_ns,
       p.took_ns AS took_ns, p.took_ns - p.usual_ns AS over_ns
FROM pace p JOIN boot b USING(boot)
WHERE p.took_ns - p.usual_ns >= :least_ns
  AND (p.took_ns - p.usual_ns) * 100 >= :least_percent * p.usual_ns
  AND p.took_ns - p.usual_ns >=
      :least_spreads * (SELECT spread(took_ns - usual_ns) FROM pace)
ORDER BY over_ns DESC, p.boot)sql";

// The boots of that answer, for the two that say where they lose their time.
constexpr std::string_view slow_boots = R"sql(
WITH slow AS (
  SELECT boot FROM pace
  WHERE took_ns - usual_ns >= :least_ns
    AND (took_ns - usual_ns) * 100 >= :least_percent * usual_ns
    AND took_ns - usual_ns >=
        :least_spreads * (SELECT spread(took_ns - usual_ns) FROM pace)))sql";

// The three phases and the five steps in which a slow boot is over the most.
constexpr std::string_view slow_phases = R"sql(
SELECT boot, phase, usual_ns, took_ns, took_ns - usual_ns AS over_ns
FROM (SELECT *, row_number() OVER (PARTITION BY boot
                                   ORDER BY took_ns - usual_ns DESC, phase) AS place
      FROM (SELECT t.boot AS boot, s.phase AS phase, sum(u.self_ns) AS usual_ns,
                   sum(t.self_ns) AS took_ns
            FROM slow CROSS JOIN took t USING(boot) CROSS JOIN usual u USING(step)
            CROSS JOIN step s USING(step)
            WHERE u.boots >= 3 GROUP BY t.boot, s.phase)
      WHERE took_ns > usual_ns)
WHERE place <= 3
ORDER BY boot, over_ns DESC, phase)sql";

constexpr std::string_view slow_steps = R"sql(
SELECT boot, label, phase, loc, usual_ns, took_ns, took_ns - usual_ns AS over_ns
FROM (SELECT t.boot AS boot, s.step AS step, s.label AS label, s.phase AS phase,
             s.loc AS loc, u.self_ns AS usual_ns, t.self_ns AS took_ns,
             row_number() OVER (PARTITION BY t.boot
                                ORDER BY t.self_ns - u.self_ns DESC, s.step) AS place
      FROM slow CROSS JOIN took t USING(boot) CROSS JOIN usual u USING(step)
      CROSS JOIN step s USING(step)
      WHERE u.boots >= 3 AND t.self_ns > u.self_ns)
WHERE place <= 5
ORDER BY boot, over_ns DESC, step)sql";

// Steps that few boots do, and steps that few boots lack. Of a step that is as rare as
// the one around it only the outer one is told. `example` is a boot that does it, or,
// where nearly all do, one that lacks it.
constexpr std::string_view rare = R"sql(
WITH boots(of) AS (SELECT count(*) FROM boot)
SELECT s.label AS label, s.phase AS phase, s.loc AS loc, u.boots AS boots,
       of - u.boots AS lacking,
       CASE WHEN u.boots * 2 <= of THEN u.first_boot
            ELSE (SELECT min(b.boot) FROM boot b
                  WHERE NOT EXISTS (SELECT 1 FROM took t
                                    WHERE t.boot = b.boot AND t.step = u.step))
       END AS example
FROM boots CROSS JOIN usual u JOIN step s USING(step)
LEFT JOIN usual around ON around.step = s.parent
WHERE u.boots < of
  AND (u.boots * 100 <= :rare_percent * of OR (of - u.boots) * 100 <= :rare_percent * of)
  AND coalesce(around.boots, 0) <> u.boots
ORDER BY min(u.boots, of - u.boots), u.boots, s.phase, s.label, s.step)sql";

// Boots whose canonical traces are equal.
constexpr std::string_view structures = R"sql(
SELECT structure, count(*) AS boots, min(boot) AS example, min(started) AS first,
       max(started) AS last, median(total_ns) AS median_ns, spread(total_ns) AS spread_ns
FROM boot GROUP BY structure ORDER BY boots DESC, example)sql";

// Boots that did the same steps, in whatever order and however often.
constexpr std::string_view step_sets = R"sql(
SELECT step_set, count(*) AS boots, min(boot) AS example,
       count(DISTINCT structure) AS structures, median(total_ns) AS median_ns
FROM boot GROUP BY step_set ORDER BY boots DESC, example)sql";

// The fleet over time.
constexpr std::string_view periods = R"sql(
SELECT substr(started, 1, :period) AS period, count(*) AS boots,
       median(total_ns) AS median_ns, spread(total_ns) AS spread_ns,
       count(DISTINCT structure) AS structures
FROM boot GROUP BY substr(started, 1, :period) ORDER BY period)sql";

// Each phase over time.
constexpr std::string_view phase_periods = R"sql(
SELECT s.label AS phase, substr(b.started, 1, :period) AS period, count(*) AS boots,
       median(t.total_ns) AS median_ns, spread(t.total_ns) AS spread_ns
FROM step s JOIN took t USING(step) JOIN boot b USING(boot)
WHERE s.name = 'phase'
GROUP BY s.step, substr(b.started, 1, :period)
ORDER BY s.label, s.step, period)sql";

// Steps that take longer or shorter in the last period than in the first, of the periods
// with enough boots.
constexpr std::string_view drift = R"sql(
WITH days AS (SELECT substr(started, 1, :period) AS period FROM boot
              GROUP BY substr(started, 1, :period) HAVING count(*) >= 3),
     ends AS (SELECT min(period) AS first, max(period) AS last FROM days),
     before AS (SELECT t.step AS step, median(t.self_ns) AS ns, spread(t.self_ns) AS spread
                FROM ends CROSS JOIN boot b CROSS JOIN took t USING(boot)
                WHERE substr(b.started, 1, :period) = ends.first
                GROUP BY t.step HAVING count(*) >= 3),
     after AS (SELECT t.step AS step, median(t.self_ns) AS ns, spread(t.self_ns) AS spread
               FROM ends CROSS JOIN boot b CROSS JOIN took t USING(boot)
               WHERE substr(b.started, 1, :period) = ends.last AND ends.first < ends.last
               GROUP BY t.step HAVING count(*) >= 3)
SELECT s.label AS label, s.phase AS phase, s.loc AS loc, before.ns AS before_ns,
       after.ns AS after_ns, after.ns - before.ns AS change_ns
FROM before JOIN after USING(step) JOIN step s USING(step)
WHERE abs(after.ns - before.ns) >= :least_ns
  AND abs(after.ns - before.ns) * 100 >= :least_percent * min(before.ns, after.ns)
  AND abs(after.ns - before.ns) >= :least_spreads * max(before.spread, after.spread)
ORDER BY abs(after.ns - before.ns) DESC, s.step)sql";

// Steps that most boots do from some later period on, or did until some earlier one.
constexpr std::string_view came_and_went = R"sql(
WITH ends AS (SELECT substr(min(started), 1, :period) AS first,
                     substr(max(started), 1, :period) AS last FROM boot)
SELECT s.label AS label, s.phase AS phase, s.loc AS loc, u.boots AS boots,
       CASE WHEN substr(u.first_started, 1, :period) > ends.first THEN u.first_started
            ELSE '' END AS came,
       CASE WHEN substr(u.last_started, 1, :period) < ends.last THEN u.last_started
            ELSE '' END AS went
FROM ends CROSS JOIN usual u JOIN step s USING(step)
LEFT JOIN usual around ON around.step = s.parent
WHERE u.boots >= 3
  AND (substr(u.first_started, 1, :period) > ends.first OR
       substr(u.last_started, 1, :period) < ends.last)
  AND u.boots * 2 >= (SELECT count(*) FROM boot b
                      WHERE b.started >= u.first_started AND b.started <= u.last_started)
  AND (around.step IS NULL OR around.first_started <> u.first_started OR
       around.last_started <> u.last_started)
ORDER BY u.first_started, u.last_started, s.phase, s.label, s.step)sql";

std::string with_slow_boots(std::string_view sql) {
  return std::string(slow_boots).append(sql);
}

}  // namespace

const std::vector<Question>& questions() {
  static const std::vector<Question> all{
      {"phases", std::string(phases)},
      {"slow", std::string(slow)},
      {"slow_phases", with_slow_boots(slow_phases)},
      {"slow_steps", with_slow_boots(slow_steps)},
      {"rare", std::string(rare)},
      {"structures", std::string(structures)},
      {"step_sets", std::string(step_sets)},
      {"periods", std::string(periods)},
      {"phase_periods", std::string(phase_periods)},
      {"drift", std::string(drift)},
      {"came_and_went", std::string(came_and_went)},
  };
  return all;
}

}  // namespace viz::fleet
