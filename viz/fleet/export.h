// A fleet's tables as files that other engines load: one file a table.
#pragma once

#include <string>

#include "viz/fleet/fleet.h"

namespace viz::fleet {

enum class ExportForm {
  sqlite,         // one database file
  ndjson,         // boot.ndjson, step.ndjson...: one JSON object a line
  parquet_ready,  // boot.csv..., with the columns' types in schema.json and load.sql,
                  // which makes Parquet of them in DuckDB
};

// `target` is a file (sqlite) or a folder, made if need be; files of the same names are
// written anew. Throws DatabaseError, std::system_error or std::runtime_error.
void export_fleet(Fleet& fleet, ExportForm form, const std::string& target);

}  // namespace viz::fleet
