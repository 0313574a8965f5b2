// Reads a record file back: definitions, and each thread's records in order. The
// file may be what a killed process left, or somebody's invention: nothing in it is
// believed before it is checked, and what makes no sense is counted and skipped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trace/record_file.h"

namespace trace::detail {

struct FieldText {
  std::string name;
  Role role = Role::identity;
  Type type = Type::text;
  std::string help;

  bool operator==(const FieldText&) const = default;
};

// A kind of event, as the record file tells it.
struct KindText {
  std::string name;
  Category category = Category::host;
  Shape shape = Shape::span;
  std::string help;
  std::vector<FieldText> fields;
  std::vector<FieldText> results;
  std::uint64_t forget_before = 0;  // records earlier than this are not shown
};

// A place that emits a kind.
struct SiteText {
  const KindText* kind = nullptr;  // in the image's `kinds`; null: no such site
  std::string loc;
};

struct ThreadText {
  std::uint32_t stream = 0;
  int tid = 0;
  std::string name;
};

template <class V>
V load(const std::byte* at) {
  V value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// One record inside the image; ring.h has its layout.
struct RecordView {
  const std::byte* at = nullptr;

  std::uint64_t ticks() const { return load<std::uint64_t>(at); }

  std::size_t size() const { return load<std::uint16_t>(at + 8); }

  Op op() const { return static_cast<Op>(load<std::uint8_t>(at + 10)); }

  std::uint32_t site() const { return load<std::uint32_t>(at + 11) & 0xffffff; }

  std::uint16_t depth() const { return load<std::uint16_t>(at + 14); }

  std::span<const std::byte> fields() const {
    return {at + record_header_bytes, size() - record_header_bytes};
  }
};

struct ChunkView {
  std::uint32_t stream = 0;
  std::uint32_t ordinal = 0;
  std::span<const std::byte> records;
  std::uint64_t lost = 0;
  std::uint64_t lost_ticks = 0;
};

// Everything in a record file. Views point into `image`, which must outlive it.
struct RecordImage {
  FileHeader header;
  double ns_per_tick = 1;
  std::map<std::uint64_t, KindText> kinds;  // by number; 0 is the reader's own
  std::vector<SiteText> sites;              // by site id; index 0 is unused
  std::vector<ThreadText> threads;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<ChunkView> chunks;  // by stream, then place in it; stream 0 left out
  std::uint64_t unreadable = 0;
  std::uint64_t lost = 0;

  RecordImage() = default;
  RecordImage(RecordImage&&) = default;  // a map's nodes stay where they are
  RecordImage& operator=(RecordImage&&) = default;
  RecordImage(const RecordImage&) = delete;

  // Null for a site that was not defined.
  const KindText* kind_of(std::uint32_t site) const {
    return site < sites.size() ? sites[site].kind : nullptr;
  }

  std::uint64_t nanoseconds(std::uint64_t ticks) const;
};

// Throws std::runtime_error if the bytes are no record file at all.
RecordImage read_record_image(std::span<const std::byte> image);

// Adds what chunks of stream 0 define to the sites, threads and metadata.
void read_definitions(RecordImage& image, std::span<const ChunkView> chunks);

// Takes the next record off `records`. None at the end; sets `bad` if the rest of
// the chunk cannot be read.
std::optional<RecordView> next_record(std::span<const std::byte>& records, bool& bad);

// True if the record's bytes are exactly values of these fields.
bool fields_fit(std::span<const std::byte> bytes, const std::vector<FieldText>& fields);

// One field's value taken off the front of `bytes`, which fields_fit() has checked.
struct Value {
  Type type = Type::text;
  std::uint64_t bits = 0;  // numbers; real as its bits; object's number
  std::string_view text;   // text; object's type
};

Value take_value(std::span<const std::byte>& bytes, Type type);

// A file mapped for reading. Throws std::system_error naming it.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace trace::detail
