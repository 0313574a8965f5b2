// Names of places in guest code: the symbol table of an ELF file (vmlinux, a sample
// guest) or a System.map of Linux.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace core {

class Symbols {
 public:
  Symbols() = default;
  // Throws std::system_error naming the file, or qom::Error for one that is neither.
  explicit Symbols(const std::string& file);

  bool empty() const { return all_.empty(); }

  // "name" or "name+0x12"; empty if the address lies before every symbol, or so far
  // behind one that it cannot belong to it.
  std::string name(std::uint64_t address) const;

 private:
  struct Symbol {
    std::uint64_t address = 0, size = 0;  // 0: not told
    std::string name;
  };

  void read_elf(const std::string& bytes);
  void read_map(const std::string& text);

  std::vector<Symbol> all_;  // by address
};

}  // namespace core
