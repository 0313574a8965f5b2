// Stream 0: what a reader must know to make sense of the records, written before
// the first record that needs it. And the writer thread.
#include <chrono>
#include <cstring>

#include "trace/catalogue.h"
#include "trace/recorder_state.h"

namespace trace::detail {

namespace {

constexpr std::size_t max_definition_text = 16 * 1024;

Ring definition_ring;

// Collects a definition's fields, then copies it into stream 0.
class DefinitionText {
 public:
  void number(std::uint64_t value) {
    bytes_.append(sizeof value, '\0');
    std::memcpy(bytes_.data() + bytes_.size() - sizeof value, &value, sizeof value);
  }

  void text(std::string_view value) {
    value = value.substr(0, max_definition_text);
    const auto size = static_cast<std::uint16_t>(value.size());
    bytes_.push_back(static_cast<char>(size & 0xff));
    bytes_.push_back(static_cast<char>(size >> 8));
    bytes_ += value;
  }

  void fields(std::span<const FieldInfo> fields) {
    number(fields.size());
    for (const FieldInfo& field : fields) {
      text(field.name);
      number(static_cast<std::uint64_t>(field.role));
      number(static_cast<std::uint64_t>(field.type));
      text(field.help.substr(0, 200));
    }
  }

  // Without room on the disk the definition is lost, and the chunk says so.
  void store(State& s, Definition what) {
    const std::size_t size = (record_header_bytes + bytes_.size() + 7) & ~std::size_t{7};
    Ring& to = definition_ring;
    s.definitions.ring = &to;
    if (s.definitions.current.bytes == nullptr ||
        to.base + chunk_bytes - to.cursor < static_cast<std::ptrdiff_t>(size)) {
      s.definitions.outstanding = 0;
      if (!next_chunk(s, s.definitions)) {
        return;
      }
    }
    put_raw(to.cursor, timestamp());
    put_raw(to.cursor + 8,
            static_cast<std::uint64_t>(size) | static_cast<std::uint64_t>(what) << 16);
    std::memcpy(to.cursor + record_header_bytes, bytes_.data(), bytes_.size());
    to.cursor += size;
    to.used->store(static_cast<std::uint32_t>(to.cursor - to.base),
                   std::memory_order_release);
  }

 private:
  std::string bytes_;
};

}  // namespace

namespace {

// A kind has the number of its first site, the last in its list.
std::uint32_t number_of_kind(const Site& site) {
  const Site* first = &site;
  while (first->next != nullptr) {
    first = first->next;
  }
  return first->id;
}

void define_kind(State& s, const Kind& kind, std::uint32_t number) {
  DefinitionText definition;
  const Declaration& declaration = *kind.declaration;
  definition.number(number);
  definition.text(declaration.name);
  definition.number(static_cast<std::uint64_t>(declaration.category));
  definition.number(static_cast<std::uint64_t>(declaration.shape));
  definition.text(declaration.help.substr(0, 400));
  definition.fields(kind.fields);
  definition.fields(kind.results);
  definition.store(s, Definition::kind);
}

}  // namespace

void define_site(State& s, const Kind& kind, const Site& site) {
  const std::uint32_t number = number_of_kind(site);
  if (number == site.id) {
    define_kind(s, kind, number);
  }
  DefinitionText definition;
  definition.number(site.id);
  definition.number(number);
  definition.text(site.file);
  definition.number(static_cast<std::uint64_t>(site.line));
  definition.store(s, Definition::site);
}

void define_thread(State& s, const Thread& thread) {
  define_text(s, Definition::thread, thread.name, {},
              static_cast<std::uint64_t>(thread.stream) << 32 |
                  static_cast<std::uint32_t>(thread.tid));
}

void define_text(State& s, Definition what, std::string_view first,
                 std::string_view second, std::uint64_t number) {
  DefinitionText definition;
  definition.number(number);
  definition.text(first);
  definition.text(second);
  definition.store(s, what);
}

void write_sealed_chunks() {
  State& s = state();
  std::unique_lock guard(s.lock);
  auto pause = std::chrono::milliseconds(0);
  while (!s.stopping) {
    s.wake.wait_for(guard, pause);
    pause = std::chrono::milliseconds(s.queue.empty() ? 20 : 4);
    s.file->update_clock();
    std::vector<Sealed> work;
    work.swap(s.queue);
    RecordFile& file = *s.file;
    guard.unlock();
    std::size_t written = 0;
    while (written < work.size() && file.append_chunk(work[written].chunk.bytes)) {
      ++written;
    }
    guard.lock();
    for (std::size_t i = 0; i < written; ++i) {
      --work[i].thread->outstanding;
      release(s, work[i].chunk);
    }
    // No room on the disk: what is left stays in its pages and counts as undrained.
    s.queue.insert(s.queue.end(), work.begin() + static_cast<std::ptrdiff_t>(written),
                   work.end());
  }
}

}  // namespace trace::detail
