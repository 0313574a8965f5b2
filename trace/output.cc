#include "trace/output.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace trace::detail {

namespace {

struct Compressor {
  std::string_view suffix;
  MakeCompressor make = nullptr;
};

constinit std::array<Compressor, 4> compressors{};

// Writes NAME.tmp and renames it in finish(): whoever reads NAME sees the old trace, for
// a moment none, then the new one; never half of one. Pipes and devices are written as
// they are.
class FileOutput final : public Output {
 public:
  explicit FileOutput(std::string file) : file_(std::move(file)) {
    struct stat status {};

    if (file_ == "-") {
      fd_ = ::dup(STDOUT_FILENO);
    } else if (::stat(file_.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
      fd_ = ::open(file_.c_str(), O_WRONLY | O_CLOEXEC);
    } else {
      temporary_ = file_ + ".tmp";
      fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    }
    if (fd_ < 0) {
      fail("cannot create");
    }
  }

  ~FileOutput() override {
    if (fd_ >= 0) {
      ::close(fd_);
      if (!temporary_.empty()) {
        ::unlink(temporary_.c_str());
      }
    }
  }

  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t wrote = ::write(fd_, bytes.data(), bytes.size());
      if (wrote < 0 && errno == EINTR) {
        continue;
      }
      if (wrote <= 0) {
        fail("cannot write");
      }
      bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
  }

  void finish() override {
    const bool closed = ::close(std::exchange(fd_, -1)) == 0;
    if (closed && !temporary_.empty()) {
      // Renaming over a file makes a journalling file system write the data out first,
      // which takes milliseconds. The records are still there should this be the end.
      ::unlink(file_.c_str());
    }
    if (!temporary_.empty() &&
        (!closed || ::rename(temporary_.c_str(), file_.c_str()) != 0)) {
      const int error = errno;
      ::unlink(temporary_.c_str());
      errno = error;
      fail("cannot finish");
    }
  }

 private:
  [[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(),
                            std::string("trace: ") + what + " " + file_);
  }

  std::string file_;
  std::string temporary_;
  int fd_ = -1;
};

}  // namespace

void add_compressor(std::string_view suffix, MakeCompressor make) {
  for (Compressor& slot : compressors) {
    if (slot.make == nullptr) {
      slot = {suffix, make};
      return;
    }
  }
}

std::string_view compression_suffix(std::string_view file) {
  for (const std::string_view suffix :
       {std::string_view(".zst"), std::string_view(".gz")}) {
    if (file.ends_with(suffix)) {
      return suffix;
    }
  }
  return {};
}

bool can_compress(std::string_view suffix) {
  bool found = suffix.empty();
  for (const Compressor& slot : compressors) {
    found = found || (slot.make != nullptr && slot.suffix == suffix);
  }
  return found;
}

std::unique_ptr<Output> open_output(const std::string& file) {
  const std::string_view suffix = compression_suffix(file);
  if (!can_compress(suffix)) {
    throw std::runtime_error("trace: cannot write " + file +
                             ": this program is built without compression; use a name "
                             "ending in .json and compress the file afterwards");
  }
  auto plain = std::make_unique<FileOutput>(file);
  for (const Compressor& slot : compressors) {
    if (slot.make != nullptr && slot.suffix == suffix) {
      return slot.make(std::move(plain));
    }
  }
  return plain;
}

}  // namespace trace::detail
