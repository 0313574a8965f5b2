// The form for SQL engines: a header line, then one flat row a line. Comparing many
// boots is then a join on `step`, a hash of the step's place and identity that is
// equal in two boots where the same thing happened.
#include <array>
#include <unordered_map>

#include "trace/catalogue.h"
#include "trace/writer.h"

namespace trace::detail {

namespace {

// FNV-1a with a final mix: the same on every host, which a join across files needs.
class Hash {
 public:
  Hash& bytes(std::string_view text) {
    for (const char c : text) {
      value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
    return number(text.size());
  }

  Hash& number(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) {
      value_ = (value_ ^ ((number >> shift) & 0xff)) * 0x100000001b3U;
    }
    return *this;
  }

  std::uint64_t value() const {
    std::uint64_t mixed = value_ ^ value_ >> 32;
    mixed *= 0x9e3779b97f4a7c15U;
    return mixed ^ mixed >> 29;
  }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

class Steps {
 public:
  explicit Steps(const Rows& rows) : image_(rows.image) {
    for (const StreamRows& stream : rows.set.streams) {
      steps_.emplace_back(stream.rows.size());
    }
  }

  std::uint64_t of(const Rows& rows, RowRef ref) {
    const StreamRows& stream = rows.set.streams[ref.stream];
    const Row& row = stream.rows[ref.row];
    Hash hash;
    hash.number(row.parent == no_row ? static_cast<std::uint64_t>(stream.tid)
                                     : steps_[ref.stream][row.parent]);
    identity(hash, row);
    // The ordinal among equal siblings keeps a step unique inside its boot.
    const std::uint32_t ordinal = seen_[hash.value()]++;
    const std::uint64_t step = hash.number(ordinal).value();
    steps_[ref.stream][ref.row] = step;
    return step;
  }

 private:
  void identity(Hash& hash, const Row& row) const {
    const RecordView record{row.record};
    const KindText& kind = *image_.sites[record.site()].kind;
    hash.bytes(kind.name).number(static_cast<std::uint64_t>(kind.category));
    std::span<const std::byte> bytes = record.fields();
    for (const FieldText& field : kind.fields) {
      const Value value = take_value(bytes, field.type);
      if (field.role == Role::identity) {
        hash.bytes(value.text).number(value.bits);
      }
    }
  }

  const RecordImage& image_;
  std::vector<std::vector<std::uint64_t>> steps_;
  std::unordered_map<std::uint64_t, std::uint32_t> seen_;
};

void write_header(JsonText& out, const Rows& rows) {
  out.raw("{\"trace\":\"vitrine\",");
  write_header_members(out, rows);
  out.raw(",\"threads\":[");
  for (const ThreadText& thread : rows.set.threads) {
    out.raw(&thread == rows.set.threads.data() ? "{\"tid\":" : ",{\"tid\":");
    out.number(thread.tid);
    out.raw(",\"name\":");
    out.string(thread.name);
    out.raw("}");
  }
  out.raw("],\"kinds\":[");
  for (const KindText* const& kind : rows.set.kinds) {
    out.raw(&kind == rows.set.kinds.data() ? "" : ",");
    write_kind(out, *kind);
  }
  out.raw("]}\n");
}

// The name of this boot in a table of many: its wall-clock start.
std::string boot_name(const Rows& rows) {
  std::array<char, 17> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + 16, rows.image.header.wall_ns, 16);
  return std::string(digits.data(), end.ptr);
}

}  // namespace

void write_ndjson(JsonText& out, const Rows& rows) {
  write_header(out, rows);
  const Pieces pieces = prepare_pieces(rows.image);
  const std::string boot = "{\"boot\":\"" + boot_name(rows) + "\",\"seq\":";
  Steps steps(rows);
  for (const RowRef ref : rows.order) {
    const StreamRows& stream = rows.set.streams[ref.stream];
    const Row& row = stream.rows[ref.row];
    const std::uint32_t id = RecordView{row.record}.site();
    const KindText& kind = *rows.image.sites[id].kind;
    const SitePieces& piece = pieces.sites[id];
    out.raw(boot);
    out.number(row.seq);
    out.raw(",\"par\":");
    out.number(row.parent == no_row ? 0 : stream.rows[row.parent].seq);
    out.raw(",\"depth\":");
    out.number(row.depth);
    out.raw(",\"tid\":");
    out.number(stream.tid);
    out.raw(",\"step\":");
    out.hex(steps.of(rows, ref));
    out.raw(",\"shape\":");
    out.string(row.open ? "open" : to_string(kind.shape));
    out.raw(",\"name\":");
    out.string(kind.name);
    out.raw(",\"cat\":");
    out.string(to_string(kind.category));
    out.raw(",\"ts\":");
    out.microseconds(row.start_ns);
    out.raw(",\"dur\":");
    out.microseconds(row.end_ns - row.start_ns);
    out.raw(piece.loc);
    write_args(out, kind, *piece.kind, row);
    out.raw("}}\n");
  }
}

}  // namespace trace::detail
