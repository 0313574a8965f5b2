// How each property type is read, set and given its default. See qdev_properties.h.
#include "core/qdev_properties.h"

#include <cstring>
#include <utility>

namespace core {

void qdev_property_add_static(DeviceState* dev);

namespace {

// A number held in a member selected by `pointer`, parsed by `visit`.
template <auto pointer, auto visit, class Shown>
struct Number {
  static Value get(DeviceState* dev, const Property& row) {
    return Value(static_cast<Shown>(dev->*(row.member.*pointer)));
  }

  static void set(DeviceState* dev, const Property& row, const Value& value) {
    dev->*(row.member.*pointer) = visit(value, row.name);
  }

  static void set_default(DeviceState* dev, const Property& row) {
    auto& member = dev->*(row.member.*pointer);
    member = static_cast<std::remove_reference_t<decltype(member)>>(row.default_number);
  }
};

template <class N>
constexpr PropertyInfo number_info(const char* type) {
  return {.type = type, .get = N::get, .set = N::set, .set_default = N::set_default};
}

// ---- bit --------------------------------------------------------------------------

std::uint32_t bit_mask(const Property& row) {
  return std::uint32_t{1} << row.bit;
}

void put_bit(DeviceState* dev, const Property& row, bool value) {
  std::uint32_t& flags = dev->*(row.member.u32);
  flags = value ? flags | bit_mask(row) : flags & ~bit_mask(row);
}

Value bit_get(DeviceState* dev, const Property& row) {
  return Value((dev->*(row.member.u32) & bit_mask(row)) != 0);
}

void bit_set(DeviceState* dev, const Property& row, const Value& value) {
  put_bit(dev, row, visit_type_bool(value, row.name));
}

void bit_default(DeviceState* dev, const Property& row) {
  put_bit(dev, row, row.default_number != 0);
}

// ---- bit of a 64-bit word, size of a sector ------------------------------------------

void put_bit64(DeviceState* dev, const Property& row, bool value) {
  std::uint64_t& word = dev->*(row.member.u64);
  const std::uint64_t mask = std::uint64_t{1} << row.bit;
  word = value ? word | mask : word & ~mask;
}

Value bit64_get(DeviceState* dev, const Property& row) {
  return Value((dev->*(row.member.u64) >> row.bit & 1) != 0);
}

void bit64_set(DeviceState* dev, const Property& row, const Value& value) {
  put_bit64(dev, row, visit_type_bool(value, row.name));
}

void bit64_default(DeviceState* dev, const Property& row) {
  put_bit64(dev, row, row.default_number != 0);
}

void blocksize_set(DeviceState* dev, const Property& row, const Value& value) {
  constexpr std::uint16_t least = 512, most = 32768;
  const std::uint16_t size = visit_type_uint16(value, row.name);
  const std::string of = "Property " + dev->id + "." + row.name + " doesn't take value ";
  if (size != 0 && (size < least || size > most))  // 0: the device's default
    throw Error(of + std::to_string(size) + " (minimum: " + std::to_string(least) +
                ", maximum: " + std::to_string(most) + ")");
  if ((size & (size - 1)) != 0)
    throw Error(of + "'" + std::to_string(size) + "', it's not a power of 2");
  dev->*(row.member.u16) = size;
}

// ---- text and names ---------------------------------------------------------------

Value string_get(DeviceState* dev, const Property& row) {
  return Value(dev->*(row.member.text));
}

void string_set(DeviceState* dev, const Property& row, const Value& value) {
  dev->*(row.member.text) = visit_type_str(value, row.name);
}

void string_default(DeviceState* dev, const Property& row) {
  if (row.default_text)
    dev->*(row.member.text) = row.default_text;
}

constexpr const char* on_off_auto_names[] = {"auto", "on", "off", nullptr};

int enum_value(const char* const* names, const std::string& text) {
  for (int i = 0; names[i]; ++i)
    if (text == names[i])
      return i;
  throw Error("Invalid parameter '" + text + "'");
}

Value enum_get(DeviceState* dev, const Property& row) {
  return Value(std::string(row.enum_names[dev->*(row.member.i32)]));
}

void enum_set(DeviceState* dev, const Property& row, const Value& value) {
  dev->*(row.member.i32) = enum_value(row.enum_names, visit_type_str(value, row.name));
}

void enum_default(DeviceState* dev, const Property& row) {
  dev->*(row.member.i32) = static_cast<std::int32_t>(row.default_number);
}

Value on_off_auto_get(DeviceState* dev, const Property& row) {
  return Value(
      std::string(on_off_auto_names[static_cast<int>(dev->*(row.member.on_off_auto))]));
}

void on_off_auto_set(DeviceState* dev, const Property& row, const Value& value) {
  dev->*(row.member.on_off_auto) = static_cast<OnOffAuto>(
      enum_value(on_off_auto_names, visit_type_str(value, row.name)));
}

void on_off_auto_default(DeviceState* dev, const Property& row) {
  dev->*(row.member.on_off_auto) = static_cast<OnOffAuto>(row.default_number);
}

// ---- chardev ----------------------------------------------------------------------

void detach(Chardev* chr) {
  if (!chr)
    return;
  chr->in_use = false;
  chr->can_read = nullptr;
  chr->read = nullptr;
  object_unref(chr);
}

void attach(DeviceState* dev, const Property& row, Chardev* chr) {
  if (chr) {
    object_ref(chr);
    chr->in_use = true;
  }
  detach(std::exchange(dev->*(row.member.chardev), chr));
}

Value chr_get(DeviceState* dev, const Property& row) {
  const Chardev* chr = dev->*(row.member.chardev);
  return Value(chr ? chr->label : std::string());
}

// QEMU's words for a name that means nothing to a property (qom-semantics 268).
std::string property_of(DeviceState* dev, const Property& row) {
  return std::string("Property '") + object_get_typename(dev) + "." + row.name + "'";
}

void chr_set(DeviceState* dev, const Property& row, const Value& value) {
  const std::string id = visit_type_str(value, row.name);
  if (id.empty()) {
    attach(dev, row, nullptr);
    return;
  }
  Chardev* chr = chardev_find(id);
  if (!chr)
    throw Error(property_of(dev, row) + " can't find value '" + id + "'");
  if (chr->in_use && chr != dev->*(row.member.chardev))
    throw Error(property_of(dev, row) + " can't take value '" + id + "', it's in use");
  if (chr != dev->*(row.member.chardev))
    attach(dev, row, chr);
}

void chr_release(DeviceState* dev, const Property& row) {
  attach(dev, row, nullptr);
}

// ---- adding rows to an object -----------------------------------------------------

void check_link(Object* obj, std::string_view name, Object*) {
  const auto* dev = static_cast<const DeviceState*>(obj);
  if (!dev->realized)
    return;
  throw Error("Attempt to set link property '" + std::string(name) + "' on " +
              (dev->id.empty() ? "anonymous device" : "device '" + dev->id + "'") +
              " (type '" + object_get_typename(dev) + "') after it was realized");
}

void add_row(DeviceState* dev, const Property& row) {
  if (row.info == &qdev_prop_info_link) {
    object_property_add_link(dev, row.name, row.type_name, &(dev->*(row.member.link)),
                             check_link, LinkStrength::strong);
    return;
  }
  const Property* r = &row;  // rows are constant data: they outlive every object
  PropertyRelease release;
  if (row.info->release)
    release = [r](Object* obj, const ObjectProperty&) {
      r->info->release(static_cast<DeviceState*>(obj), *r);
    };
  ObjectProperty& property = object_property_add(
      dev, row.name, row.type_name ? row.type_name : row.info->type,
      [r](Object* obj, const ObjectProperty&) {
        return r->info->get(static_cast<DeviceState*>(obj), *r);
      },
      [r](Object* obj, const ObjectProperty&, const Value& value) {
        auto* device = static_cast<DeviceState*>(obj);
        qdev_prop_check_unrealized(device, r->name);
        r->info->set(device, *r, value);
      },
      std::move(release));
  if (const char* text = row.description ? row.description : row.info->description)
    property.description = text;
  if (row.info->set_default)
    row.info->set_default(dev, row);
  if (row.info->print)
    object_property_add_str(
        dev, std::string("legacy-") + row.name,
        [r](Object* obj) { return r->info->print(static_cast<DeviceState*>(obj), *r); },
        {});
}

}  // namespace

constexpr PropertyInfo qdev_prop_info_bool =
    number_info<Number<&PropertyMember::boolean, visit_type_bool, bool>>("bool");
constexpr PropertyInfo qdev_prop_info_uint8 =
    number_info<Number<&PropertyMember::u8, visit_type_uint8, std::uint64_t>>("uint8");
constexpr PropertyInfo qdev_prop_info_uint16 =
    number_info<Number<&PropertyMember::u16, visit_type_uint16, std::uint64_t>>("uint16");
constexpr PropertyInfo qdev_prop_info_uint32 =
    number_info<Number<&PropertyMember::u32, visit_type_uint32, std::uint64_t>>("uint32");
constexpr PropertyInfo qdev_prop_info_int32 =
    number_info<Number<&PropertyMember::i32, visit_type_int32, std::int64_t>>("int32");
constexpr PropertyInfo qdev_prop_info_uint64 =
    number_info<Number<&PropertyMember::u64, visit_type_uint64, std::uint64_t>>("uint64");
constexpr PropertyInfo qdev_prop_info_size =
    number_info<Number<&PropertyMember::u64, visit_type_size, std::uint64_t>>("size");
constexpr PropertyInfo qdev_prop_info_bit{.type = "bool",
                                          .description = "on/off",
                                          .get = bit_get,
                                          .set = bit_set,
                                          .set_default = bit_default};
constexpr PropertyInfo qdev_prop_info_string{
    .type = "str", .get = string_get, .set = string_set, .set_default = string_default};
constexpr PropertyInfo qdev_prop_info_enum{
    .type = "enum", .get = enum_get, .set = enum_set, .set_default = enum_default};
constexpr PropertyInfo qdev_prop_info_on_off_auto{.type = "OnOffAuto",
                                                  .description = "on/off/auto",
                                                  .get = on_off_auto_get,
                                                  .set = on_off_auto_set,
                                                  .set_default = on_off_auto_default};
constexpr PropertyInfo qdev_prop_info_chr{
    .type = "str",
    .description = "ID of a chardev to use as a backend",
    .get = chr_get,
    .set = chr_set,
    .release = chr_release};
constexpr PropertyInfo qdev_prop_info_bit64{.type = "bool",
                                            .description = "on/off",
                                            .get = bit64_get,
                                            .set = bit64_set,
                                            .set_default = bit64_default};
constexpr PropertyInfo qdev_prop_info_blocksize{
    .type = "uint16",
    .description = "A power of two between 512 and 32768",
    .get = Number<&PropertyMember::u16, visit_type_uint16, std::uint64_t>::get,
    .set = blocksize_set,
    .set_default =
        Number<&PropertyMember::u16, visit_type_uint16, std::uint64_t>::set_default};
constexpr PropertyInfo qdev_prop_info_link{.type = "link"};

void qdev_prop_check_unrealized(const DeviceState* dev, const char* name) {
  if (!dev->realized)
    return;
  throw Error("Attempt to set property '" + std::string(name) + "' on " +
              (dev->id.empty() ? "anonymous device" : "device '" + dev->id + "'") +
              " (type '" + object_get_typename(dev) + "') after it was realized");
}

// Rows of the object's class and of every ancestor, leaf first as in QEMU.
void qdev_property_add_static(DeviceState* dev) {
  for (ObjectClass* klass = object_get_class(dev);
       klass && object_class_dynamic_cast(klass, TYPE_DEVICE);
       klass = object_class_get_parent(klass)) {
    const auto* dc = static_cast<const DeviceClass*>(klass);
    for (int i = 0; i < dc->props_count; ++i)
      add_row(dev, dc->props[i]);
  }
}

const Property* qdev_prop_find(const DeviceState* dev, const char* name) {
  for (ObjectClass* klass = object_get_class(dev);
       klass && object_class_dynamic_cast(klass, TYPE_DEVICE);
       klass = object_class_get_parent(klass)) {
    const auto* dc = static_cast<const DeviceClass*>(klass);
    for (int i = 0; i < dc->props_count; ++i)
      if (std::strcmp(dc->props[i].name, name) == 0)
        return &dc->props[i];
  }
  return nullptr;
}

void qdev_prop_set_bit(DeviceState* dev, const char* name, bool value) {
  object_property_set_bool(dev, value, name);
}

void qdev_prop_set_uint8(DeviceState* dev, const char* name, std::uint8_t value) {
  object_property_set_uint(dev, value, name);
}

void qdev_prop_set_uint16(DeviceState* dev, const char* name, std::uint16_t value) {
  object_property_set_uint(dev, value, name);
}

void qdev_prop_set_uint32(DeviceState* dev, const char* name, std::uint32_t value) {
  object_property_set_uint(dev, value, name);
}

void qdev_prop_set_int32(DeviceState* dev, const char* name, std::int32_t value) {
  object_property_set_int(dev, value, name);
}

void qdev_prop_set_uint64(DeviceState* dev, const char* name, std::uint64_t value) {
  object_property_set_uint(dev, value, name);
}

void qdev_prop_set_string(DeviceState* dev, const char* name, const std::string& value) {
  object_property_set_str(dev, value, name);
}

void qdev_prop_set_chr(DeviceState* dev, const char* name, Chardev* value) {
  object_property_set_str(dev, value ? value->label : "", name);
}

}  // namespace core
