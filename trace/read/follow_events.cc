// Makes events of the records that were found: opens and closes spans, thread by thread.
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "trace/read/follow_files.h"

namespace trace {

using namespace detail;

// Spans at or below `depth` whose own ends were lost have ended by now.
void Follower::Files::close_from(FollowedThread& place, std::uint16_t depth) {
  while (!place.open.empty() && place.open.back().depth >= depth) {
    place.open.pop_back();
  }
}

void Follower::Files::begin(const FoundRecord& item, const detail::KindText& site) {
  FollowedThread& place = *item.place;
  const RecordView& record = item.record;
  const bool span = site.shape == Shape::span;
  close_from(place, static_cast<std::uint16_t>(record.depth() + (span ? 0 : 1)));
  const std::uint64_t par = place.open.empty() ? 0 : place.open.back().seq;
  const bool hidden = record.ticks() < site.forget_before || site.shape == Shape::counter;
  const std::uint64_t seq = hidden ? par : ++last_seq_;
  if (!hidden) {
    pending_.push_back({span ? Phase::open_span : Phase::instant, record.site(),
                        item.stream, item.ns, 0, seq, par, record, nullptr});
  }
  if (span) {
    place.open.push_back({record.depth(),
                          record.site(),
                          seq,
                          par,
                          item.ns,
                          hidden,
                          hidden ? 0 : pending_.size(),
                          {}});
  }
}

void Follower::Files::end(const FoundRecord& item, const detail::KindText& site) {
  FollowedThread& place = *item.place;
  const RecordView& record = item.record;
  close_from(place, static_cast<std::uint16_t>(record.depth() + 1));
  if (place.open.empty() || place.open.back().depth != record.depth() ||
      place.open.back().site != record.site()) {
    return;
  }
  const FollowedSpan& span = place.open.back();
  if (!span.hidden) {
    if (span.told == 0) {
      const std::vector<std::byte>& kept = buffers_.emplace_back(span.record);
      pending_.push_back({Phase::open_span, span.site, item.stream, span.start_ns, 0,
                          span.seq, span.par, RecordView{kept.data()}, nullptr});
    }
    PendingEvent& told = span.told == 0 ? pending_.back() : pending_[span.told - 1];
    told.phase = Phase::span;
    told.dur_ns = item.ns - span.start_ns;
    told.result = record.op() == Op::result && fields_fit(record.fields(), site.results)
                      ? record.at
                      : nullptr;
  }
  place.open.pop_back();
}

void Follower::Files::take(const FoundRecord& item) {
  const detail::KindText* const known = image_.kind_of(item.record.site());
  if (known == nullptr) {
    return;
  }
  const detail::KindText& site = *known;
  switch (item.record.op()) {
    case Op::begin:
    case Op::instant:
    case Op::counter:
      if (fields_fit(item.record.fields(), site.fields)) {
        begin(item, site);
      }
      return;
    case Op::end:
    case Op::result:
      end(item, site);
      return;
  }
}

namespace {

std::string number_text(const Value& value) {
  std::array<char, 40> room{};
  char* const first = room.data();
  char* const last = first + room.size();
  switch (value.type) {
    case Type::real: {
      const auto number = std::bit_cast<double>(value.bits);
      const auto [end, error] = std::to_chars(first, last, number);
      const std::string text(first, end);
      return number - number == 0 ? text : '"' + text + '"';  // infinities are no JSON
    }
    case Type::hex: {
      const auto [end, error] = std::to_chars(first, last, value.bits, 16);
      return "\"0x" + std::string(first, end) + '"';
    }
    case Type::integer: {
      const auto number = static_cast<std::int64_t>(value.bits);
      return {first, std::to_chars(first, last, number).ptr};
    }
    default:
      return {first, std::to_chars(first, last, value.bits).ptr};
  }
}

}  // namespace

void Follower::Files::add_args(std::span<const std::byte> bytes,
                               const std::vector<FieldText>& fields) {
  for (const FieldText& field : fields) {
    const Value value = take_value(bytes, field.type);
    Arg arg;
    arg.field = &field;
    arg.bits = value.bits;
    arg.text = value.text;
    if (field.type == Type::object) {
      arg.text = value.bits == 0 ? std::string_view()
                                 : texts_.emplace_back(std::string(value.text) + "#" +
                                                       std::to_string(value.bits));
    } else if (field.type != Type::text && field.type != Type::boolean) {
      arg.json = texts_.emplace_back(number_text(value));
    }
    event_.args.push_back(arg);
  }
}

void Follower::Files::tell(const PendingEvent& pending, const Visit& visit) {
  const trace::KindText& kind = kind_of(pending.site);
  const auto tid = tids_.find(pending.stream);
  texts_.clear();
  event_.phase = pending.phase;
  event_.kind = &kind;
  event_.tid = tid == tids_.end() ? 1000 : tid->second;
  event_.ts_ns = pending.ts_ns;
  event_.dur_ns = pending.dur_ns;
  event_.seq = pending.seq;
  event_.par = pending.par;
  event_.loc = image_.sites[pending.site].loc;
  event_.args.clear();
  add_args(pending.record.fields(), kind.fields);
  if (pending.result != nullptr) {
    add_args(RecordView{pending.result}.fields(), kind.results);
  }
  visit(event_);
}

std::size_t Follower::Files::poll(const Visit& visit) {
  set_clock();
  const Chunks chunks = find_chunks();
  for (const auto& [stream, place] : places_) {
    if (stream != 0) {
      read_stream(stream, chunks);
    }
  }
  // After the others, and whole: it defines what they use.
  for (int tries = 0; tries < most_patience && !read_stream(0, find_chunks());) {
    ++tries;
  }
  std::ranges::stable_sort(items_, {}, &FoundRecord::ns);
  for (const FoundRecord& item : items_) {
    take(item);
  }
  for (auto& [stream, place] : places_) {
    for (FollowedSpan& span : place.open) {
      if (span.told != 0) {
        const RecordView& record = pending_[span.told - 1].record;
        span.record.assign(record.at, record.at + record.size());
        span.told = 0;
      }
    }
  }
  for (const PendingEvent& pending : pending_) {
    tell(pending, visit);
  }
  const std::size_t told = pending_.size();
  items_.clear();
  pending_.clear();
  buffers_.clear();
  return told;
}

}  // namespace trace
