// `vitrine export`: boots as tables that other programs load.
//
//   vitrine export --to sqlite -o fleet.db FOLDER       one database
//   vitrine export --to ndjson -o TABLES FOLDER         boot.ndjson, step.ndjson...
//   vitrine export --to parquet-ready -o TABLES FOLDER  boot.csv..., with the columns'
//                                                       types and a script for DuckDB
//
// No package of Debian 12 writes Parquet from C++. So the last form has all that a
// converter needs: typed columns, nothing absent, and the statements to run.
#include <cstdio>
#include <exception>
#include <map>

#include <CLI/CLI.hpp>

#include "tools/fleet_load.h"
#include "tools/tool.h"
#include "viz/fleet/export.h"
#include "viz/fleet/fleet.h"

namespace tools {

namespace {

using viz::fleet::ExportForm;

int export_main(int argc, char** argv) {
  CLI::App app{"Writes boots as tables: what `vitrine fleet` asks, for other engines.",
               "vitrine export"};
  FleetSource source;
  std::string output;
  std::string form;
  const std::map<std::string, ExportForm> forms{
      {"sqlite", ExportForm::sqlite},
      {"ndjson", ExportForm::ndjson},
      {"parquet-ready", ExportForm::parquet_ready}};
  declare_source(app, source);
  app.add_option("--to", form, "For which engine")
      ->required()
      ->check(CLI::IsMember(forms));
  app.add_option("-o,--output", output, "The database, or the folder of the tables")
      ->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  viz::fleet::Fleet fleet(source.database);
  const viz::fleet::Loaded loaded = load_fleet(fleet, source);
  viz::fleet::export_fleet(fleet, forms.at(form), output);
  const viz::fleet::Table bad = fleet.bad();
  for (std::size_t i = 0; i < bad.rows.size(); ++i) {
    std::fprintf(stderr, "vitrine: left out: %s: %s\n", bad.text(i, "path").c_str(),
                 bad.text(i, "fault").c_str());
  }
  std::fprintf(stderr, "%s: %lld boots, %zu of them read now\n", output.c_str(),
               static_cast<long long>(fleet.boots()), loaded.loaded);
  return bad.rows.empty() ? 0 : 2;
}

constexpr Tool export_tool{"export", "boots as tables for SQL engines", Group::compare,
                           export_main};

tool_init(export_tool);

}  // namespace

}  // namespace tools
