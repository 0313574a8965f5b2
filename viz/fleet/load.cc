#include "viz/fleet/load.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "viz/text.h"

namespace viz::fleet {

namespace {

namespace fs = std::filesystem;

bool named_as_trace(const fs::path& path) {
  constexpr std::array<std::string_view, 6> endings{
      ".json", ".ndjson", ".json.zst", ".ndjson.zst", ".json.gz", ".ndjson.gz"};
  const std::string name = path.filename().string();
  return std::ranges::any_of(endings, [&](auto end) { return name.ends_with(end); });
}

// Size and time of change. Throws std::system_error naming the file.
FileRow file_row(const std::string& path) {
  struct stat status {};

  if (::stat(path.c_str(), &status) != 0) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  return {path, status.st_size,
          status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec, 0};
}

// A file that went away meanwhile is found out when it is read.
FileRow file_row_or_less(const std::string& path) {
  try {
    return file_row(path);
  } catch (const std::system_error&) {
    return {path, -1, 0, 0};
  }
}

// Of all bytes, in blocks of a fixed size.
std::int64_t hash_of_bytes(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  std::vector<char> block(1 << 16);
  std::uint64_t hash = 0;
  std::size_t filled = 0;
  ssize_t got = 0;
  do {
    got = ::read(file, block.data() + filled, block.size() - filled);
    filled += got > 0 ? static_cast<std::size_t>(got) : 0;
    if (filled == block.size() || (got <= 0 && filled != 0)) {
      hash = diff::mix(hash, diff::hash_of({block.data(), filled}));
      filled = 0;
    }
  } while (got > 0);
  const int error = errno;
  ::close(file);
  if (got < 0) {
    throw std::system_error(error, std::generic_category(), path);
  }
  return static_cast<std::int64_t>(hash);
}

// One file as it was read: a boot, or what is wrong with it.
struct Reading {
  FileRow file;
  BootRows rows;
  std::string fault;
};

Reading read_file(FileRow file, const diff::LoadOptions& options) {
  Reading reading{std::move(file), {}, {}};
  try {
    reading.file.hash = hash_of_bytes(reading.file.path);
    reading.rows = rows_of(diff::Tree::load(reading.file.path, options));
    if (reading.rows.events == 0) {
      reading.fault = "the trace has no event";
    }
  } catch (const std::exception& error) {
    reading.fault = visible(error.what(), 500);
  }
  return reading;
}

// Threads that read files a little ahead of the one who takes them, in order.
class Readers {
 public:
  Readers(const std::vector<FileRow>& files, const LoadOptions& options)
      : files_(files), options_(options) {
    const unsigned wanted = options.threads != 0
                                ? options.threads
                                : std::max(1U, std::thread::hardware_concurrency());
    ahead_ = 4 * std::size_t{wanted};
    for (unsigned i = 0; i < wanted && i < files.size(); ++i) {
      threads_.emplace_back([this](const std::stop_token& stop) { read(stop); });
    }
  }

  Reading take(std::size_t index) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return done_.contains(index); });
    Reading reading = std::move(done_.extract(index).mapped());
    taken_ = index + 1;
    changed_.notify_all();
    return reading;
  }

 private:
  void read(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [&] { return next_ < taken_ + ahead_; }) &&
           next_ < files_.size()) {
      const std::size_t index = next_++;
      lock.unlock();
      Reading reading = read_file(files_[index], options_.tree);
      lock.lock();
      done_.emplace(index, std::move(reading));
      changed_.notify_all();
    }
  }

  const std::vector<FileRow>& files_;
  const LoadOptions& options_;
  std::size_t ahead_ = 1;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::size_t next_ = 0, taken_ = 0;
  std::map<std::size_t, Reading> done_;
  std::vector<std::jthread> threads_;  // ends before what it uses
};

void add(Fleet& fleet, const Reading& reading, Loaded& loaded) {
  if (!reading.fault.empty()) {
    fleet.add_fault(reading.file, reading.fault);
    ++loaded.bad;
  } else if (const auto boot = fleet.boot_of(reading.file.size, reading.file.hash)) {
    fleet.add_name(reading.file, *boot);
    ++loaded.same;
  } else {
    fleet.add_boot(reading.file, reading.rows);
    ++loaded.loaded;
    loaded.events += static_cast<std::uint64_t>(reading.rows.events);
  }
}

}  // namespace

Found find_traces(const std::vector<std::string>& files_and_folders) {
  Found found;
  std::set<std::string> files;
  for (const std::string& name : files_and_folders) {
    if (!fs::is_directory(name)) {
      file_row(name);  // refuses what is not there
      files.insert(fs::path(name).lexically_normal().string());
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(name)) {
      if (!entry.is_regular_file()) {
        continue;
      }
      if (named_as_trace(entry.path())) {
        files.insert(entry.path().lexically_normal().string());
      } else {
        ++found.left_out;
      }
    }
  }
  found.files.assign(files.begin(), files.end());
  return found;
}

Loaded load(Fleet& fleet, const Found& found, const LoadOptions& options) {
  Loaded loaded;
  loaded.files = found.files.size();
  loaded.left_out = found.left_out;
  std::vector<FileRow> fresh;
  for (const std::string& path : found.files) {
    FileRow row = file_row_or_less(path);
    const Fleet::Known known = fleet.known(row);
    if (known == Fleet::Known::unchanged) {
      ++loaded.known;
      continue;
    }
    loaded.changed += known == Fleet::Known::changed ? 1 : 0;
    fresh.push_back(std::move(row));
  }
  Readers readers(fresh, options);
  std::optional<Transaction> transaction;
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const Reading reading = readers.take(i);
    if (!transaction) {
      transaction.emplace(fleet.database());
    }
    add(fleet, reading, loaded);
    if ((i + 1) % options.at_once == 0 || i + 1 == fresh.size()) {
      transaction->commit();
      transaction.reset();
    }
    if (options.progress) {
      options.progress({loaded.known + i + 1, loaded.files, loaded.events});
    }
  }
  fleet.finish();
  return loaded;
}

}  // namespace viz::fleet
