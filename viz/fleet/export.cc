#include "viz/fleet/export.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace viz::fleet {

namespace {

using nlohmann::ordered_json;

struct Column {
  const char* name;
  bool text = false;
};

struct Exported {
  const char* table;
  std::vector<Column> columns;
};

// In this order in every form, so that a loader may go by position.
const std::vector<Exported>& tables() {
  static const std::vector<Exported> all{
      {"file",
       {{"path", true}, {"size"}, {"modified_ns"}, {"hash"}, {"boot"}, {"fault", true}}},
      {"boot",
       {{"boot"},
        {"path", true},
        {"started", true},
        {"command", true},
        {"structure"},
        {"step_set"},
        {"events"},
        {"lost"},
        {"unended"},
        {"total_ns"}}},
      {"step",
       {{"step"},
        {"parent"},
        {"name", true},
        {"cat", true},
        {"label", true},
        {"phase", true},
        {"loc", true},
        {"depth"}}},
      {"took", {{"boot"}, {"step"}, {"count"}, {"start_ns"}, {"self_ns"}, {"total_ns"}}},
  };
  return all;
}

// A file that says so when it cannot be written.
class OutFile {
 public:
  explicit OutFile(const std::filesystem::path& path)
      : path_(path.string()), out_(path, std::ios::binary) {}

  std::ofstream& out() { return out_; }

  void close() {
    out_.close();
    if (!out_) {
      throw std::runtime_error("export: cannot write " + path_);
    }
  }

 private:
  std::string path_;
  std::ofstream out_;
};

std::string select(const Exported& of) {
  std::string columns;
  for (const Column& column : of.columns) {
    // A bad file has no boot: 0, so that the column is a number everywhere.
    const bool may_lack = std::string_view(column.name) == "boot";
    (columns += columns.empty() ? "" : ", ") +=
        may_lack ? "coalesce(boot, 0)" : column.name;
  }
  return "SELECT " + columns + " FROM " + of.table + " ORDER BY 1, 2";
}

std::string quoted_csv(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    (out += c) += c == '"' ? "\"" : "";
  }
  return out + "\"";
}

std::string quoted_json(const std::string& text) {
  return ordered_json(text).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

void write_rows(Fleet& fleet, const Exported& of, ExportForm form, std::ofstream& out) {
  const bool csv = form == ExportForm::parquet_ready;
  Statement rows = fleet.database().prepare(select(of));
  std::string line;
  while (rows.step()) {
    line.clear();
    for (std::size_t i = 0; i < of.columns.size(); ++i) {
      const Column& column = of.columns[i];
      const int at = static_cast<int>(i);
      line += i == 0 ? (csv ? "" : "{") : ",";
      if (!csv) {
        ((line += '"') += column.name) += "\":";
      }
      line += !column.text ? std::to_string(rows.integer(at))
              : csv        ? quoted_csv(rows.text(at))
                           : quoted_json(rows.text(at));
    }
    out << line << (csv ? "\n" : "}\n");
  }
}

void write_table(Fleet& fleet, const Exported& of, ExportForm form,
                 const std::filesystem::path& folder) {
  const bool csv = form == ExportForm::parquet_ready;
  OutFile file(folder / (std::string(of.table) + (csv ? ".csv" : ".ndjson")));
  if (csv) {
    for (const Column& column : of.columns) {
      file.out() << (&column == of.columns.data() ? "" : ",") << column.name;
    }
    file.out() << "\n";
  }
  write_rows(fleet, of, form, file.out());
  file.close();
}

// The columns' types in Parquet's words, and the statements that make Parquet of them.
void write_schema(const std::filesystem::path& folder) {
  ordered_json schema{{"schema", 1}, {"tables", ordered_json::object()}};
  OutFile load(folder / "load.sql");
  load.out()
      << "-- duckdb < load.sql, in this folder: makes boot.parquet and the others.\n";
  for (const Exported& of : tables()) {
    ordered_json columns = ordered_json::array();
    std::string types;
    for (const Column& column : of.columns) {
      columns.push_back({{"name", column.name},
                         {"physical", column.text ? "BYTE_ARRAY" : "INT64"},
                         {"logical", column.text ? "STRING" : "INT(64, true)"},
                         {"required", true}});
      types += (types.empty() ? "'" : ", '") + std::string(column.name) + "': '" +
               (column.text ? "VARCHAR" : "BIGINT") + "'";
    }
    schema["tables"][of.table] = {{"file", std::string(of.table) + ".csv"},
                                  {"columns", std::move(columns)}};
    load.out() << "COPY (SELECT * FROM read_csv('" << of.table
               << ".csv', header = true, columns = {" << types << "})) TO '" << of.table
               << ".parquet' (FORMAT parquet, COMPRESSION zstd);\n";
  }
  load.close();
  OutFile file(folder / "schema.json");
  file.out() << schema.dump(1) << "\n";
  file.close();
}

}  // namespace

void export_fleet(Fleet& fleet, ExportForm form, const std::string& target) {
  if (form == ExportForm::sqlite) {
    fleet.database().copy_to(target);
    return;
  }
  std::filesystem::create_directories(target);
  for (const Exported& of : tables()) {
    write_table(fleet, of, form, target);
  }
  if (form == ExportForm::parquet_ready) {
    write_schema(target);
  }
}

}  // namespace viz::fleet
