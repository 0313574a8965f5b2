// The description of the registers that gdb reads when it connects (GDB manual, "Target
// Descriptions"). Feature and register names are gdb's own, the widths are those of
// registers.h; both are checked against gdb by a test.
#include <array>
#include <cstdio>
#include <string_view>

#include "gdbstub/registers.h"

namespace gdbstub {

namespace {

struct Bit {
  const char* name;
  int first, last;
};

constexpr Bit eflags_bits[] = {
    {"CF", 0, 0},     {"", 1, 1},      {"PF", 2, 2},   {"AF", 4, 4},   {"ZF", 6, 6},
    {"SF", 7, 7},     {"TF", 8, 8},    {"IF", 9, 9},   {"DF", 10, 10}, {"OF", 11, 11},
    {"IOPL", 12, 13}, {"NT", 14, 14},  {"RF", 16, 16}, {"VM", 17, 17}, {"AC", 18, 18},
    {"VIF", 19, 19},  {"VIP", 20, 20}, {"ID", 21, 21}};
constexpr Bit cr0_bits[] = {{"PE", 0, 0},   {"MP", 1, 1},   {"EM", 2, 2},
                            {"TS", 3, 3},   {"ET", 4, 4},   {"NE", 5, 5},
                            {"WP", 16, 16}, {"AM", 18, 18}, {"NW", 29, 29},
                            {"CD", 30, 30}, {"PG", 31, 31}};
constexpr Bit cr3_bits[] = {{"PWT", 3, 3}, {"PCD", 4, 4}, {"PDBR", 12, 63}};
constexpr Bit cr4_bits[] = {
    {"VME", 0, 0},     {"PVI", 1, 1},       {"TSD", 2, 2},          {"DE", 3, 3},
    {"PSE", 4, 4},     {"PAE", 5, 5},       {"MCE", 6, 6},          {"PGE", 7, 7},
    {"PCE", 8, 8},     {"OSFXSR", 9, 9},    {"OSXMMEXCPT", 10, 10}, {"UMIP", 11, 11},
    {"LA57", 12, 12},  {"VMXE", 13, 13},    {"SMXE", 14, 14},       {"FSGSBASE", 16, 16},
    {"PCIDE", 17, 17}, {"OSXSAVE", 18, 18}, {"SMEP", 20, 20},       {"SMAP", 21, 21},
    {"PKE", 22, 22}};
constexpr Bit efer_bits[] = {{"SCE", 0, 0},     {"LME", 8, 8},    {"LMA", 10, 10},
                             {"NXE", 11, 11},   {"SVME", 12, 12}, {"LMSLE", 13, 13},
                             {"FFXSR", 14, 14}, {"TCE", 15, 15}};
constexpr Bit mxcsr_bits[] = {
    {"IE", 0, 0},   {"DE", 1, 1},   {"ZE", 2, 2},   {"OE", 3, 3},  {"UE", 4, 4},
    {"PE", 5, 5},   {"DAZ", 6, 6},  {"IM", 7, 7},   {"DM", 8, 8},  {"ZM", 9, 9},
    {"OM", 10, 10}, {"UM", 11, 11}, {"PM", 12, 12}, {"FZ", 15, 15}};

template <std::size_t N>
void flags(std::string& xml, const char* id, int bytes, const Bit (&bits)[N]) {
  xml +=
      "<flags id=\"" + std::string(id) + "\" size=\"" + std::to_string(bytes) + "\">\n";
  for (const Bit& bit : bits) {
    xml += "<field name=\"" + std::string(bit.name) + "\" start=\"" +
           std::to_string(bit.first) + "\" end=\"" + std::to_string(bit.last) + "\"/>\n";
  }
  xml += "</flags>\n";
}

// Writes registers one after the other, with the sizes of registers.h.
class Registers {
 public:
  explicit Registers(std::string& xml) : xml_(xml) {}

  void add(std::string_view name, const char* type, const char* group = nullptr) {
    xml_.append("<reg name=\"").append(name).append("\" bitsize=\"");
    xml_ += std::to_string(register_size(next_) * 8) + "\" type=\"" + type + "\"";
    xml_ += " regnum=\"" + std::to_string(next_++) + "\"";
    if (group != nullptr) {
      xml_ += std::string(" group=\"") + group + "\"";
    }
    xml_ += "/>\n";
  }

  void add_numbered(const char* name, int count, const char* type) {
    for (int i = 0; i < count; ++i) {
      add(name + std::to_string(i), type);
    }
  }

 private:
  std::string& xml_;
  std::size_t next_ = 0;
};

void general_registers(Registers& list) {
  for (const char* name : {"rax", "rbx", "rcx", "rdx", "rsi", "rdi"}) {
    list.add(name, "int64");
  }
  list.add("rbp", "data_ptr");
  list.add("rsp", "data_ptr");
  for (int i = 8; i < 16; ++i) {
    list.add("r" + std::to_string(i), "int64");
  }
  list.add("rip", "code_ptr");
  list.add("eflags", "x64_eflags");
  for (const char* name : {"cs", "ss", "ds", "es", "fs", "gs"}) {
    list.add(name, "int32");
  }
  for (const char* name : {"fs_base", "gs_base", "k_gs_base"}) {
    list.add(name, "int64");
  }
}

void control_registers(Registers& list) {
  list.add("cr0", "x64_cr0");
  list.add("cr2", "int64");
  list.add("cr3", "x64_cr3");
  list.add("cr4", "x64_cr4");
  list.add("cr8", "int64");
  list.add("efer", "x64_efer");
}

void float_registers(Registers& list) {
  list.add_numbered("st", 8, "i387_ext");
  for (const char* name :
       {"fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop"}) {
    list.add(name, "int", "float");
  }
}

// What gdb may show of the 16 bytes of an XMM register.
constexpr std::string_view vector_types =
    R"(<vector id="v4f" type="ieee_single" count="4"/>
<vector id="v2d" type="ieee_double" count="2"/>
<vector id="v16i8" type="int8" count="16"/>
<vector id="v8i16" type="int16" count="8"/>
<vector id="v4i32" type="int32" count="4"/>
<vector id="v2i64" type="int64" count="2"/>
<union id="vec128">
<field name="v4_float" type="v4f"/>
<field name="v2_double" type="v2d"/>
<field name="v16_int8" type="v16i8"/>
<field name="v8_int16" type="v8i16"/>
<field name="v4_int32" type="v4i32"/>
<field name="v2_int64" type="v2i64"/>
<field name="uint128" type="uint128"/>
</union>
)";

}  // namespace

std::string target_xml() {
  std::string xml =
      "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
      "<target>\n<architecture>i386:x86-64</architecture>\n"
      "<feature name=\"org.gnu.gdb.i386.core\">\n";
  flags(xml, "x64_eflags", 4, eflags_bits);
  flags(xml, "x64_cr0", 8, cr0_bits);
  flags(xml, "x64_cr3", 8, cr3_bits);
  flags(xml, "x64_cr4", 8, cr4_bits);
  flags(xml, "x64_efer", 8, efer_bits);
  Registers list(xml);
  general_registers(list);
  control_registers(list);
  float_registers(list);
  xml += "</feature>\n<feature name=\"org.gnu.gdb.i386.sse\">\n";
  xml += vector_types;
  flags(xml, "x64_mxcsr", 4, mxcsr_bits);
  list.add_numbered("xmm", 16, "vec128");
  list.add("mxcsr", "x64_mxcsr", "vector");
  xml += "</feature>\n</target>\n";
  return xml;
}

}  // namespace gdbstub
