// SQLite, as far as a fleet needs it: the one place that speaks to the engine. Everything
// is done by prepared statements; what is written stands between the beginning and the
// end of a transaction, so that a program killed half-way leaves whole boots or none.
//
// Two aggregates are ours: median(x), the element in the middle of the sorted integers
// (of an even number the upper one, as ClickHouse's quantileExact(0.5) gives), and
// spread(x), the median of the distances from it.
//
// Thread rule: a database belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace viz::fleet {

class DatabaseError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

using Value = std::variant<std::int64_t, std::string>;

// What a query gives: every row has a value for every column.
struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Value>> rows;

  // The value of a column by its name; the query must have it.
  std::int64_t integer(std::size_t row, std::string_view column) const;
  const std::string& text(std::size_t row, std::string_view column) const;

 private:
  const Value& value(std::size_t row, std::string_view column) const;
};

// A prepared statement. Parameters count from 1, columns from 0, as in SQLite.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql);

  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, std::string_view text);
  Statement& bind_null(int parameter);
  // A parameter by its name (":least"), if the statement has it.
  Statement& bind(const char* parameter, std::int64_t value);

  // The next row; false when there is none, and the statement is ready for other values.
  bool step();
  // A statement that gives no rows.
  void run();

  std::int64_t integer(int column) const;
  std::string text(int column) const;
  bool is_null(int column) const;
  Table table();  // all rows

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  [[noreturn]] void fail(const char* what) const;

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  // Opens or makes a database; an empty name is one in memory. Throws DatabaseError, also
  // for a file that is a database of something else.
  explicit Database(const std::string& file);

  Statement prepare(std::string_view sql) { return {database_.get(), sql}; }

  Table query(std::string_view sql) { return prepare(sql).table(); }

  // Statements without parameters, one after the other.
  void run(const std::string& sql);

  // A copy of it all in a file that must not be there yet.
  void copy_to(const std::string& file);

  std::int64_t last_row() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };

  void check_owner();

  std::string file_;
  std::unique_ptr<sqlite3, Close> database_;
};

// Everything from here to commit() is written, or nothing.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace viz::fleet
