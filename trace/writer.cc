// What both forms of a trace share: the header, the kinds, the values.
#include "trace/writer.h"

#include <array>
#include <bit>
#include <ctime>
#include <set>

#include "trace/catalogue.h"

namespace trace::detail {

namespace {

std::string piece_of_name(std::string_view name) {
  std::string piece = "\"";
  append_escaped(piece, name);
  return piece + "\":";
}

void write_value(JsonText& out, const Value& value) {
  switch (value.type) {
    case Type::boolean:
      out.raw(value.bits != 0 ? "true" : "false");
      return;
    case Type::integer:
      out.number(static_cast<std::int64_t>(value.bits));
      return;
    case Type::natural:
      out.number(value.bits);
      return;
    case Type::real:
      out.real(std::bit_cast<double>(value.bits));
      return;
    case Type::hex:
      out.hex(value.bits);
      return;
    case Type::text:
      out.string(value.text);
      return;
    case Type::object:
      out.object(value.text, static_cast<std::uint32_t>(value.bits));
      return;
  }
}

std::string wall_time(std::uint64_t ns) {
  const auto seconds = static_cast<std::time_t>(ns / 1'000'000'000U);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string millis = std::to_string(ns / 1'000'000U % 1000);
  return std::string(text.data()) + "." + std::string(3 - millis.size(), '0') + millis +
         "Z";
}

void write_fields(JsonText& out, const std::vector<FieldText>& fields) {
  out.raw("[");
  for (const FieldText& field : fields) {
    out.raw(&field == fields.data() ? "{\"name\":" : ",{\"name\":");
    out.string(field.name);
    out.raw(",\"role\":");
    out.string(to_string(field.role));
    out.raw(",\"type\":");
    out.string(to_string(field.type));
    out.raw(",\"help\":");
    out.string(field.help);
    out.raw("}");
  }
  out.raw("]");
}

void write_number_member(JsonText& out, std::string_view name, std::uint64_t value) {
  out.raw(",\"");
  out.raw(name);
  out.raw("\":");
  out.number(value);
}

KindPieces prepare_kind(const KindText& kind) {
  KindPieces pieces;
  pieces.head = "{\"name\":\"";
  append_escaped(pieces.head, kind.name);
  pieces.head += "\",\"cat\":\"" + std::string(to_string(kind.category)) + "\",\"ph\":\"";
  for (const FieldText& field : kind.fields) {
    pieces.fields.push_back((pieces.fields.empty() ? "" : ",") +
                            piece_of_name(field.name));
  }
  for (const FieldText& field : kind.results) {
    const bool first = pieces.fields.empty() && pieces.results.empty();
    pieces.results.push_back((first ? "" : ",") + piece_of_name(field.name));
  }
  return pieces;
}

}  // namespace

Pieces prepare_pieces(const RecordImage& image) {
  Pieces all;
  for (const auto& [number, kind] : image.kinds) {
    all.kinds.emplace(&kind, prepare_kind(kind));
  }
  for (const SiteText& site : image.sites) {
    SitePieces& pieces = all.sites.emplace_back();
    if (site.kind != nullptr) {
      pieces.kind = &all.kinds.at(site.kind);
      pieces.loc = ",\"loc\":\"";
      append_escaped(pieces.loc, site.loc);
      pieces.loc += "\",\"args\":{";
    }
  }
  return all;
}

void write_args(JsonText& out, const KindText& kind, const KindPieces& pieces,
                const Row& row) {
  std::span<const std::byte> bytes = RecordView{row.record}.fields();
  for (std::size_t i = 0; i < kind.fields.size(); ++i) {
    out.raw(pieces.fields[i]);
    write_value(out, take_value(bytes, kind.fields[i].type));
  }
  if (row.result == nullptr) {
    return;
  }
  bytes = RecordView{row.result}.fields();
  for (std::size_t i = 0; i < kind.results.size(); ++i) {
    out.raw(pieces.results[i]);
    write_value(out, take_value(bytes, kind.results[i].type));
  }
}

void write_kind(JsonText& out, const KindText& kind) {
  out.raw("{\"name\":");
  out.string(kind.name);
  out.raw(",\"cat\":");
  out.string(to_string(kind.category));
  out.raw(",\"shape\":");
  out.string(to_string(kind.shape));
  out.raw(",\"help\":");
  out.string(kind.help);
  out.raw(",\"fields\":");
  write_fields(out, kind.fields);
  out.raw(",\"results\":");
  write_fields(out, kind.results);
  out.raw("}");
}

void write_header_members(JsonText& out, const Rows& rows) {
  out.raw("\"schema\":");
  out.number(schema_version);
  out.raw(",\"started\":");
  out.string(wall_time(rows.image.header.wall_ns));
  write_number_member(out, "process", rows.image.header.process);
  write_number_member(out, "spans", rows.set.spans);
  write_number_member(out, "instants", rows.set.instants);
  write_number_member(out, "counters", rows.set.counters);
  write_number_member(out, "open", rows.set.open);
  write_number_member(out, "lost", rows.image.lost);
  write_number_member(out, "unreadable", rows.image.unreadable);
  out.raw(",\"metadata\":{");
  std::set<std::string_view> written;
  const auto& metadata = rows.image.metadata;
  for (std::size_t i = 0; i < metadata.size(); ++i) {
    // The last word about a key counts, at the place of the first.
    if (!written.insert(metadata[i].first).second) {
      continue;
    }
    std::string_view value;
    for (std::size_t k = i; k < metadata.size(); ++k) {
      value = metadata[k].first == metadata[i].first ? metadata[k].second : value;
    }
    out.raw(written.size() == 1 ? "" : ",");
    out.string(metadata[i].first);
    out.raw(":");
    out.string(value);
  }
  out.raw("}");
}

}  // namespace trace::detail
