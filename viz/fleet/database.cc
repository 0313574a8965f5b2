#include "viz/fleet/database.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <sqlite3.h>

namespace viz::fleet {

namespace {

// In the file's header: this program's databases, and the form of their tables.
constexpr int application = 0x76697472, form = 1;  // "vitr"

std::int64_t middle(std::vector<std::int64_t>& values) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

using Values = std::vector<std::int64_t>;

// SQLite gives each group a pointer's worth of memory, zero at first.
Values** values_of(sqlite3_context* context, int bytes) {
  return static_cast<Values**>(sqlite3_aggregate_context(context, bytes));
}

void add_value(sqlite3_context* context, int, sqlite3_value** arguments) {
  Values** values = values_of(context, sizeof(Values*));
  if (values == nullptr) {
    sqlite3_result_error_nomem(context);
    return;
  }
  if (*values == nullptr) {
    *values = std::make_unique<Values>().release();
  }
  (*values)->push_back(sqlite3_value_int64(arguments[0]));
}

// Takes the values over; null if there were none.
std::unique_ptr<Values> take(sqlite3_context* context) {
  Values** values = values_of(context, 0);
  return std::unique_ptr<Values>(values == nullptr ? nullptr : *values);
}

void give_median(sqlite3_context* context) {
  if (const std::unique_ptr<Values> values = take(context)) {
    sqlite3_result_int64(context, middle(*values));
  }
}

void give_spread(sqlite3_context* context) {
  if (const std::unique_ptr<Values> values = take(context)) {
    const std::int64_t median = middle(*values);
    for (std::int64_t& value : *values) {
      value = std::abs(value - median);
    }
    sqlite3_result_int64(context, middle(*values));
  }
}

std::string_view column_text(sqlite3_stmt* statement, int column) {
  const auto* text = static_cast<const char*>(sqlite3_column_blob(statement, column));
  const int bytes = sqlite3_column_bytes(statement, column);
  return text == nullptr ? std::string_view()
                         : std::string_view(text, static_cast<std::size_t>(bytes));
}

}  // namespace

// ---- table ----------------------------------------------------------------------------

const Value& Table::value(std::size_t row, std::string_view column) const {
  const auto found = std::ranges::find(columns, column);
  if (found == columns.end()) {
    throw DatabaseError("fleet: a query has no column `" + std::string(column) + "`");
  }
  return rows.at(row)[static_cast<std::size_t>(found - columns.begin())];
}

std::int64_t Table::integer(std::size_t row, std::string_view column) const {
  return std::get<std::int64_t>(value(row, column));
}

const std::string& Table::text(std::size_t row, std::string_view column) const {
  return std::get<std::string>(value(row, column));
}

// ---- statement ------------------------------------------------------------------------

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Statement::Statement(sqlite3* database, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement,
                         nullptr) != SQLITE_OK) {
    throw DatabaseError(std::string("fleet: the database refuses a statement: ") +
                        sqlite3_errmsg(database));
  }
  statement_.reset(statement);
}

void Statement::fail(const char* what) const {
  sqlite3* database = sqlite3_db_handle(statement_.get());
  const char* file = sqlite3_db_filename(database, "main");
  throw DatabaseError(std::string("fleet: ") + what + " the database " +
                      (file == nullptr || *file == '\0' ? "in memory" : file) + ": " +
                      sqlite3_errmsg(database));
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  if (sqlite3_bind_int64(statement_.get(), parameter, value) != SQLITE_OK) {
    fail("cannot give a number to");
  }
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  if (sqlite3_bind_text(statement_.get(), parameter, text.data(),
                        static_cast<int>(text.size()), SQLITE_TRANSIENT) != SQLITE_OK) {
    fail("cannot give a text to");
  }
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  if (sqlite3_bind_null(statement_.get(), parameter) != SQLITE_OK) {
    fail("cannot give nothing to");
  }
  return *this;
}

Statement& Statement::bind(const char* parameter, std::int64_t value) {
  const int index = sqlite3_bind_parameter_index(statement_.get(), parameter);
  return index == 0 ? *this : bind(index, value);
}

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) {
    return true;
  }
  if (result != SQLITE_DONE) {
    fail("cannot read or write");
  }
  sqlite3_reset(statement_.get());
  return false;
}

void Statement::run() {
  while (step()) {
  }
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
  return std::string(column_text(statement_.get(), column));
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

Table Statement::table() {
  Table table;
  const int columns = sqlite3_column_count(statement_.get());
  for (int i = 0; i < columns; ++i) {
    table.columns.emplace_back(sqlite3_column_name(statement_.get(), i));
  }
  while (step()) {
    std::vector<Value>& row = table.rows.emplace_back();
    for (int i = 0; i < columns; ++i) {
      if (sqlite3_column_type(statement_.get(), i) == SQLITE_TEXT) {
        row.emplace_back(text(i));
      } else {
        row.emplace_back(integer(i));
      }
    }
  }
  return table;
}

// ---- database -------------------------------------------------------------------------

void Database::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

Database::Database(const std::string& file) : file_(file.empty() ? ":memory:" : file) {
  sqlite3* database = nullptr;
  const int result = sqlite3_open_v2(
      file_.c_str(), &database,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  database_.reset(database);
  if (result != SQLITE_OK) {
    throw DatabaseError("fleet: cannot open the database " + file_ + ": " +
                        (database == nullptr ? "no memory" : sqlite3_errmsg(database)));
  }
  sqlite3_busy_timeout(database, 5000);
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
  sqlite3_create_function(database, "median", 1, flags, nullptr, nullptr, add_value,
                          give_median);
  sqlite3_create_function(database, "spread", 1, flags, nullptr, nullptr, add_value,
                          give_spread);
  check_owner();
  // A crash of the machine may cost the last transactions, never the file.
  run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-131072;"
      "PRAGMA temp_store=MEMORY");
}

void Database::check_owner() {
  try {
    const Table tables = query("SELECT count(*) AS n FROM sqlite_master");
    const Table owner = query("PRAGMA application_id");
    const Table version = query("PRAGMA user_version");
    if (tables.integer(0, "n") == 0) {
      run("PRAGMA application_id=" + std::to_string(application) +
          "; PRAGMA user_version=" + std::to_string(form));
      return;
    }
    if (owner.integer(0, "application_id") != application) {
      throw DatabaseError("fleet: " + file_ +
                          " is a database, but not one of `vitrine fleet`; name another");
    }
    if (version.integer(0, "user_version") != form) {
      throw DatabaseError("fleet: " + file_ +
                          " was made by another version of this program; name another "
                          "file and load the traces again");
    }
  } catch (const DatabaseError& error) {
    if (std::string_view(error.what()).find("not a database") != std::string_view::npos) {
      throw DatabaseError("fleet: " + file_ +
                          " is no SQLite database; name another file with --db");
    }
    throw;
  }
}

void Database::run(const std::string& sql) {
  char* message = nullptr;
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, &message) !=
      SQLITE_OK) {
    const std::string why = message == nullptr ? "no reason given" : message;
    sqlite3_free(message);
    throw DatabaseError("fleet: the database " + file_ + " refuses: " + why);
  }
}

void Database::copy_to(const std::string& file) {
  prepare("VACUUM INTO ?").bind(1, file).run();
}

std::int64_t Database::last_row() const {
  return sqlite3_last_insert_rowid(database_.get());
}

// ---- transaction ----------------------------------------------------------------------

Transaction::Transaction(Database& database) : database_(database) {
  database_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  if (open_) {
    try {
      database_.run("ROLLBACK");
    } catch (const DatabaseError&) {
      open_ = false;  // the engine rolled back by itself
    }
  }
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

}  // namespace viz::fleet
