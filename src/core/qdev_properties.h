// Property tables of devices: QEMU's DEFINE_PROP_* as constexpr functions over
// member pointers.
//
//   static constexpr Property serial_properties[] = {
//       qdev_prop_uint32("iobase", &IsaSerialState::iobase, 0xffffffff),
//       qdev_prop_chr("chardev", &IsaSerialState::chardev),
//   };
//   ... class_init: device_class_set_props(dc, serial_properties);
//
// A row knows the member it sets: a pointer to a member of the device's own struct,
// kept as a pointer to a member of DeviceState (C++ allows the way up and back), so
// no row needs a cast of bytes. Members sit directly in the device's struct.
//
// Setting a property of a realized device is refused in 4.0's words.
#pragma once

#include <cstdint>
#include <string>

#include "core/chardev.h"
#include "core/qdev.h"

namespace core {

class BlockBackend;  // core/block.h

enum class OnOffAuto : std::uint8_t { auto_, on, off };  // spelled "auto", "on", "off"

// How values of one property type are read, set and given their default.
struct PropertyInfo {
  const char* type = nullptr;         // as QEMU shows it: "uint32", "str", "OnOffAuto"
  const char* description = nullptr;  // used when the row has none
  Value (*get)(DeviceState* dev, const Property& row) = nullptr;
  void (*set)(DeviceState* dev, const Property& row, const Value& value) = nullptr;
  void (*set_default)(DeviceState* dev, const Property& row) = nullptr;  // may be nullptr
  // How people see it, also as property "legacy-NAME"; nullptr: as everybody does.
  std::string (*print)(DeviceState* dev, const Property& row) = nullptr;
  // Lets go of what the member holds, when the device dies; may be nullptr.
  void (*release)(DeviceState* dev, const Property& row) = nullptr;
};

// One of the member types a row can set.
union PropertyMember {
  bool DeviceState::*boolean = nullptr;
  std::uint8_t DeviceState::*u8;
  std::uint16_t DeviceState::*u16;
  std::uint32_t DeviceState::*u32;
  std::uint64_t DeviceState::*u64;
  std::int32_t DeviceState::*i32;
  std::string DeviceState::*text;
  OnOffAuto DeviceState::*on_off_auto;
  Chardev* DeviceState::*chardev;
  BlockBackend* DeviceState::*drive;
  Object* DeviceState::*link;
};

struct Property {
  const char* name = nullptr;
  const PropertyInfo* info = nullptr;
  PropertyMember member;
  std::uint64_t default_number = 0;
  const char* default_text = nullptr;  // str only; nullptr: empty
  const char* description = nullptr;
  const char* const* enum_names = nullptr;  // ends with nullptr; value i is spelled [i]
  const char* type_name = nullptr;          // enum: its type; link: the target's type
  std::uint8_t bit = 0;                     // bit rows
};

extern const PropertyInfo qdev_prop_info_bool, qdev_prop_info_bit, qdev_prop_info_bit64,
    qdev_prop_info_drive, qdev_prop_info_blocksize, qdev_prop_info_uint8,
    qdev_prop_info_uint16, qdev_prop_info_uint32, qdev_prop_info_int32,
    qdev_prop_info_uint64, qdev_prop_info_size, qdev_prop_info_string,
    qdev_prop_info_on_off_auto, qdev_prop_info_enum, qdev_prop_info_chr,
    qdev_prop_info_link;

template <class S>
constexpr Property qdev_prop_bool(const char* name, bool S::*member, bool value) {
  Property row{
      .name = name, .info = &qdev_prop_info_bool, .member = {}, .default_number = value};
  row.member.boolean = static_cast<bool DeviceState::*>(member);
  return row;
}

// Bit `bit` of a 32-bit flag word, seen as a bool.
template <class S>
constexpr Property qdev_prop_bit(const char* name, std::uint32_t S::*member,
                                 std::uint8_t bit, bool value) {
  Property row{
      .name = name, .info = &qdev_prop_info_bit, .member = {}, .default_number = value};
  row.member.u32 = static_cast<std::uint32_t DeviceState::*>(member);
  row.bit = bit;
  return row;
}

// Bit `bit` of a 64-bit word of features.
template <class S>
constexpr Property qdev_prop_bit64(const char* name, std::uint64_t S::*member,
                                   std::uint8_t bit, bool value) {
  Property row{
      .name = name, .info = &qdev_prop_info_bit64, .member = {}, .default_number = value};
  row.member.u64 = static_cast<std::uint64_t DeviceState::*>(member);
  row.bit = bit;
  return row;
}

template <class S>
constexpr Property qdev_prop_uint8(const char* name, std::uint8_t S::*member,
                                   std::uint8_t value) {
  Property row{
      .name = name, .info = &qdev_prop_info_uint8, .member = {}, .default_number = value};
  row.member.u8 = static_cast<std::uint8_t DeviceState::*>(member);
  return row;
}

template <class S>
constexpr Property qdev_prop_uint16(const char* name, std::uint16_t S::*member,
                                    std::uint16_t value) {
  Property row{.name = name,
               .info = &qdev_prop_info_uint16,
               .member = {},
               .default_number = value};
  row.member.u16 = static_cast<std::uint16_t DeviceState::*>(member);
  return row;
}

template <class S>
constexpr Property qdev_prop_uint32(const char* name, std::uint32_t S::*member,
                                    std::uint32_t value) {
  Property row{.name = name,
               .info = &qdev_prop_info_uint32,
               .member = {},
               .default_number = value};
  row.member.u32 = static_cast<std::uint32_t DeviceState::*>(member);
  return row;
}

template <class S>
constexpr Property qdev_prop_int32(const char* name, std::int32_t S::*member,
                                   std::int32_t value) {
  Property row{.name = name,
               .info = &qdev_prop_info_int32,
               .member = {},
               .default_number = static_cast<std::uint64_t>(value)};
  row.member.i32 = static_cast<std::int32_t DeviceState::*>(member);
  return row;
}

template <class S>
constexpr Property qdev_prop_uint64(const char* name, std::uint64_t S::*member,
                                    std::uint64_t value) {
  Property row{.name = name,
               .info = &qdev_prop_info_uint64,
               .member = {},
               .default_number = value};
  row.member.u64 = static_cast<std::uint64_t DeviceState::*>(member);
  return row;
}

// Bytes; text may carry a suffix (k, M, G...).
template <class S>
constexpr Property qdev_prop_size(const char* name, std::uint64_t S::*member,
                                  std::uint64_t value) {
  Property row{
      .name = name, .info = &qdev_prop_info_size, .member = {}, .default_number = value};
  row.member.u64 = static_cast<std::uint64_t DeviceState::*>(member);
  return row;
}

template <class S>
constexpr Property qdev_prop_string(const char* name, std::string S::*member,
                                    const char* value = nullptr) {
  Property row{.name = name,
               .info = &qdev_prop_info_string,
               .member = {},
               .default_number = 0,
               .default_text = value};
  row.member.text = static_cast<std::string DeviceState::*>(member);
  return row;
}

template <class S>
constexpr Property qdev_prop_on_off_auto(const char* name, OnOffAuto S::*member,
                                         OnOffAuto value) {
  Property row{.name = name,
               .info = &qdev_prop_info_on_off_auto,
               .member = {},
               .default_number = static_cast<std::uint64_t>(value)};
  row.member.on_off_auto = static_cast<OnOffAuto DeviceState::*>(member);
  return row;
}

// `names` ends with nullptr; the member holds the index.
template <class S>
constexpr Property qdev_prop_enum(const char* name, std::int32_t S::*member,
                                  const char* type, const char* const* names,
                                  std::int32_t value) {
  Property row{.name = name,
               .info = &qdev_prop_info_enum,
               .member = {},
               .default_number = static_cast<std::uint64_t>(value)};
  row.member.i32 = static_cast<std::int32_t DeviceState::*>(member);
  row.enum_names = names;
  row.type_name = type;
  return row;
}

// The id of a chardev; the device becomes its front end.
template <class S>
constexpr Property qdev_prop_chr(const char* name, Chardev* S::*member) {
  Property row{.name = name, .info = &qdev_prop_info_chr, .member = {}};
  row.member.chardev = static_cast<Chardev * DeviceState::*>(member);
  return row;
}

// The id of a drive or the name of a block node; the device holds it from then on.
template <class S>
constexpr Property qdev_prop_drive(const char* name, BlockBackend* S::*member) {
  Property row{.name = name, .info = &qdev_prop_info_drive, .member = {}};
  row.member.drive = static_cast<BlockBackend * DeviceState::*>(member);
  return row;
}

// Bytes of a disk's sector: a power of two between 512 and 32768.
template <class S>
constexpr Property qdev_prop_blocksize(const char* name, std::uint16_t S::*member,
                                       std::uint16_t value) {
  Property row{.name = name,
               .info = &qdev_prop_info_blocksize,
               .member = {},
               .default_number = value};
  row.member.u16 = static_cast<std::uint16_t DeviceState::*>(member);
  return row;
}

// A path to another object of type `type`; the member holds a reference.
template <class S>
constexpr Property qdev_prop_link(const char* name, Object* S::*member,
                                  const char* type) {
  Property row{.name = name, .info = &qdev_prop_info_link, .member = {}};
  row.member.link = static_cast<Object * DeviceState::*>(member);
  row.type_name = type;
  return row;
}

template <std::size_t N>
void device_class_set_props(DeviceClass* dc, const Property (&rows)[N]) {
  dc->props = rows;
  dc->props_count = static_cast<int>(N);
}

// Throws qom::Error "Attempt to set property ... after it was realized" if it was.
void qdev_prop_check_unrealized(const DeviceState* dev, const char* name);

// What a board sets between qdev_create and qdev_init_nofail (QEMU's qdev_prop_set_*).
void qdev_prop_set_bit(DeviceState* dev, const char* name, bool value);
void qdev_prop_set_uint8(DeviceState* dev, const char* name, std::uint8_t value);
void qdev_prop_set_uint16(DeviceState* dev, const char* name, std::uint16_t value);
void qdev_prop_set_uint32(DeviceState* dev, const char* name, std::uint32_t value);
void qdev_prop_set_int32(DeviceState* dev, const char* name, std::int32_t value);
void qdev_prop_set_uint64(DeviceState* dev, const char* name, std::uint64_t value);
void qdev_prop_set_string(DeviceState* dev, const char* name, const std::string& value);
void qdev_prop_set_chr(DeviceState* dev, const char* name, Chardev* value);
// Finds the row `name` in the class and its ancestors; nullptr if there is none.
const Property* qdev_prop_find(const DeviceState* dev, const char* name);

}  // namespace core
