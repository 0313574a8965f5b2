// Regions, flattening, access rules, slots.
#include <random>

#include "core/memory_internal.h"
#include "core/memory_slots.h"
#include "fixture.h"

namespace core_test {
namespace {

// A device that remembers what it was asked.
struct Probe {
  std::vector<std::string> calls;
  std::uint64_t answer = 0;

  static std::uint64_t read(void* opaque, std::uint64_t offset, unsigned size) {
    auto* self = static_cast<Probe*>(opaque);
    self->calls.push_back("r" + std::to_string(size) + "@" + std::to_string(offset));
    return self->answer >> offset * 8;
  }

  static void write(void* opaque, std::uint64_t offset, std::uint64_t data,
                    unsigned size) {
    static_cast<Probe*>(opaque)->calls.push_back("w" + std::to_string(size) + "@" +
                                                 std::to_string(offset) + "=" +
                                                 std::to_string(data));
  }
};

constexpr MemoryRegionOps any_size{.read = Probe::read, .write = Probe::write};
constexpr MemoryRegionOps bytes_inside{.read = Probe::read,
                                       .write = Probe::write,
                                       .impl_min_access_size = 1,
                                       .impl_max_access_size = 1};
constexpr MemoryRegionOps words_inside{.read = Probe::read,
                                       .write = Probe::write,
                                       .impl_min_access_size = 4,
                                       .impl_max_access_size = 4};
constexpr MemoryRegionOps words_only{.read = Probe::read,
                                     .write = Probe::write,
                                     .min_access_size = 4,
                                     .max_access_size = 4};

std::uint64_t read_number(AddressSpace& space, std::uint64_t address, std::size_t size) {
  std::array<std::byte, 8> bytes{};
  space.read(address, std::span(bytes).first(size));
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;)
    value = value << 8 | static_cast<std::uint64_t>(bytes[i]);
  return value;
}

void write_number(AddressSpace& space, std::uint64_t address, std::size_t size,
                  std::uint64_t value) {
  std::array<std::byte, 8> bytes{};
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::byte>(value >> i * 8 & 0xff);
  space.write(address, std::span<const std::byte>(bytes).first(size));
}

class Memory : public WithMachine {
 protected:
  MemoryRegion* io(const MemoryRegionOps* ops, std::uint64_t size) {
    return memory_region_new_io(nullptr, ops, &probe, "probe", size);
  }

  Probe probe;
  AddressSpace& ports = address_space_io();
  AddressSpace& memory = address_space_memory();
};

// ---- objects ------------------------------------------------------------------------

TEST_F(Memory, the_two_spaces_are_where_QEMU_has_them) {
  EXPECT_EQ(path_of(get_system_memory()), "/machine/unattached/system[0]");
  EXPECT_EQ(path_of(get_system_io()), "/machine/unattached/io[0]");
  EXPECT_EQ(object_property_get_uint(get_system_memory(), "size"),
            18446744073709551615ull);
}

TEST_F(Memory, a_region_is_a_numbered_child_of_its_owner) {
  memory_region_new_container(machine, "ide", 8);
  MemoryRegion* second = memory_region_new_container(machine, "ide", 8);

  EXPECT_EQ(path_of(second), "/machine/ide[1]");
}

TEST_F(Memory, a_name_with_a_slash_is_escaped_in_the_path) {
  EXPECT_EQ(path_of(memory_region_new_container(machine, "etc/x[y]", 8)),
            "/machine/etc\\x2fx\\x5by\\x5d[0]");
}

TEST_F(Memory, a_region_tells_its_place_by_properties) {
  MemoryRegion* mr = io(&any_size, 8);
  memory_region_add_subregion_overlap(get_system_io(), 0x60, mr, 3);

  EXPECT_EQ(object_property_get_uint(mr, "addr"), 0x60u);
  EXPECT_EQ(object_property_get_uint(mr, "priority"), 3u);
  EXPECT_EQ(object_property_get_str(mr, "container"), "/machine/unattached/io[0]");
}

TEST_F(Memory, a_region_that_dies_leaves_its_container) {
  MemoryRegion* mr = io(&any_size, 8);
  memory_region_add_subregion(get_system_io(), 0x60, mr);
  ASSERT_NE(ports.find(0x60), nullptr);

  object_unparent(mr);

  EXPECT_EQ(ports.find(0x60), nullptr);
}

TEST_F(Memory, more_RAM_than_the_host_has_room_for_is_an_error) {
  EXPECT_EQ(error_of([] { memory_region_new_ram(nullptr, "pc.ram", 1ull << 62); }),
            "cannot set up guest memory 'pc.ram': Cannot allocate memory");
}

TEST_F(Memory, large_RAM_starts_on_a_huge_page) {
  MemoryRegion* ram = memory_region_new_ram(nullptr, "ram", 4 << 20);

  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(ram->ram.data()) % (2 << 20), 0u);
}

// ---- access rules -------------------------------------------------------------------

TEST_F(Memory, nobody_answers_all_ones) {
  EXPECT_EQ(read_number(ports, 0x5555, 4), 0xffffffffu);
  EXPECT_EQ(ports.find(0x5555), nullptr);
}

TEST_F(Memory, a_wide_access_is_split_low_part_first) {
  memory_region_add_subregion(get_system_io(), 0x40, io(&bytes_inside, 8));
  probe.answer = 0x44332211;

  EXPECT_EQ(read_number(ports, 0x40, 4), 0x44332211u);
  EXPECT_THAT(probe.calls, ElementsAre("r1@0", "r1@1", "r1@2", "r1@3"));
}

TEST_F(Memory, a_split_write_gives_each_call_its_own_byte) {
  memory_region_add_subregion(get_system_io(), 0x40, io(&bytes_inside, 8));

  write_number(ports, 0x42, 2, 0x0201);

  EXPECT_THAT(probe.calls, ElementsAre("w1@2=1", "w1@3=2"));
}

TEST_F(Memory, a_narrow_access_is_widened_and_cut) {
  memory_region_add_subregion(get_system_io(), 0x40, io(&words_inside, 8));
  probe.answer = 0x44332211;

  EXPECT_EQ(read_number(ports, 0x40, 1), 0x11u);
  EXPECT_THAT(probe.calls, ElementsAre("r4@0"));
}

TEST_F(Memory, a_size_the_device_does_not_allow_is_as_if_nobody_answered) {
  memory_region_add_subregion(get_system_io(), 0x40, io(&words_only, 8));

  EXPECT_EQ(read_number(ports, 0x40, 1), 0xffu);
  write_number(ports, 0x40, 1, 1);

  EXPECT_THAT(probe.calls, IsEmpty());
}

TEST_F(Memory, an_access_over_the_end_reaches_the_neighbour) {
  memory_region_add_subregion(get_system_io(), 0x60, io(&any_size, 1));
  Probe other;
  memory_region_add_subregion(
      get_system_io(), 0x61,
      memory_region_new_io(nullptr, &any_size, &other, "other", 1));

  write_number(ports, 0x60, 2, 0x0201);

  EXPECT_THAT(probe.calls, ElementsAre("w1@0=1"));
  EXPECT_THAT(other.calls, ElementsAre("w1@0=2"));
}

TEST_F(Memory, the_part_of_an_access_that_nobody_answers_is_all_ones) {
  memory_region_add_subregion(get_system_io(), 0x60, io(&any_size, 1));
  probe.answer = 0x12;

  EXPECT_EQ(read_number(ports, 0x60, 2), 0xff12u);
}

TEST_F(Memory, an_access_at_the_last_byte_of_the_space_ends) {
  EXPECT_EQ(read_number(memory, ~0ull, 8), ~0ull);
}

TEST_F(Memory, RAM_keeps_what_is_written) {
  memory_region_add_subregion(get_system_memory(), 0x1000,
                              memory_region_new_ram(nullptr, "ram", 0x2000));

  write_number(memory, 0x1ffe, 8, 0x8877665544332211);

  EXPECT_EQ(read_number(memory, 0x1ffe, 8), 0x8877665544332211u);
}

TEST_F(Memory, ROM_ignores_writes) {
  MemoryRegion* rom = memory_region_new_rom(nullptr, "rom", 0x1000);
  memory_region_add_subregion(get_system_memory(), 0, rom);
  rom->ram[4] = std::byte{0x5a};

  write_number(memory, 4, 1, 0xff);

  EXPECT_EQ(read_number(memory, 4, 1), 0x5au);
}

TEST_F(Memory, host_bytes_are_given_only_for_what_is_all_RAM) {
  memory_region_add_subregion(get_system_memory(), 0x1000,
                              memory_region_new_ram(nullptr, "ram", 0x1000));

  EXPECT_EQ(memory.ram(0x1800, 0x800).size(), 0x800u);
  EXPECT_TRUE(memory.ram(0x1800, 0x801).empty());
  EXPECT_TRUE(memory.ram(0xfff, 2).empty());
}

// ---- flattening -----------------------------------------------------------------------

TEST_F(Memory, higher_priority_hides_lower) {
  MemoryRegion* low = io(&any_size, 16);
  MemoryRegion* high = io(&any_size, 4);
  memory_region_add_subregion(get_system_io(), 0x100, low);
  memory_region_add_subregion_overlap(get_system_io(), 0x104, high, 1);

  EXPECT_EQ(ports.find(0x103)->region, low);
  EXPECT_EQ(ports.find(0x104)->region, high);
  EXPECT_EQ(ports.find(0x108)->region, low);
  EXPECT_EQ(ports.find(0x108)->offset, 8u);
}

TEST_F(Memory, of_equal_priority_the_later_one_is_on_top) {
  MemoryRegion* first = io(&any_size, 4);
  MemoryRegion* second = io(&any_size, 4);
  memory_region_add_subregion(get_system_io(), 0x100, first);
  memory_region_add_subregion(get_system_io(), 0x100, second);

  EXPECT_EQ(ports.find(0x100)->region, second);
}

TEST_F(Memory, a_disabled_region_lets_through_what_is_under_it) {
  MemoryRegion* low = io(&any_size, 4);
  MemoryRegion* high = io(&any_size, 4);
  memory_region_add_subregion(get_system_io(), 0x100, low);
  memory_region_add_subregion_overlap(get_system_io(), 0x100, high, 1);
  ASSERT_EQ(ports.find(0x100)->region, high);

  memory_region_set_enabled(high, false);

  EXPECT_EQ(ports.find(0x100)->region, low);
}

TEST_F(Memory, an_alias_shows_a_window_of_its_target) {
  MemoryRegion* ram = memory_region_new_ram(nullptr, "ram", 0x4000);
  memory_region_add_subregion(
      get_system_memory(), 0x100000,
      memory_region_new_alias(nullptr, "window", ram, 0x1000, 0x2000));

  const FlatRange* range = memory.find(0x100800);

  ASSERT_NE(range, nullptr);
  EXPECT_EQ(range->region, ram);
  EXPECT_EQ(range->offset, 0x1000u);
  EXPECT_EQ(range->size, 0x2000u);
}

TEST_F(Memory, a_moved_region_answers_at_its_new_place_only) {
  MemoryRegion* mr = io(&any_size, 4);
  memory_region_add_subregion(get_system_io(), 0x100, mr);
  ASSERT_NE(ports.find(0x100), nullptr);

  memory_region_set_address(mr, 0x200);

  EXPECT_EQ(ports.find(0x100), nullptr);
  EXPECT_EQ(ports.find(0x200)->region, mr);
}

// The oracle: who answers at one address, asked byte by byte from the top down.
const MemoryRegion* answering(const MemoryRegion* mr, std::uint64_t address,
                              bool& found) {
  if (!mr->enabled || address < mr->address || address - mr->address >= mr->size)
    return nullptr;
  const std::uint64_t inside = address - mr->address;
  if (mr->alias)
    return answering(mr->alias, inside + mr->alias_offset + mr->alias->address, found);
  for (const MemoryRegion* sub : mr->subregions)
    if (const MemoryRegion* answer = answering(sub, inside, found); found)
      return answer;
  found = mr->ops != nullptr;
  return found ? mr : nullptr;
}

TEST_F(Memory, random_trees_flatten_to_what_a_byte_by_byte_walk_finds) {
  std::mt19937 random(20190423);
  const auto pick = [&](int from, int to) {
    return static_cast<std::uint64_t>(
        std::uniform_int_distribution<int>(from, to)(random));
  };
  for (int round = 0; round < 200; ++round) {
    MemoryRegion* root = memory_region_new_container(nullptr, "root", 64);
    std::vector<MemoryRegion*> containers{root}, targets;
    for (int i = 0; i < 12; ++i) {
      MemoryRegion* mr = nullptr;
      const std::uint64_t kind = pick(0, 3);
      if (kind == 0)
        mr = memory_region_new_container(nullptr, "c", pick(1, 40));
      else if (kind == 1 && !targets.empty())
        mr = memory_region_new_alias(nullptr, "a", targets[pick(0, 99) % targets.size()],
                                     pick(0, 20), pick(1, 40));
      else
        mr = io(&any_size, pick(1, 30));
      mr->enabled = pick(0, 9) != 0;
      memory_region_add_subregion_overlap(containers[pick(0, 99) % containers.size()],
                                          pick(0, 50), mr, static_cast<int>(pick(0, 3)));
      if (kind == 0)
        containers.push_back(mr);
      else if (!mr->alias)
        targets.push_back(mr);
    }
    AddressSpace space(root, "random");
    for (std::uint64_t address = 0; address < 64; ++address) {
      bool found = false;
      const MemoryRegion* wanted = answering(root, address, found);
      const FlatRange* range = space.find(address);
      ASSERT_EQ(range ? range->region : nullptr, wanted)
          << "round " << round << " at " << address;
    }
  }
}

TEST_F(Memory, flat_ranges_are_sorted_and_do_not_overlap) {
  memory_region_add_subregion(get_system_io(), 0x100, io(&any_size, 32));
  memory_region_add_subregion(get_system_io(), 0x108, io(&any_size, 4));
  memory_region_add_subregion(get_system_io(), 0x40, io(&any_size, 4));

  std::uint64_t end = 0;
  for (const FlatRange& range : ports.flat_view()) {
    EXPECT_GE(range.start, end);
    end = range.start + range.size;
  }
  EXPECT_EQ(ports.flat_view().size(), 4u);
}

// ---- slots ----------------------------------------------------------------------------

class Slots : public Memory {
 protected:
  ScriptedVm vm;
  MemorySlots slots{vm};
};

TEST_F(Slots, RAM_and_ROM_become_slots) {
  memory_region_add_subregion(get_system_memory(), 0,
                              memory_region_new_ram(nullptr, "ram", 0x100000));
  memory_region_add_subregion(get_system_memory(), 0xffff0000,
                              memory_region_new_rom(nullptr, "bios", 0x10000));
  slots.sync(memory);

  EXPECT_THAT(vm.calls,
              ElementsAre("map 0 0x0 0x100000 rw", "map 1 0xffff0000 0x10000 ro"));
}

TEST_F(Slots, a_device_over_RAM_cuts_it_in_two) {
  memory_region_add_subregion(get_system_memory(), 0,
                              memory_region_new_ram(nullptr, "ram", 0x100000));
  memory_region_add_subregion_overlap(get_system_memory(), 0xa0000,
                                      io(&any_size, 0x20000), 1);
  slots.sync(memory);

  EXPECT_THAT(vm.calls, ElementsAre("map 0 0x0 0xa0000 rw", "map 1 0xc0000 0x40000 rw"));
}

TEST_F(Slots, what_did_not_change_is_left_alone) {
  MemoryRegion* rom = memory_region_new_rom(nullptr, "rom", 0x1000);
  memory_region_add_subregion(get_system_memory(), 0,
                              memory_region_new_ram(nullptr, "ram", 0x10000));
  memory_region_add_subregion(get_system_memory(), 0x20000, rom);
  slots.sync(memory);
  vm.calls.clear();

  memory_region_set_address(rom, 0x30000);
  slots.sync(memory);

  EXPECT_THAT(vm.calls, ElementsAre("unmap 1", "map 1 0x30000 0x1000 ro"));
}

TEST_F(Slots, parts_of_a_page_are_left_to_exits) {
  memory_region_add_subregion(get_system_memory(), 0x800,
                              memory_region_new_ram(nullptr, "ram", 0x1000));
  slots.sync(memory);

  EXPECT_THAT(vm.calls, IsEmpty());
}

TEST_F(Memory, listeners_hear_of_changes_at_the_next_commit_only) {
  int heard = 0;
  memory_listener_register([&] { ++heard; });
  memory_commit();
  heard = 0;

  MemoryRegion* mr = io(&any_size, 4);
  memory_region_add_subregion(get_system_memory(), 0x100, mr);
  memory_region_set_enabled(mr, false);
  EXPECT_EQ(heard, 0);
  memory_commit();
  memory_commit();

  EXPECT_EQ(heard, 1);
}

TEST_F(Memory, an_access_is_whole_though_another_region_covers_its_later_bytes) {
  Probe below, above;
  memory_region_add_subregion(
      get_system_io(), 0xcf8,
      memory_region_new_io(nullptr, &any_size, &below, "address", 4));
  memory_region_add_subregion_overlap(
      get_system_io(), 0xcf9,
      memory_region_new_io(nullptr, &any_size, &above, "reset", 1), 1);

  write_number(address_space_io(), 0xcf8, 4, 0x12345678);
  write_number(address_space_io(), 0xcf9, 1, 6);

  EXPECT_THAT(below.calls, ElementsAre("w4@0=305419896"));
  EXPECT_THAT(above.calls, ElementsAre("w1@0=6"));
}

}  // namespace
}  // namespace core_test
