// The questions a fleet answers, in SQL. The same ones for ClickHouse, with equal
// answers, are in samples/fleet/clickhouse; a test runs both.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace viz::fleet {

// The tables, made when a database is new.
extern const std::string_view tables_sql;
// What is worked out of them once boots came or went.
extern const std::string_view work_out_sql;

struct Question {
  std::string_view name;  // of its answer, and of its file in samples/fleet/clickhouse
  std::string sql;        // parameters by name, from Limits and Period
};

const std::vector<Question>& questions();

}  // namespace viz::fleet
