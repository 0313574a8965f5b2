// Finds what is new in a record file that somebody else is writing.
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/catalogue.h"
#include "trace/read/follow_files.h"

namespace trace {

using namespace detail;

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

Follower::Files::~Files() {
  ::close(fd_);
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
    ChunkSlot& slot = chunks[{header.stream, header.ordinal}];
    if (header.used >= slot.used) {
      slot = {at, header.used};
    }
  }
  for (const auto& [chunk, lost] : losses) {
    lost_ += lost;
  }
  return chunks;
}

// The bytes in use of the chunk that a thread is being read in, if it is still at `at`.
std::optional<std::uint32_t> Follower::Files::used_now(std::uint32_t stream,
                                                       const FollowedThread& place,
                                                       std::uint64_t at) const {
  std::array<std::byte, sizeof(ChunkHeader)> bytes{};
  if (!read_at(at, bytes.data(), bytes.size())) {
    return std::nullopt;
  }
  const HeaderCopy header = copy_header(bytes.data());
  const bool same = header.stream == stream && header.ordinal == place.ordinal;
  return usable(header) && same ? std::optional(header.used) : std::nullopt;
}

// Reads what is in a chunk by now, which may be more than when it was found: when a later
// chunk was found too, that is all of it. False if the slot was given to another chunk
// meanwhile.
bool Follower::Files::read_chunk(std::uint32_t stream, FollowedThread& place,
                                 std::uint64_t at) {
  const auto used = used_now(stream, place, at);
  if (!used || *used <= place.offset) {
    return used.has_value();
  }
  std::vector<std::byte> bytes(*used - place.offset);
  if (!read_at(at + place.offset, bytes.data(), bytes.size()) ||
      !used_now(stream, place, at)) {
    return false;
  }
  place.offset = *used;
  const std::vector<std::byte>& kept = buffers_.emplace_back(std::move(bytes));
  if (stream == 0) {
    take_definitions(kept);
  } else {
    take_records(stream, place, kept);
  }
  return true;
}

// A chunk may be missing from one look: it was copied behind the part already looked at.
// So the next is always the one that comes next, whatever later ones were found. True if
// none is missing.
bool Follower::Files::read_stream(std::uint32_t stream, const Chunks& chunks) {
  FollowedThread& place = places_.at(stream);
  for (;;) {
    const auto here = chunks.find({stream, place.ordinal});
    const auto later = chunks.upper_bound({stream, place.ordinal});
    const bool follows = later != chunks.end() && later->first.first == stream;
    const bool missing = here == chunks.end();
    if (missing ? (!follows || ++place.missed < most_patience)
                : !read_chunk(stream, place, here->second.at)) {
      return false;
    }
    if (!follows) {
      return true;
    }
    place = {missing ? later->first.second : place.ordinal + 1, sizeof(ChunkHeader), 0,
             place.last_ns, std::move(place.open)};
  }
}

void Follower::Files::take_definitions(std::span<const std::byte> records) {
  const ChunkView chunk{0, 0, records, 0, 0};
  read_definitions(image_, {&chunk, 1});
  for (const ThreadText& thread : image_.threads) {
    tids_[thread.stream] = thread.tid;
  }
}

void Follower::Files::take_records(std::uint32_t stream, FollowedThread& place,
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
