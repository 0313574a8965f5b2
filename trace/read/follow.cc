#include "trace/read/follow.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <deque>
#include <map>
#include <optional>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/catalogue.h"
#include "trace/record_reader.h"

namespace trace {

namespace {

using namespace detail;

// A chunk's place in the file may be given away between two looks; its copy is found at
// the next. One that is not found that often was never written.
constexpr int most_patience = 8;

struct OpenSpan {
  std::uint16_t depth = 0;
  std::uint32_t site = 0;
  std::uint64_t seq = 0;  // of a hidden one: that of the step around it
  std::uint64_t par = 0;
  std::uint64_t start_ns = 0;
  bool hidden = false;
  std::size_t told = 0;  // its place among this look's events, + 1; 0: told earlier
  std::vector<std::byte> record;  // kept from an earlier look
};

// How far one thread has been read.
struct Place {
  std::uint32_t ordinal = 0;
  std::size_t offset = sizeof(ChunkHeader);
  int missed = 0;
  std::uint64_t last_ns = 0;
  std::vector<OpenSpan> open;
};

struct Slot {
  std::uint64_t at = 0;
  std::uint32_t used = 0;
};

// A record and when it was.
struct Item {
  std::uint64_t ns = 0;
  Place* place = nullptr;
  std::uint32_t stream = 0;
  RecordView record;
};

// An event to be told, still as records.
struct Pending {
  Phase phase = Phase::instant;
  std::uint32_t site = 0;
  std::uint32_t stream = 0;
  std::uint64_t ts_ns = 0, dur_ns = 0, seq = 0, par = 0;
  RecordView record;
  const std::byte* result = nullptr;
};

}  // namespace

class Follower::Files {
 public:
  explicit Files(const std::string& path);

  ~Files() { ::close(fd_); }

  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  std::size_t poll(const Visit& visit);

  std::vector<std::pair<int, std::string>> threads() const;

  std::uint64_t lost() const { return lost_; }

  bool ended() const;

 private:
  using Chunks = std::map<std::pair<std::uint32_t, std::uint32_t>, Slot>;

  bool read_at(std::uint64_t at, void* to, std::size_t size) const;
  Chunks find_chunks();
  void read_stream(std::uint32_t stream, const Chunks& chunks);
  bool read_chunk(std::uint32_t stream, Place& place, const Slot& slot);
  void take_definitions(std::span<const std::byte> records);
  void take_records(std::uint32_t stream, Place& place,
                    std::span<const std::byte> records);
  void set_clock();
  void take(const Item& item);
  void begin(const Item& item, const detail::KindText& site);
  void end(const Item& item, const detail::KindText& site);
  void close_from(Place& place, std::uint16_t depth);
  void tell(const Pending& pending, const Visit& visit);
  void add_args(std::span<const std::byte> bytes, const std::vector<FieldText>& fields);
  const trace::KindText& kind_of(std::uint32_t site);

  std::string path_;
  int fd_ = -1;
  RecordImage image_;  // its chunks are not used
  std::map<std::uint32_t, Place> places_;
  std::deque<std::optional<trace::KindText>> kinds_;  // by site; their addresses stay
  std::map<std::uint32_t, int> tids_;
  std::uint64_t last_seq_ = 0, lost_ = 0;

  // Of one look.
  std::deque<std::vector<std::byte>> buffers_;
  std::vector<Item> items_;
  std::vector<Pending> pending_;
  Event event_;
  std::deque<std::string> texts_;
};

Follower::Files::Files(const std::string& path) : path_(path) {
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0) {
    throw std::system_error(errno, std::generic_category(), "trace: cannot read " + path);
  }
  std::vector<std::byte> head(file_header_bytes);
  try {
    if (!read_at(0, head.data(), head.size())) {
      throw std::runtime_error(path + " is shorter than a record file's header");
    }
    image_ = read_record_image(head);  // refuses what is none
    places_[0];
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

bool Follower::Files::read_at(std::uint64_t at, void* to, std::size_t size) const {
  auto* bytes = static_cast<std::byte*>(to);
  while (size > 0) {
    const ssize_t got = ::pread(fd_, bytes, size, static_cast<off_t>(at));
    if (got <= 0) {
      return false;
    }
    bytes += got;
    at += static_cast<std::uint64_t>(got);
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

namespace {

// A chunk's header as plain numbers: one that is being written is copied, not shared.
struct HeaderCopy {
  std::uint32_t magic, stream, ordinal, used;
  std::uint64_t lost;
};

HeaderCopy copy_header(const std::byte* bytes) {
  static_assert(sizeof(ChunkHeader) == 64);
  return {load<std::uint32_t>(bytes), load<std::uint32_t>(bytes + 4),
          load<std::uint32_t>(bytes + 8), load<std::uint32_t>(bytes + 12),
          load<std::uint64_t>(bytes + 32)};
}

bool usable(const HeaderCopy& header) {
  return header.magic == chunk_magic && header.used >= sizeof(ChunkHeader) &&
         header.used <= chunk_bytes;
}

}  // namespace

// The newest place of each chunk that is not read to its end yet.
Follower::Files::Chunks Follower::Files::find_chunks() {
  Chunks chunks;
  lost_ = 0;

  struct stat status {};

  if (::fstat(fd_, &status) != 0) {
    return chunks;
  }
  const auto size = static_cast<std::uint64_t>(status.st_size);
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> losses;
  std::array<std::byte, sizeof(ChunkHeader)> bytes{};
  for (std::uint64_t at = file_header_bytes; at + bytes.size() <= size;
       at += chunk_bytes) {
    if (!read_at(at, bytes.data(), bytes.size())) {
      break;
    }
    const HeaderCopy header = copy_header(bytes.data());
    if (!usable(header)) {
      continue;
    }
    losses[{header.stream, header.ordinal}] = header.lost;
    if (header.ordinal < places_[header.stream].ordinal) {
      continue;
    }
    Slot& slot = chunks[{header.stream, header.ordinal}];
    if (header.used >= slot.used) {
      slot = {at, header.used};
    }
  }
  for (const auto& [chunk, lost] : losses) {
    lost_ += lost;
  }
  return chunks;
}

// False if the slot was given to another chunk meanwhile.
bool Follower::Files::read_chunk(std::uint32_t stream, Place& place, const Slot& slot) {
  if (slot.used <= place.offset) {
    return true;
  }
  std::vector<std::byte> bytes(slot.used - place.offset);
  std::array<std::byte, sizeof(ChunkHeader)> again{};
  if (!read_at(slot.at + place.offset, bytes.data(), bytes.size()) ||
      !read_at(slot.at, again.data(), again.size())) {
    return false;
  }
  const HeaderCopy header = copy_header(again.data());
  if (!usable(header) || header.stream != stream || header.ordinal != place.ordinal) {
    return false;
  }
  place.offset = slot.used;
  const std::vector<std::byte>& kept = buffers_.emplace_back(std::move(bytes));
  if (stream == 0) {
    take_definitions(kept);
  } else {
    take_records(stream, place, kept);
  }
  return true;
}

void Follower::Files::read_stream(std::uint32_t stream, const Chunks& chunks) {
  Place& place = places_.at(stream);
  for (;;) {
    const auto here = chunks.find({stream, place.ordinal});
    const auto later = chunks.upper_bound({stream, place.ordinal});
    const bool follows = later != chunks.end() && later->first.first == stream;
    if (here == chunks.end() ? (!follows || ++place.missed < most_patience)
                             : !read_chunk(stream, place, here->second)) {
      return;
    }
    if (!follows || (here != chunks.end() && place.offset < here->second.used)) {
      return;
    }
    place = {later->first.second, sizeof(ChunkHeader), 0, place.last_ns,
             std::move(place.open)};
  }
}

void Follower::Files::take_definitions(std::span<const std::byte> records) {
  const ChunkView chunk{0, 0, records, 0, 0};
  read_definitions(image_, {&chunk, 1});
  for (const ThreadText& thread : image_.threads) {
    tids_[thread.stream] = thread.tid;
  }
}

void Follower::Files::take_records(std::uint32_t stream, Place& place,
                                   std::span<const std::byte> records) {
  bool bad = false;
  while (const auto record = next_record(records, bad)) {
    place.last_ns = std::max(place.last_ns + 1, image_.nanoseconds(record->ticks()));
    items_.push_back({place.last_ns, &place, stream, *record});
  }
}

// The two clocks are compared now, on the same machine: better than what the recorder
// last noted. A file of another machine's has only that.
void Follower::Files::set_clock() {
  FileHeader now;
  if (!read_at(0, static_cast<void*>(&now), sizeof now)) {
    return;
  }
  const ClockPair here = sample_clocks(), start = image_.header.start;
  const ClockPair last =
      here.ticks > now.last.ticks && here.ns > now.last.ns ? here : now.last;
  if (last.ticks > start.ticks && last.ns > start.ns) {
    image_.ns_per_tick = static_cast<double>(last.ns - start.ns) /
                         static_cast<double>(last.ticks - start.ticks);
  }
}

const trace::KindText& Follower::Files::kind_of(std::uint32_t site) {
  if (kinds_.size() <= site) {
    kinds_.resize(site + 1);
  }
  std::optional<trace::KindText>& kind = kinds_[site];
  if (!kind) {
    const detail::KindText& text = *image_.kind_of(site);
    const auto category = static_cast<std::size_t>(text.category);
    kind = trace::KindText{text.name,   std::string(category_names()[category]),
                           text.shape,  text.help,
                           text.fields, text.results};
  }
  return *kind;
}

// ---- from records to events -----------------------------------------------------------

// Spans at or below `depth` whose own ends were lost have ended by now.
void Follower::Files::close_from(Place& place, std::uint16_t depth) {
  while (!place.open.empty() && place.open.back().depth >= depth) {
    place.open.pop_back();
  }
}

void Follower::Files::begin(const Item& item, const detail::KindText& site) {
  Place& place = *item.place;
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

void Follower::Files::end(const Item& item, const detail::KindText& site) {
  Place& place = *item.place;
  const RecordView& record = item.record;
  close_from(place, static_cast<std::uint16_t>(record.depth() + 1));
  if (place.open.empty() || place.open.back().depth != record.depth() ||
      place.open.back().site != record.site()) {
    return;
  }
  const OpenSpan& span = place.open.back();
  if (!span.hidden) {
    if (span.told == 0) {
      const std::vector<std::byte>& kept = buffers_.emplace_back(span.record);
      pending_.push_back({Phase::open_span, span.site, item.stream, span.start_ns, 0,
                          span.seq, span.par, RecordView{kept.data()}, nullptr});
    }
    Pending& told = span.told == 0 ? pending_.back() : pending_[span.told - 1];
    told.phase = Phase::span;
    told.dur_ns = item.ns - span.start_ns;
    told.result = record.op() == Op::result && fields_fit(record.fields(), site.results)
                      ? record.at
                      : nullptr;
  }
  place.open.pop_back();
}

void Follower::Files::take(const Item& item) {
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

void Follower::Files::tell(const Pending& pending, const Visit& visit) {
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
  read_stream(0, find_chunks());  // looked for later: what it defines may be used above
  for (const auto& [stream, place] : places_) {
    if (stream != 0) {
      read_stream(stream, chunks);
    }
  }
  std::ranges::stable_sort(items_, {}, &Item::ns);
  for (const Item& item : items_) {
    take(item);
  }
  for (auto& [stream, place] : places_) {
    for (OpenSpan& span : place.open) {
      if (span.told != 0) {
        const RecordView& record = pending_[span.told - 1].record;
        span.record.assign(record.at, record.at + record.size());
        span.told = 0;
      }
    }
  }
  for (const Pending& pending : pending_) {
    tell(pending, visit);
  }
  const std::size_t told = pending_.size();
  items_.clear();
  pending_.clear();
  buffers_.clear();
  return told;
}

std::vector<std::pair<int, std::string>> Follower::Files::threads() const {
  std::map<int, std::string> named;
  for (const ThreadText& thread : image_.threads) {
    named[thread.tid] = thread.name;
  }
  return {named.begin(), named.end()};
}

// A program that exists and is not ours to signal exists.
bool Follower::Files::ended() const {
  struct stat status {};

  if (::fstat(fd_, &status) != 0 || status.st_nlink == 0) {
    return true;
  }
  FileHeader header;
  if (!read_at(0, static_cast<void*>(&header), sizeof header)) {
    return true;
  }
  return ::kill(static_cast<pid_t>(header.process), 0) != 0 && errno == ESRCH;
}

bool Follower::ended() const {
  return files_->ended();
}

Follower::Follower(const std::string& record_file)
    : files_(std::make_unique<Files>(record_file)) {}

Follower::~Follower() = default;

std::size_t Follower::poll(const Visit& visit) {
  return files_->poll(visit);
}

std::vector<std::pair<int, std::string>> Follower::threads() const {
  return files_->threads();
}

std::uint64_t Follower::lost() const {
  return files_->lost();
}

}  // namespace trace
