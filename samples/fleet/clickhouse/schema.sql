-- The tables of a fleet, as `vitrine export --to ndjson` writes them, and two that are
-- worked out of them. For ClickHouse 18.16 (Debian 12's) and later. All times are whole
-- nanoseconds; steps and structures are hashes, kept as signed numbers as in SQLite.
CREATE TABLE file (path String, size Int64, modified_ns Int64, hash Int64, boot Int64,
  fault String) ENGINE = MergeTree ORDER BY path;

CREATE TABLE boot (boot Int64, path String, started String, command String,
  structure Int64, step_set Int64, events Int64, lost Int64, unended Int64,
  total_ns Int64) ENGINE = MergeTree ORDER BY boot;

CREATE TABLE step (step Int64, parent Int64, name String, cat String, label String,
  phase String, loc String, depth Int64) ENGINE = MergeTree ORDER BY step;

-- By step, because most questions ask about a step in all boots.
CREATE TABLE took (boot Int64, step Int64, count Int64, start_ns Int64, self_ns Int64,
  total_ns Int64) ENGINE = MergeTree ORDER BY (step, boot);

-- By step: how many boots do it, medians and spreads (the median distance from the
-- median) of their times.
CREATE TABLE usual (step Int64, boots Int64, first_boot Int64, first_started String,
  last_started String, start_ns Int64, self_ns Int64, self_spread_ns Int64,
  total_ns Int64, total_spread_ns Int64, longest_ns Int64)
  ENGINE = MergeTree ORDER BY step;

-- By boot: what the steps it did usually take, and what they took.
CREATE TABLE pace (boot Int64, usual_ns Int64, took_ns Int64)
  ENGINE = MergeTree ORDER BY boot;
