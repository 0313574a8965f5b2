// The Chrome Trace Event form: an array with one event a line, metadata first.
//
// Spans are written as complete events (X): viewers pair begin and end records by
// rules of their own, and warn. A span without an end (the process was killed inside
// it) is a begin event (B). Events about one object are tied by flow events.
#include <map>
#include <string_view>
#include <utility>

#include "trace/writer.h"

namespace trace::detail {

namespace {

// Which spans belong to one object: those whose first identity field of type object
// names it. A flow needs at least two.
class Flows {
 public:
  explicit Flows(const Rows& rows) : subject_(rows.image.sites.size(), none) {
    for (std::size_t i = 0; i < subject_.size(); ++i) {
      const KindText* kind = rows.image.sites[i].kind;
      for (std::size_t f = 0;
           kind != nullptr && f < kind->fields.size() && subject_[i] == none; ++f) {
        const FieldText& field = kind->fields[f];
        if (kind->shape == Shape::span && field.type == Type::object &&
            field.role == Role::identity) {
          subject_[i] = f;
        }
      }
    }
    for (const RowRef ref : rows.order) {
      const Row& row = rows.set.streams[ref.stream].rows[ref.row];
      if (Flow* flow = find(rows.image, row, Find::create)) {
        ++flow->left;
        flow->alone = flow->left == 1;
      }
    }
  }

  // Writes the flow event that goes behind `row`, if any.
  void write(JsonText& out, const RecordImage& image, const Row& row, int tid) {
    Flow* flow = find(image, row, Find::existing);
    if (flow == nullptr || flow->alone) {
      return;
    }
    const char* phase = flow->id == 0 ? "s" : flow->left == 1 ? "f" : "t";
    --flow->left;
    if (flow->id == 0) {
      flow->id = ++last_id_;
    }
    out.raw("{\"name\":\"object\",\"cat\":\"qom\",\"ph\":\"");
    out.raw(phase);
    out.raw("\",\"pid\":1,\"tid\":");
    out.number(tid);
    out.raw(",\"ts\":");
    out.microseconds(row.start_ns);
    out.raw(",\"id\":");
    out.hex(flow->id);
    out.raw(",\"bp\":\"e\"},\n");
  }

 private:
  static constexpr std::size_t none = ~std::size_t{0};
  enum class Find { existing, create };

  struct Flow {
    std::uint64_t left = 0;  // rows not written yet
    std::uint32_t id = 0;
    bool alone = true;
  };

  Flow* find(const RecordImage& image, const Row& row, Find how) {
    const RecordView record{row.record};
    const std::size_t subject = subject_[record.site()];
    if (subject == none) {
      return nullptr;
    }
    std::span<const std::byte> bytes = record.fields();
    Value value;
    for (std::size_t f = 0; f <= subject; ++f) {
      value = take_value(bytes, image.sites[record.site()].kind->fields[f].type);
    }
    if (value.bits == 0) {
      return nullptr;
    }
    const auto key = std::pair(value.text, value.bits);
    if (how == Find::create) {
      return &flows_[key];
    }
    const auto found = flows_.find(key);
    return found == flows_.end() ? nullptr : &found->second;
  }

  std::vector<std::size_t> subject_;  // by site: the field, or none
  std::map<std::pair<std::string_view, std::uint64_t>, Flow> flows_;
  std::uint32_t last_id_ = 0;
};

void write_metadata_event(JsonText& out, std::string_view name, int tid,
                          std::string_view text) {
  out.raw("{\"name\":\"");
  out.raw(name);
  out.raw("\",\"ph\":\"M\",\"pid\":1,\"tid\":");
  out.number(tid);
  out.raw(",\"args\":{\"name\":");
  out.string(text);
  out.raw("}},\n");
}

void write_metadata(JsonText& out, const Rows& rows) {
  out.raw("{\"name\":\"vitrine_trace\",\"ph\":\"M\",\"pid\":1,\"tid\":0,\"args\":{");
  write_header_members(out, rows);
  out.raw("}},\n");
  write_metadata_event(out, "process_name", 0, "vitrine");
  for (const ThreadText& thread : rows.set.threads) {
    write_metadata_event(out, "thread_name", thread.tid, thread.name);
  }
  for (const KindText* kind : rows.set.kinds) {
    out.raw("{\"name\":\"event_kind\",\"ph\":\"M\",\"pid\":1,\"tid\":0,\"args\":");
    write_kind(out, *kind);
    out.raw("},\n");
  }
}

const char* phase_of(const KindText& kind, const Row& row) {
  switch (kind.shape) {
    case Shape::span:
      return row.open ? "B" : "X";
    case Shape::instant:
      return "i";
    case Shape::counter:
      return "C";
  }
  return "i";
}

class RowWriter {
 public:
  RowWriter(JsonText& out, const Rows& rows)
      : out_(out), rows_(rows), pieces_(prepare_pieces(rows.image)) {}

  void write(const StreamRows& stream, const Row& row) {
    const std::uint32_t id = RecordView{row.record}.site();
    const KindText& kind = *rows_.image.sites[id].kind;
    const SitePieces& pieces = pieces_.sites[id];
    out_.raw(pieces.kind->head);
    out_.raw(phase_of(kind, row));
    out_.raw(thread_piece(stream.tid));
    out_.microseconds(row.start_ns);
    if (kind.shape == Shape::span && !row.open) {
      out_.raw(",\"dur\":");
      out_.microseconds(row.end_ns - row.start_ns);
    } else if (kind.shape == Shape::instant) {
      out_.raw(",\"s\":\"t\"");
    }
    out_.raw(",\"seq\":");
    out_.number(row.seq);
    out_.raw(",\"par\":");
    out_.number(row.parent == no_row ? 0 : stream.rows[row.parent].seq);
    out_.raw(pieces.loc);
    write_args(out_, kind, *pieces.kind, row);
    out_.raw("}},\n");
  }

 private:
  // Rows of one thread come in long runs: their common piece is made once a run.
  std::string_view thread_piece(int tid) {
    if (tid != piece_tid_) {
      piece_tid_ = tid;
      piece_ = "\",\"pid\":1,\"tid\":" + std::to_string(tid) + ",\"ts\":";
    }
    return piece_;
  }

  JsonText& out_;
  const Rows& rows_;
  Pieces pieces_;
  int piece_tid_ = -1;
  std::string piece_;
};

}  // namespace

void write_chrome(JsonText& out, const Rows& rows) {
  out.raw("[\n");
  write_metadata(out, rows);
  Flows flows(rows);
  RowWriter writer(out, rows);
  for (const RowRef ref : rows.order) {
    const StreamRows& stream = rows.set.streams[ref.stream];
    const Row& row = stream.rows[ref.row];
    writer.write(stream, row);
    flows.write(out, rows.image, row, stream.tid);
  }
  // The last event has no comma behind it: this one ends every trace.
  out.raw(
      "{\"name\":\"trace_end\",\"ph\":\"M\",\"pid\":1,\"tid\":0,\"args\":{\"name\":"
      "\"end\"}}\n]\n");
}

}  // namespace trace::detail
