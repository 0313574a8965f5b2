// The items of fw_cfg: who makes them, when, and how they are numbered. fw_cfg.h tells.
#include <algorithm>
#include <utility>

#include "hw/fw_cfg.h"
#include "trace/event.h"

namespace hw {

namespace {

constexpr std::uint16_t write_channel = 0x4000;

struct ItemSelected {
  static constexpr trace::Declaration declaration{
      "fw_cfg_select", trace::Category::device, trace::Shape::instant,
      "Firmware turns to an item of fw_cfg."};
  trace::Hex key;
  std::string_view name;
  std::uint64_t size = 0;
  bool found = false;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("key", &ItemSelected::key, "the item's number"),
        trace::state("name", &ItemSelected::name, "its name"),
        trace::state("size", &ItemSelected::size, "its bytes"),
        trace::state("found", &ItemSelected::found, "false: there is no such item"));
  }
};

std::string_view key_name(const FwCfgItem& item) {
  static constexpr std::pair<std::uint16_t, std::string_view> names[] = {
      {FW_CFG_SIGNATURE, "signature"},
      {FW_CFG_ID, "id"},
      {FW_CFG_UUID, "uuid"},
      {FW_CFG_RAM_SIZE, "ram_size"},
      {FW_CFG_NOGRAPHIC, "nographic"},
      {FW_CFG_NB_CPUS, "nb_cpus"},
      {FW_CFG_KERNEL_ADDR, "kernel_addr"},
      {FW_CFG_KERNEL_SIZE, "kernel_size"},
      {FW_CFG_INITRD_ADDR, "initrd_addr"},
      {FW_CFG_INITRD_SIZE, "initrd_size"},
      {FW_CFG_NUMA, "numa"},
      {FW_CFG_BOOT_MENU, "boot_menu"},
      {FW_CFG_MAX_CPUS, "max_cpus"},
      {FW_CFG_KERNEL_DATA, "kernel_data"},
      {FW_CFG_INITRD_DATA, "initrd_data"},
      {FW_CFG_CMDLINE_ADDR, "cmdline_addr"},
      {FW_CFG_CMDLINE_SIZE, "cmdline_size"},
      {FW_CFG_CMDLINE_DATA, "cmdline_data"},
      {FW_CFG_SETUP_ADDR, "setup_addr"},
      {FW_CFG_SETUP_SIZE, "setup_size"},
      {FW_CFG_SETUP_DATA, "setup_data"},
      {FW_CFG_FILE_DIR, "file_dir"},
      {FW_CFG_ACPI_TABLES, "acpi_tables"},
      {FW_CFG_SMBIOS_ENTRIES, "smbios_entries"},
      {FW_CFG_IRQ0_OVERRIDE, "irq0_override"},
      {FW_CFG_E820_TABLE, "e820_table"},
      {FW_CFG_HPET, "hpet"}};
  if (!item.name.empty()) {
    return item.name;
  }
  for (const auto& [key, name] : names) {
    if (key == item.key) {
      return name;
    }
  }
  return "";
}

void make_bytes(FwCfgItem& item) {
  if (!item.made && item.make) {
    item.bytes = item.make();
  }
  item.made = true;
}

bool is_file(const FwCfgItem& item) {
  return !item.name.empty();
}

// A number of entries, then for each file its size, number, two zero bytes and name.
FwCfgBytes directory(FWCfgState* s) {
  FwCfgBytes out;
  const auto files = std::count_if(s->items.begin(), s->items.end(), is_file);
  fw_cfg_append_big_endian(out, static_cast<std::uint64_t>(files), 4);
  for (FwCfgItem& item : s->items) {
    if (!is_file(item)) {
      continue;
    }
    make_bytes(item);
    fw_cfg_append_big_endian(out, item.bytes.size(), 4);
    fw_cfg_append_big_endian(out, item.key, 2);
    fw_cfg_append_big_endian(out, 0, 2);
    for (std::size_t i = 0; i <= fw_cfg_max_file_name; ++i) {
      out.push_back(static_cast<std::byte>(i < item.name.size() ? item.name[i] : 0));
    }
  }
  // Sizes are told now; what depends on firmware is made again once it was at work.
  for (FwCfgItem& item : s->items) {
    item.made = item.made && !item.follows_firmware;
  }
  return out;
}

// Files are listed, and numbered, by name.
void number_files(FWCfgState* s) {
  std::stable_sort(
      s->items.begin(), s->items.end(),
      [](const FwCfgItem& a, const FwCfgItem& b) { return a.name < b.name; });
  std::uint16_t key = FW_CFG_FILE_FIRST;
  for (FwCfgItem& item : s->items) {
    if (is_file(item)) {
      item.key = key++;
    }
  }
}

void fill_items(FWCfgState* s) {
  if (s->filled) {
    return;
  }
  constexpr std::uint32_t traditional = 1, dma = 2;
  constexpr char signature[] = {'Q', 'E', 'M', 'U'};
  const std::span<const std::byte> bytes = std::as_bytes(std::span(signature));
  fw_cfg_add(s, FW_CFG_SIGNATURE, {bytes.begin(), bytes.end()});
  fw_cfg_add_number(s, FW_CFG_ID, traditional | (s->dma_enabled ? dma : 0), 4);
  s->board_files.clear();
  s->filling = true;
  if (s->fill) {
    s->fill(s);
  }
  fw_cfg_add_later(s, FW_CFG_FILE_DIR, [s] { return directory(s); });
  number_files(s);
  s->filled = true;
}

bool name_is_taken(const FWCfgState* s, std::string_view name) {
  return std::any_of(s->items.begin(), s->items.end(),
                     [name](const FwCfgItem& item) { return item.name == name; }) ||
         std::find(s->board_files.begin(), s->board_files.end(), name) !=
             s->board_files.end();
}

void add_file(FWCfgState* s, FwCfgItem item) {
  if (name_is_taken(s, item.name)) {
    throw Error("duplicate fw_cfg file name: " + item.name);
  }
  // The board's own come last, while the guest waits: there must be room for them.
  const auto files = std::count_if(s->items.begin(), s->items.end(), is_file);
  if (!s->filling &&
      static_cast<std::size_t>(files) + s->board_files.size() >= s->file_slots) {
    throw Error("fw_cfg has room for " + std::to_string(s->file_slots) +
                " files, and the board needs " + std::to_string(s->board_files.size()) +
                " of them");
  }
  s->items.push_back(std::move(item));
}

}  // namespace

// ---- between the files of the device -----------------------------------------------

void fw_cfg_append_big_endian(FwCfgBytes& out, std::uint64_t value, unsigned width) {
  for (unsigned i = width; i-- > 0;) {
    out.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
}

void fw_cfg_select(FWCfgState* s, std::uint16_t key) {
  fill_items(s);
  s->offset = 0;
  const auto item =
      std::find_if(s->items.begin(), s->items.end(), [key](const FwCfgItem& candidate) {
        return candidate.key == (key & ~write_channel);
      });
  s->selected = item == s->items.end() ? nullptr : &*item;
  if (s->selected != nullptr) {
    make_bytes(*s->selected);
  }
  trace::instant(ItemSelected{
      .key = {key},
      .name = s->selected != nullptr ? key_name(*s->selected) : std::string_view{},
      .size = s->selected != nullptr ? s->selected->bytes.size() : 0,
      .found = s->selected != nullptr});
}

std::span<const std::byte> fw_cfg_rest(const FWCfgState* s) {
  if (s->selected == nullptr || s->offset >= s->selected->bytes.size()) {
    return {};
  }
  return std::span<const std::byte>(s->selected->bytes).subspan(s->offset);
}

// ---- for boards ----------------------------------------------------------------------

void fw_cfg_add(FWCfgState* s, std::uint16_t key, FwCfgBytes bytes) {
  FwCfgItem item;
  item.key = key;
  item.bytes = std::move(bytes);
  s->items.push_back(std::move(item));
}

void fw_cfg_add_number(FWCfgState* s, std::uint16_t key, std::uint64_t value,
                       unsigned width) {
  fw_cfg_add(s, key, fw_cfg_numbers({{value, width}}));
}

void fw_cfg_add_later(FWCfgState* s, std::uint16_t key, FwCfgMaker make) {
  FwCfgItem item;
  item.key = key;
  item.make = std::move(make);
  s->items.push_back(std::move(item));
}

void fw_cfg_add_file(FWCfgState* s, std::string name, FwCfgBytes bytes) {
  FwCfgItem item;
  item.name = std::move(name);
  item.bytes = std::move(bytes);
  add_file(s, std::move(item));
}

void fw_cfg_add_file_later(FWCfgState* s, std::string name, FwCfgMaker make,
                           bool follows_firmware) {
  FwCfgItem item;
  item.name = std::move(name);
  item.make = std::move(make);
  item.follows_firmware = follows_firmware;
  add_file(s, std::move(item));
}

FwCfgBytes fw_cfg_numbers(std::initializer_list<FwCfgNumber> numbers) {
  FwCfgBytes out;
  for (const FwCfgNumber& number : numbers) {
    for (unsigned i = 0; i < number.width; ++i) {
      out.push_back(static_cast<std::byte>(number.value >> (8 * i)));
    }
  }
  return out;
}

}  // namespace hw
