// Image files from the host's disk, and where firmware is looked for.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "core/loader.h"
#include "core/report.h"
#include "qom/object.h"

namespace core {

namespace {

constexpr std::uint64_t rom_unit = 64 * 1024;
constexpr std::uint64_t rom_limit = 16 * 1024 * 1024;

// Where Debian, Fedora, Arch and a self-built QEMU put SeaBIOS.
constexpr std::array<const char*, 5> usual_dirs{
    "/usr/share/seabios", "/usr/share/qemu", "/usr/share/qemu-kvm",
    "/usr/local/share/qemu", "/usr/share/seavgabios"};

std::vector<std::string>& given_dirs() {
  static std::vector<std::string> dirs;
  return dirs;
}

class File {
 public:
  explicit File(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) {
      throw std::system_error(errno, std::generic_category(), path);
    }
  }

  ~File() { ::close(fd_); }

  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int fd() const { return fd_; }

 private:
  int fd_;
};

bool readable_file(const std::string& path) {
  struct stat info {};

  return ::stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode) &&
         ::access(path.c_str(), R_OK) == 0;
}

}  // namespace

std::vector<std::byte> read_image_file(const std::string& path, std::uint64_t limit) {
  const File file(path);

  struct stat info {};

  if (::fstat(file.fd(), &info) != 0) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  if (S_ISDIR(info.st_mode)) {
    throw std::system_error(EISDIR, std::generic_category(), path);
  }
  // st_size is only a first guess: a pipe or a device says 0. One byte more than that
  // shows the end of the file without another buffer.
  const bool plausible =
      info.st_size > 0 && static_cast<std::uint64_t>(info.st_size) <= limit;
  std::vector<std::byte> bytes(plausible ? static_cast<std::size_t>(info.st_size) + 1
                                         : 0);
  std::size_t used = 0;
  for (;;) {
    if (used == bytes.size()) {
      bytes.resize(used + rom_unit);
    }
    const ssize_t got = ::read(file.fd(), bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      throw std::system_error(errno, std::generic_category(), path);
    }
    if (got == 0) {
      break;
    }
    used += static_cast<std::size_t>(got);
    if (used > limit) {
      throw std::system_error(EFBIG, std::generic_category(), path);
    }
  }
  bytes.resize(used);
  return bytes;
}

void speak_as_qemu() {
  if (program_name().starts_with("qemu-system-")) {
    set_program_name("qemu");
  }
}

void add_data_dir(const std::string& directory) {
  given_dirs().push_back(directory);
}

std::optional<std::string> find_firmware(const std::string& name) {
  if (readable_file(name)) {
    return name;
  }
  std::vector<std::string> dirs = given_dirs();
  dirs.insert(dirs.end(), usual_dirs.begin(), usual_dirs.end());
  for (const std::string& dir : dirs) {
    std::string path = dir;
    path.append("/").append(name);
    if (readable_file(path)) {
      return path;
    }
  }
  return std::nullopt;
}

static std::vector<OptionRom>& all_option_roms() {
  static std::vector<OptionRom> roms;
  return roms;
}

void add_option_rom(OptionRom rom) {
  all_option_roms().push_back(std::move(rom));
}

const std::vector<OptionRom>& option_roms() {
  return all_option_roms();
}

std::vector<std::byte> load_firmware(const std::string& name) {
  qom::Error error("could not load PC BIOS '" + name + "'");
  const std::optional<std::string> path = find_firmware(name);
  if (!path) {
    speak_as_qemu();
    error.hint = "It was looked for as given, in the folders of -L and in " +
                 std::string(usual_dirs[0]) + ", " + usual_dirs[1] +
                 ". The package seabios has it; -bios FILE names another, and with"
                 " -kernel FILE none is needed.";
    throw error;
  }
  try {
    std::vector<std::byte> rom = read_image_file(*path, rom_limit);
    if (!rom.empty() && rom.size() % rom_unit == 0) {
      return rom;
    }
    error.hint = *path + " has " + std::to_string(rom.size()) +
                 " bytes; a ROM is a multiple of 64 KiB, at most 16 MiB.";
  } catch (const std::system_error& host) {
    error.hint = *path + ": " + host.code().message();
  }
  speak_as_qemu();
  throw error;
}

}  // namespace core
