// Writes rows as text: the Chrome Trace Event form (.json) or rows for SQL engines
// (.ndjson). Both say the same; DESIGN.md section 4 and trace/schema/ describe them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trace/json_text.h"
#include "trace/rows.h"

namespace trace::detail {

inline constexpr int schema_version = 1;

struct Rows {
  const RecordImage& image;
  const RowSet& set;
  const std::vector<RowRef>& order;
};

void write_chrome(JsonText& out, const Rows& rows);
void write_ndjson(JsonText& out, const Rows& rows);

// The header's members, without braces: version, counts, clock, metadata.
void write_header_members(JsonText& out, const Rows& rows);

// One kind as an object: name, cat, shape, help, fields, results.
void write_kind(JsonText& out, const KindText& kind);

// What is the same in every row of a kind, ready to be copied.
struct KindPieces {
  std::string head;                 // {"name":"x","cat":"y","ph":
  std::vector<std::string> fields;  // "name":
  std::vector<std::string> results;
};

struct SitePieces {
  const KindPieces* kind = nullptr;
  std::string loc;  // ,"loc":"file:line","args":{
};

struct Pieces {
  std::map<const KindText*, KindPieces> kinds;
  std::vector<SitePieces> sites;  // by site id
};

Pieces prepare_pieces(const RecordImage& image);

// The values of a row, comma separated, without braces.
void write_args(JsonText& out, const KindText& kind, const KindPieces& pieces,
                const Row& row);

}  // namespace trace::detail
