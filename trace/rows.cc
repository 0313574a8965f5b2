#include "trace/rows.h"

#include <algorithm>
#include <map>
#include <queue>
#include <string>
#include <tuple>

#include <sys/mman.h>

#include "trace/catalogue.h"

namespace trace::detail {

namespace {

// A span's begin and end take at least this much; a guess too low costs a copy.
constexpr std::size_t typical_row_bytes = 32;

// How an overflow shows in the trace: an instant at the place where records are
// missing.
struct Lost {
  static constexpr Declaration declaration{
      "trace_lost", Category::host, Shape::instant,
      "Records of this thread found no room in its ring and are missing here."};
  std::uint64_t count = 0;

  static constexpr auto fields() {
    return trace::fields(volatile_field("count", &Lost::count, "how many records"));
  }
};

// Room for `count` more at once, in large pages where the system has them: to touch a
// million rows page by page takes as long as to write them as text.
template <class T>
void reserve_large(std::vector<T>& to, std::size_t count) {
  to.reserve(count);
  constexpr std::uintptr_t page = 4096;
  const auto begin =
      (reinterpret_cast<std::uintptr_t>(to.data()) + page - 1) & ~(page - 1);
  const auto end =
      reinterpret_cast<std::uintptr_t>(to.data() + to.capacity()) & ~(page - 1);
  if (end > begin) {
    // Advice: where it is not followed, only time is lost.
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
  }
}

// Follows one thread's records and keeps the stack of open spans.
class StreamBuilder {
 public:
  StreamBuilder(RecordImage& image, RowSet& set, StreamRows& to)
      : seen_(image.sites.size()), image_(image), set_(set), to_(to) {}

  void chunk(const ChunkView& chunk) {
    std::span<const std::byte> left = chunk.records;
    bool bad = false;
    while (const auto record = next_record(left, bad)) {
      image_.unreadable += take(*record) ? 0 : 1;
    }
    image_.unreadable += bad ? 1 : 0;
    if (chunk.lost != 0) {
      note_lost(chunk);
    }
  }

  void finish() {
    for (const Open& open : stack_) {
      Row& row = to_.rows[open.row];
      row.open = true;
      row.end_ns = std::max(row.start_ns, last_ns_);
      set_.open += row.hidden ? 0 : 1;
    }
  }

 private:
  struct Open {
    std::uint32_t row = 0;
    std::uint16_t depth = 0;
  };

  // No two records of a thread share a nanosecond: a viewer that adds ts and dur in
  // floating point would else see a child end after its parent.
  std::uint64_t time_of(std::uint64_t ticks) {
    last_ns_ = std::max(last_ns_ + 1, image_.nanoseconds(ticks));
    return last_ns_;
  }

  bool take(const RecordView& record) {
    const KindText* kind = image_.kind_of(record.site());
    if (kind == nullptr) {
      return false;
    }
    switch (record.op()) {
      case Op::begin:
        return kind->shape == Shape::span && add(record, *kind);
      case Op::instant:
        return kind->shape == Shape::instant && add(record, *kind);
      case Op::counter:
        return kind->shape == Shape::counter && add(record, *kind);
      case Op::result:
      case Op::end:
        return end(record, *kind);
    }
    return false;
  }

  // Closes spans at or below `depth`: their own ends were lost.
  void close_from(std::uint16_t depth) {
    while (!stack_.empty() && stack_.back().depth >= depth) {
      to_.rows[stack_.back().row].end_ns = last_ns_;
      stack_.pop_back();
    }
  }

  bool add(const RecordView& record, const KindText& kind) {
    if (!fields_fit(record.fields(), kind.fields)) {
      return false;
    }
    const std::uint64_t now = time_of(record.ticks());
    const bool span = kind.shape == Shape::span;
    close_from(static_cast<std::uint16_t>(record.depth() + (span ? 0 : 1)));
    Row row;
    row.record = record.at;
    row.start_ns = row.end_ns = now;
    row.hidden = record.ticks() < kind.forget_before;
    row.parent = stack_.empty() ? no_row : stack_.back().row;
    if (row.parent != no_row && to_.rows[row.parent].hidden) {
      row.parent = to_.rows[row.parent].parent;
    }
    row.depth = row.parent == no_row
                    ? 0
                    : static_cast<std::uint16_t>(to_.rows[row.parent].depth + 1);
    if (span) {
      stack_.push_back({static_cast<std::uint32_t>(to_.rows.size()), record.depth()});
    }
    if (!row.hidden) {
      seen_[record.site()] = true;
      (span                           ? set_.spans
       : kind.shape == Shape::instant ? set_.instants
                                      : set_.counters) += 1;
    }
    to_.rows.push_back(row);
    return true;
  }

  bool end(const RecordView& record, const KindText& kind) {
    time_of(record.ticks());
    close_from(static_cast<std::uint16_t>(record.depth() + 1));
    if (stack_.empty() || stack_.back().depth != record.depth()) {
      return true;  // of a span that began before the recording
    }
    Row& row = to_.rows[stack_.back().row];
    if (RecordView{row.record}.site() != record.site()) {
      return record.op() == Op::end;
    }
    close_from(record.depth());
    if (record.op() == Op::end) {
      return true;
    }
    const bool fit = fields_fit(record.fields(), kind.results);
    row.result = fit ? record.at : nullptr;
    return fit;
  }

  void note_lost(const ChunkView& chunk) {
    std::vector<std::byte> bytes(record_header_bytes + 8);
    const auto site = static_cast<std::uint64_t>(image_.sites.size() - 1);
    put_raw(bytes.data(), chunk.lost_ticks);
    put_raw(bytes.data() + 8, static_cast<std::uint64_t>(bytes.size()) |
                                  static_cast<std::uint64_t>(Op::instant) << 16 |
                                  site << 24 | std::uint64_t{0xffff} << 48);
    put_raw(bytes.data() + record_header_bytes, chunk.lost);
    const RecordView record{set_.made.emplace_back(std::move(bytes)).data()};
    Row row;
    row.record = record.at;
    row.start_ns = row.end_ns = time_of(chunk.lost_ticks);
    row.parent = stack_.empty() ? no_row : stack_.back().row;
    while (row.parent != no_row && to_.rows[row.parent].hidden) {
      row.parent = to_.rows[row.parent].parent;
    }
    row.depth = row.parent == no_row
                    ? 0
                    : static_cast<std::uint16_t>(to_.rows[row.parent].depth + 1);
    seen_[record.site()] = true;
    ++set_.instants;
    to_.rows.push_back(row);
  }

 public:
  std::vector<bool> seen_;  // by site: it has a row

 private:
  RecordImage& image_;
  RowSet& set_;
  StreamRows& to_;
  std::vector<Open> stack_;
  std::uint64_t last_ns_ = 0;
};

void add_lost_site(RecordImage& image) {
  KindText& kind = image.kinds[0];
  kind.name = Lost::declaration.name;
  kind.category = Lost::declaration.category;
  kind.shape = Lost::declaration.shape;
  kind.help = Lost::declaration.help;
  kind.fields.push_back({"count", Role::volatile_, Type::natural, "how many records"});
  image.sites.push_back({&kind, "trace/rows.cc:1"});
}

// Two streams may claim one tid: a thread that ended, and its successor. They share
// it if they do not overlap in time; else the later one gets a number of its own.
void assign_tids(const RecordImage& image, RowSet& set) {
  std::map<std::uint32_t, ThreadText> named;  // the last word about each stream
  for (const ThreadText& thread : image.threads) {
    named[thread.stream] = thread;
  }
  std::map<int, std::uint64_t> busy_until;
  std::map<int, ThreadText> used;
  int next_free = 1000;
  for (StreamRows& stream : set.streams) {
    const auto found = named.find(stream.stream);
    ThreadText thread{stream.stream, next_free, "unnamed thread"};
    if (found != named.end()) {
      thread = found->second;
    }
    const auto busy = busy_until.find(thread.tid);
    if (found == named.end() ||
        (busy != busy_until.end() && busy->second > stream.rows.front().start_ns)) {
      while (busy_until.contains(next_free)) {
        ++next_free;
      }
      thread.tid = next_free;
    }
    std::uint64_t end = 0;
    for (const Row& row : stream.rows) {
      end = std::max(end, row.end_ns);
    }
    stream.tid = thread.tid;
    busy_until[thread.tid] = std::max(busy_until[thread.tid], end);
    used.try_emplace(thread.tid, thread);
  }
  for (auto& [tid, thread] : used) {
    set.threads.push_back(std::move(thread));
  }
}

// Each distinct kind that has a row, in the order of category and name.
void list_kinds(const RecordImage& image, const std::vector<bool>& seen, RowSet& set) {
  for (std::uint32_t id = 0; id < seen.size(); ++id) {
    if (seen[id]) {
      set.kinds.push_back(image.sites[id].kind);
    }
  }
  const auto key = [](const KindText* kind) {
    return std::tie(kind->category, kind->name, kind->shape);
  };
  std::ranges::stable_sort(set.kinds, {}, key);
  const auto same = [&](const KindText* one, const KindText* other) {
    return one == other || (key(one) == key(other) && one->fields == other->fields &&
                            one->results == other->results);
  };
  set.kinds.erase(std::unique(set.kinds.begin(), set.kinds.end(), same), set.kinds.end());
}

}  // namespace

RowSet build_rows(RecordImage& image) {
  RowSet set;
  add_lost_site(image);
  std::vector<bool> seen(image.sites.size());
  for (std::size_t i = 0; i < image.chunks.size();) {
    StreamRows& stream = set.streams.emplace_back();
    stream.stream = image.chunks[i].stream;
    StreamBuilder builder(image, set, stream);
    std::size_t bytes = 0;
    for (std::size_t k = i;
         k < image.chunks.size() && image.chunks[k].stream == stream.stream; ++k) {
      bytes += image.chunks[k].records.size();
    }
    reserve_large(stream.rows, bytes / typical_row_bytes);
    for (; i < image.chunks.size() && image.chunks[i].stream == stream.stream; ++i) {
      builder.chunk(image.chunks[i]);
    }
    builder.finish();
    for (std::size_t id = 0; id < seen.size(); ++id) {
      seen[id] = seen[id] || builder.seen_[id];
    }
    if (stream.rows.empty()) {
      set.streams.pop_back();
    }
  }
  assign_tids(image, set);
  list_kinds(image, seen, set);
  return set;
}

std::vector<RowRef> number_rows(RowSet& set) {
  using Head =
      std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>;  // time, stream, row
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
  for (std::uint32_t i = 0; i < set.streams.size(); ++i) {
    heads.emplace(set.streams[i].rows.front().start_ns, i, 0);
  }
  std::vector<RowRef> order;
  reserve_large(order, set.spans + set.instants + set.counters);
  std::uint32_t seq = 0;
  while (!heads.empty()) {
    auto [time, stream, row] = heads.top();
    heads.pop();
    std::vector<Row>& rows = set.streams[stream].rows;
    // Rows up to the next thread's first need no comparing.
    const Head limit = heads.empty() ? Head{~std::uint64_t{0}, 0, 0} : heads.top();
    do {
      if (!rows[row].hidden) {
        rows[row].seq = ++seq;
        order.push_back({stream, row});
      }
      ++row;
    } while (row < rows.size() && Head{rows[row].start_ns, stream, row} < limit);
    if (row < rows.size()) {
      heads.emplace(rows[row].start_ns, stream, row);
    }
  }
  return order;
}

}  // namespace trace::detail
