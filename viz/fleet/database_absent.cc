// database.h in a build without SQLite: whoever opens a database is told what is missing.
#include "viz/fleet/database.h"

namespace viz::fleet {

namespace {

[[noreturn]] void refuse() {
  throw DatabaseError(
      "this build has no SQLite, in which fleets of boots are kept. To get it: apt "
      "install libsqlite3-dev, then configure and build again");
}

}  // namespace

std::int64_t Table::integer(std::size_t, std::string_view) const {
  refuse();
}

const std::string& Table::text(std::size_t, std::string_view) const {
  refuse();
}

void Statement::Finalize::operator()(sqlite3_stmt*) const {}

Statement::Statement(sqlite3*, std::string_view) {
  refuse();
}

Statement& Statement::bind(int, std::int64_t) {
  return *this;
}

Statement& Statement::bind(int, std::string_view) {
  return *this;
}

Statement& Statement::bind(const char*, std::int64_t) {
  return *this;
}

Statement& Statement::bind_null(int) {
  return *this;
}

bool Statement::step() {
  return false;
}

void Statement::run() {}

std::int64_t Statement::integer(int) const {
  return 0;
}

std::string Statement::text(int) const {
  return {};
}

bool Statement::is_null(int) const {
  return true;
}

Table Statement::table() {
  return {};
}

void Database::Close::operator()(sqlite3*) const {}

Database::Database(const std::string&) {
  refuse();
}

void Database::run(const std::string&) {}

void Database::copy_to(const std::string&) {}

std::int64_t Database::last_row() const {
  return 0;
}

Transaction::Transaction(Database& database) : database_(database) {}

Transaction::~Transaction() = default;

// Never reached: there is no database to begin one in.
void Transaction::commit() {
  database_.run("");
  open_ = false;
}

}  // namespace viz::fleet
