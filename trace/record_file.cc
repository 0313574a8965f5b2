#include "trace/record_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <new>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace trace::detail {

namespace {

// Slots are mapped this many at a time: 1 MiB of file, without holes in memory. The first
// extent holds what most starts record; a larger file takes longer to remove.
constexpr std::size_t extent_slots = 16;
constexpr std::size_t first_extent_slots = 4;

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw std::system_error(errno, std::generic_category(), what + " " + path);
}

off_t slot_offset(std::uint64_t slot) {
  return static_cast<off_t>(file_header_bytes + slot * chunk_bytes);
}

}  // namespace

ClockPair sample_clocks() {
  timespec now{};
  const std::uint64_t before = timestamp();
  clock_gettime(CLOCK_MONOTONIC, &now);
  const std::uint64_t after = timestamp();
  return {before + (after - before) / 2,
          static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U +
              static_cast<std::uint64_t>(now.tv_nsec)};
}

RecordFile::RecordFile(std::string path) : path_(std::move(path)) {
  keep_leftover();
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd_ < 0) {
    fail("trace: cannot create the record file", path_);
  }
  ::flock(fd_, LOCK_EX | LOCK_NB);
  void* page = MAP_FAILED;
  if (::ftruncate(fd_, file_header_bytes) == 0) {
    page = ::mmap(nullptr, file_header_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
  }
  if (page == MAP_FAILED) {
    give_up("trace: cannot map the record file", errno);
  }
  header_ = new (page) FileHeader;
  if (!reserve_extent()) {
    ::munmap(page, file_header_bytes);
    give_up("trace: no room for records in", ENOSPC);
  }
}

void RecordFile::give_up(const char* what, int error) {
  ::close(fd_);
  ::unlink(path_.c_str());
  errno = error;
  fail(what, path_);
}

RecordFile::~RecordFile() {
  for (const auto mapping : mappings_) {
    ::munmap(mapping.data(), mapping.size());
  }
  ::munmap(header_, file_header_bytes);
  ::close(fd_);
}

// A record file that nobody holds is what a killed run left: it may be the only
// account of that run, so it is moved aside, not overwritten.
void RecordFile::keep_leftover() {
  const int old = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (old < 0) {
    return;
  }
  const bool in_use = ::flock(old, LOCK_EX | LOCK_NB) != 0;
  ::close(old);
  if (in_use) {
    errno = EBUSY;
    fail("trace: another running program records into", path_);
  }
  if (std::rename(path_.c_str(), (path_ + ".old").c_str()) != 0) {
    fail("trace: cannot move aside the earlier record file", path_);
  }
}

// A page of the file that was written before is mapped thirty times faster than one
// that never was: the file system has done its book-keeping for the whole chunk at once,
// not at the first touch of each page by a recording thread.
void RecordFile::write_zeros(const std::byte* chunk) {
  static constexpr std::array<std::byte, chunk_bytes> zeros{};
  const auto& mapping = mappings_.back();
  const off_t offset = extent_offset_ + (chunk - mapping.data());
  // A short write changes nothing but speed: the blocks are reserved.
  static_cast<void>(!::pwrite(fd_, zeros.data(), zeros.size(), offset));
}

bool RecordFile::map_extent(std::uint64_t slots) {
  std::uint64_t first = next_slot_.fetch_add(slots);
  const auto bytes = static_cast<off_t>(slots * chunk_bytes);
  // Blocks are reserved now: a full disk shows here, not as SIGBUS in a vCPU.
  void* at = MAP_FAILED;
  if (::posix_fallocate(fd_, slot_offset(first), bytes) == 0) {
    at = ::mmap(nullptr, slots * chunk_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_,
                slot_offset(first));
  }
  if (at == MAP_FAILED) {
    // Given back, unless the writer took the next one meanwhile.
    std::uint64_t next = first + slots;
    next_slot_.compare_exchange_strong(next, first);
    return false;
  }
  extent_ = static_cast<std::byte*>(at);
  extent_left_ = slots;
  extent_offset_ = slot_offset(first);
  mappings_.emplace_back(extent_, slots * chunk_bytes);
  return true;
}

bool RecordFile::reserve_extent() {
  const std::uint64_t now = sample_clocks().ns;
  if (now < retry_ns_) {
    return false;
  }
  const std::size_t most = mappings_.empty() ? first_extent_slots : extent_slots;
  for (std::uint64_t slots = most; slots != 0; slots /= 4) {
    if (map_extent(slots)) {
      retry_ns_ = 0;
      return true;
    }
  }
  retry_ns_ = now + 1'000'000'000U;
  return false;
}

std::byte* RecordFile::map_chunk(Pages pages) {
  if (extent_left_ == 0 && !reserve_extent()) {
    return nullptr;
  }
  std::byte* chunk = extent_;
  extent_ += chunk_bytes;
  --extent_left_;
  write_zeros(chunk);
#if defined(MADV_POPULATE_WRITE)
  if (pages == Pages::now) {
    ::madvise(chunk, chunk_bytes, MADV_POPULATE_WRITE);
  }
#else
  static_cast<void>(pages);
#endif
  return chunk;
}

bool RecordFile::write_at(off_t offset, std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(fd_, bytes.data(), bytes.size(), offset);
    if (wrote < 0 && errno == EINTR) {
      continue;
    }
    if (wrote <= 0) {
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    offset += wrote;
  }
  return true;
}

// The header comes last: who follows the file takes a chunk that has one for complete.
bool RecordFile::append_chunk(const std::byte* chunk) {
  const auto* header =
      std::launder(static_cast<const ChunkHeader*>(static_cast<const void*>(chunk)));
  const std::span all(chunk, header->used.load(std::memory_order_acquire));
  const std::uint64_t slot = next_slot_.fetch_add(1);
  const off_t at = slot_offset(slot);
  constexpr auto head = sizeof(ChunkHeader);
  if (!write_at(at + static_cast<off_t>(head), all.subspan(head)) ||
      !write_at(at, all.first(head))) {
    std::uint64_t next = slot + 1;
    next_slot_.compare_exchange_strong(next, slot);
    return false;
  }
  return true;
}

void RecordFile::update_clock() {
  header_->last = sample_clocks();
}

void RecordFile::forget_path() {
  path_.clear();
}

void RecordFile::remove() {
  if (!path_.empty()) {
    ::unlink(path_.c_str());
  }
}

}  // namespace trace::detail
