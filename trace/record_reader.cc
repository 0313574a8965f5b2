#include "trace/record_reader.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <stdexcept>
#include <system_error>
#include <tuple>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace trace::detail {

namespace {

// Takes values off the front of a definition; `ok` turns false at the first that is
// not there.
struct Cursor {
  std::span<const std::byte> left;
  bool ok = true;

  std::uint64_t number() {
    if (left.size() < 8) {
      ok = false;
      return 0;
    }
    const auto value = load<std::uint64_t>(left.data());
    left = left.subspan(8);
    return value;
  }

  std::uint64_t number_below(std::uint64_t bound) {
    const std::uint64_t value = number();
    ok = ok && value < bound;
    return ok ? value : 0;
  }

  std::string text() {
    if (left.size() < 2 || left.size() - 2 < load<std::uint16_t>(left.data())) {
      ok = false;
      return {};
    }
    const std::size_t size = load<std::uint16_t>(left.data());
    std::string value(size, '\0');
    std::memcpy(value.data(), left.data() + 2, size);
    left = left.subspan(2 + size);
    return value;
  }

  std::vector<FieldText> fields() {
    std::vector<FieldText> all;
    const std::uint64_t count = number_below(64);
    for (std::uint64_t i = 0; ok && i < count; ++i) {
      FieldText field;
      field.name = text();
      field.role = static_cast<Role>(number_below(3));
      field.type = static_cast<Type>(number_below(7));
      field.help = text();
      all.push_back(std::move(field));
    }
    return all;
  }
};

constexpr std::uint64_t max_sites = 1 << 16;

bool define_kind(RecordImage& image, Cursor from) {
  const std::uint64_t number = from.number_below(max_sites);
  KindText kind;
  kind.name = from.text();
  kind.category = static_cast<Category>(from.number_below(12));
  kind.shape = static_cast<Shape>(from.number_below(3));
  kind.help = from.text();
  kind.fields = from.fields();
  kind.results = from.fields();
  return from.ok && number != 0 &&
         image.kinds.try_emplace(number, std::move(kind)).second;
}

bool define_site(RecordImage& image, Cursor from) {
  const std::uint64_t id = from.number_below(max_sites);
  const auto kind = image.kinds.find(from.number());
  std::string loc = from.text();
  loc += ':' + std::to_string(from.number());
  if (!from.ok || id == 0 || kind == image.kinds.end()) {
    return false;
  }
  if (image.sites.size() <= id) {
    image.sites.resize(id + 1);
  }
  image.sites[id] = {&kind->second, std::move(loc)};
  return true;
}

bool define_thread(RecordImage& image, Cursor from) {
  const std::uint64_t number = from.number();
  ThreadText thread;
  thread.stream = static_cast<std::uint32_t>(number >> 32);
  thread.tid = static_cast<int>(static_cast<std::uint32_t>(number));
  thread.name = from.text();
  if (!from.ok || thread.tid < 0) {
    return false;
  }
  image.threads.push_back(std::move(thread));
  return true;
}

bool define(RecordImage& image, const RecordView& record,
            std::map<std::string, std::uint64_t>& forget) {
  Cursor from{record.fields()};
  switch (static_cast<Definition>(record.op())) {
    case Definition::kind:
      return define_kind(image, from);
    case Definition::site:
      return define_site(image, from);
    case Definition::thread:
      return define_thread(image, from);
    case Definition::metadata: {
      from.number();
      std::string key = from.text();
      std::string value = from.text();
      image.metadata.emplace_back(std::move(key), std::move(value));
      return from.ok;
    }
    case Definition::forget: {
      const std::uint64_t before = from.number();
      forget[from.text()] = before;
      return from.ok;
    }
  }
  return false;
}

}  // namespace

void read_definitions(RecordImage& image, std::span<const ChunkView> chunks) {
  std::map<std::string, std::uint64_t> forget;
  for (const ChunkView& chunk : chunks) {
    std::span<const std::byte> left = chunk.records;
    bool bad = false;
    while (const auto record = next_record(left, bad)) {
      image.unreadable += define(image, *record, forget) ? 0 : 1;
    }
    image.unreadable += bad ? 1 : 0;
  }
  for (auto& [number, kind] : image.kinds) {
    const auto found = forget.find(kind.name);
    kind.forget_before = found == forget.end() ? 0 : found->second;
  }
}

namespace {

// Slots in the order of streams; of two copies of a chunk the longer one.
std::vector<ChunkView> find_chunks(std::span<const std::byte> image, ClockPair& last,
                                   std::uint64_t& unreadable) {
  std::vector<ChunkView> chunks;
  for (std::size_t at = file_header_bytes; image.size() - at >= sizeof(ChunkHeader);) {
    const auto slot = image.subspan(at, std::min(chunk_bytes, image.size() - at));
    ChunkHeader header;
    std::memcpy(static_cast<void*>(&header), slot.data(), sizeof header);
    const std::size_t used = header.used.load(std::memory_order_relaxed);
    if (header.magic == chunk_magic && used >= sizeof header && used <= slot.size()) {
      chunks.push_back({header.stream, header.ordinal,
                        slot.subspan(sizeof header, used - sizeof header),
                        header.lost.load(), header.lost_ticks.load()});
      if (header.opened.ns > last.ns) {
        last = header.opened;
      }
    } else if (header.magic != 0 && used != 0) {
      ++unreadable;
    }
    at += slot.size();
  }
  std::ranges::stable_sort(chunks, {}, [](const ChunkView& chunk) {
    return std::tuple(chunk.stream, chunk.ordinal, ~chunk.records.size());
  });
  const auto copies = std::unique(
      chunks.begin(), chunks.end(), [](const ChunkView& one, const ChunkView& other) {
        return one.stream == other.stream && one.ordinal == other.ordinal;
      });
  chunks.erase(copies, chunks.end());
  return chunks;
}

}  // namespace

std::optional<RecordView> next_record(std::span<const std::byte>& records, bool& bad) {
  if (records.empty()) {
    return {};
  }
  const RecordView record{records.data()};
  if (records.size() < record_header_bytes || record.size() < record_header_bytes ||
      record.size() % 8 != 0 || record.size() > records.size()) {
    bad = true;
    records = {};
    return {};
  }
  records = records.subspan(record.size());
  return record;
}

bool fields_fit(std::span<const std::byte> bytes, const std::vector<FieldText>& fields) {
  for (const FieldText& field : fields) {
    std::size_t size = 8;
    if (field.type == Type::boolean) {
      size = 1;
    } else if (field.type == Type::text || field.type == Type::object) {
      const std::size_t before = field.type == Type::text ? 0 : 4;
      if (bytes.size() < before + 2) {
        return false;
      }
      size = before + 2 + load<std::uint16_t>(bytes.data() + before);
    }
    if (bytes.size() < size) {
      return false;
    }
    bytes = bytes.subspan(size);
  }
  return bytes.size() < 8;
}

Value take_value(std::span<const std::byte>& bytes, Type type) {
  Value value;
  value.type = type;
  const std::byte* at = bytes.data();
  std::size_t size = 8;
  if (type == Type::boolean) {
    value.bits = load<std::uint8_t>(at);
    size = 1;
  } else if (type == Type::text || type == Type::object) {
    const std::size_t before = type == Type::text ? 0 : 4;
    value.bits = before != 0 ? load<std::uint32_t>(at) : 0;
    const std::size_t length = load<std::uint16_t>(at + before);
    value.text = {static_cast<const char*>(static_cast<const void*>(at + before + 2)),
                  length};
    size = before + 2 + length;
  } else {
    value.bits = load<std::uint64_t>(at);
  }
  bytes = bytes.subspan(size);
  return value;
}

std::uint64_t RecordImage::nanoseconds(std::uint64_t ticks) const {
  if (ticks <= header.start.ticks) {
    return 0;
  }
  // A bound of a century keeps a wild timestamp from overflowing the conversion.
  const double ns = static_cast<double>(ticks - header.start.ticks) * ns_per_tick;
  return static_cast<std::uint64_t>(std::min(ns, 3.2e18));
}

RecordImage read_record_image(std::span<const std::byte> bytes) {
  RecordImage image;
  if (bytes.size() < file_header_bytes) {
    throw std::runtime_error("not a trace record file: shorter than its header");
  }
  std::memcpy(static_cast<void*>(&image.header), bytes.data(), sizeof image.header);
  if (image.header.magic != file_magic) {
    throw std::runtime_error(
        "not a trace record file: it does not begin with the mark of one");
  }
  if (image.header.version != record_version || image.header.chunk_size != chunk_bytes) {
    throw std::runtime_error(
        "a trace record file of version " + std::to_string(image.header.version) +
        "; this program reads version " + std::to_string(record_version));
  }
  ClockPair last = image.header.last;
  std::vector<ChunkView> chunks = find_chunks(bytes, last, image.unreadable);
  const ClockPair start = image.header.start;
  if (last.ticks > start.ticks && last.ns > start.ns) {
    image.ns_per_tick = static_cast<double>(last.ns - start.ns) /
                        static_cast<double>(last.ticks - start.ticks);
  }
  const auto first_thread = std::ranges::find_if(
      chunks, [](const ChunkView& chunk) { return chunk.stream != 0; });
  read_definitions(image, {chunks.begin(), first_thread});
  image.chunks.assign(first_thread, chunks.end());
  image.lost = image.header.lost;
  for (const ChunkView& chunk : chunks) {
    image.lost += chunk.lost;
  }
  return image;
}

namespace {

// A file system that is full cannot give the page behind a hole, not even to read zeros
// from it (tmpfs): then only what was written is read, into memory that starts as zeros.
bool has_holes(const struct stat& status) {
  constexpr off_t block = 512;
  return status.st_blocks * block < status.st_size;
}

void* read_written_parts(int fd, off_t size) {
  void* at = ::mmap(nullptr, static_cast<std::size_t>(size), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  off_t begin = at == MAP_FAILED ? -1 : ::lseek(fd, 0, SEEK_DATA);
  while (begin >= 0 && begin < size) {
    const off_t end = std::min(::lseek(fd, begin, SEEK_HOLE), size);
    while (begin < end) {
      const ssize_t got = ::pread(fd, static_cast<std::byte*>(at) + begin,
                                  static_cast<std::size_t>(end - begin), begin);
      if (got <= 0) {
        ::munmap(at, static_cast<std::size_t>(size));
        return MAP_FAILED;
      }
      begin += got;
    }
    begin = ::lseek(fd, begin, SEEK_DATA);
  }
  return at;
}

void* map_file(int fd, const struct stat& status) {
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) {
    return nullptr;
  }
  return has_holes(status) ? read_written_parts(fd, status.st_size)
                           : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
}

}  // namespace

MappedFile::MappedFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);

  struct stat status {};

  if (fd < 0 || ::fstat(fd, &status) != 0) {
    const int error = errno;
    if (fd >= 0) {
      ::close(fd);
    }
    throw std::system_error(error, std::generic_category(), "trace: cannot read " + path);
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* at = map_file(fd, status);
  const int error = errno;
  ::close(fd);
  if (at == MAP_FAILED) {
    throw std::system_error(error, std::generic_category(), "trace: cannot map " + path);
  }
  bytes_ = {static_cast<const std::byte*>(at), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): munmap wants void*.
    ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  }
}

}  // namespace trace::detail
