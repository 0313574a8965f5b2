// pci: what sits on the PCI bus, where its base addresses are, which line it pulls.
//
//   pci.0 --00.0-- i440FX      8086:1237  host bridge
//         --01.1-- piix3-ide   8086:7010  BAR4 io 16 at 0xc000
//         --04.0-- edu         1234:11e8  BAR0 mem 1 MiB at 0xfea00000, INTA -> line 3
#include <algorithm>
#include <cstdio>
#include <map>
#include <stdexcept>

#include "viz/card.h"
#include "viz/picture.h"
#include "viz/run_words.h"
#include "viz/text.h"

namespace viz {

namespace {

struct Bar {
  std::string kind, region;
  std::uint64_t size = 0;
  std::uint64_t address = 0;
  bool mapped = false;
};

struct Device {
  std::string id, bus;
  std::uint64_t devfn = 0, vendor = 0, device = 0, klass = 0, pin = 0;
  std::string line = "-1";
  bool placed = false;
  std::map<std::uint64_t, Bar> bars;
  std::size_t pulls = 0;  // of its interrupt pin
  std::size_t messages = 0;
};

using Devices = std::map<std::string, Device, std::less<>>;

class Collector {
 public:
  explicit Collector(const Run& run) : run_(run) {}

  Devices collect(std::size_t last);

 private:
  Device& device(const Step& step);
  std::uint64_t number(const Step& step, const char* key) const;
  void apply(const Step& step);

  const Run& run_;
  Devices devices_;
};

Device& Collector::device(const Step& step) {
  const std::string id(run_.arg(step, "device"));
  Device& device = devices_[id];
  device.id = id;
  return device;
}

std::uint64_t Collector::number(const Step& step, const char* key) const {
  std::uint64_t value = 0;
  parse_number(run_.arg(step, key), value);
  return value;
}

void Collector::apply(const Step& step) {
  if (step.name == "pci_qdev_realize") {
    Device& one = device(step);
    one.placed = true;
    one.bus = run_.arg(step, "bus");
    one.devfn = number(step, "devfn") & 0xff;
    one.vendor = number(step, "vendor_id");
    one.device = number(step, "device_id");
    one.klass = number(step, "class_id");
    one.pin = number(step, "pin");
    one.line = run_.arg(step, "line");
  } else if (step.name == "pci_register_bar") {
    Bar& bar = device(step).bars[number(step, "bar")];
    bar.kind = run_.arg(step, "kind");
    bar.region = run_.arg(step, "region");
    bar.size = number(step, "size");
  } else if (step.name == "pci_update_mappings_add") {
    Bar& bar = device(step).bars[number(step, "bar")];
    bar.size = number(step, "size");
    bar.address = number(step, "address");
    bar.mapped = true;
  } else if (step.name == "pci_update_mappings_del") {
    device(step).bars[number(step, "bar")].mapped = false;
  } else if (step.name == "pci_irq_handler" && run_.arg(step, "level") == "1") {
    ++device(step).pulls;
  } else if (step.name == "msi_send_message" && !run_.arg(step, "device").empty()) {
    ++device(step).messages;
  }
}

Devices Collector::collect(std::size_t last) {
  const std::vector<Step>& steps = run_.steps();
  for (std::size_t i = 0; i < steps.size() && (last == no_step || i <= last); ++i) {
    if (steps[i].cat == "device" || steps[i].cat == "irq") {
      apply(steps[i]);
    }
  }
  std::erase_if(devices_, [](const auto& entry) { return !entry.second.placed; });
  return std::move(devices_);
}

std::string class_words(std::uint64_t klass) {
  switch (klass) {
    case 0x0100:
      return "SCSI storage";
    case 0x0101:
      return "IDE storage";
    case 0x0106:
      return "SATA storage";
    case 0x0200:
      return "Ethernet";
    case 0x0300:
      return "VGA display";
    case 0x0500:
      return "memory";
    case 0x0600:
      return "host bridge";
    case 0x0601:
      return "ISA bridge";
    case 0x0604:
      return "PCI bridge";
    case 0x0680:
      return "other bridge";
    case 0x0c03:
      return "USB controller";
    default:
      return "class " + hex_words(klass);
  }
}

std::string formatted(const char* format, std::uint64_t a, std::uint64_t b) {
  char text[48];
  std::snprintf(text, sizeof text, format, static_cast<unsigned>(a),
                static_cast<unsigned>(b));
  return text;
}

std::string place_of(const Device& device) {
  return formatted("%02x.%x", device.devfn >> 3, device.devfn & 7);
}

std::string irq_words(const Device& device, const PictureOptions& options) {
  std::string words =
      device.pin == 0 || device.pin > 4
          ? say(options, "none", "无")
          : std::string("INT") + static_cast<char>('A' + (device.pin - 1));
  if (device.pin != 0 && !device.line.empty() && device.line != "-1") {
    words += say(options, " → line PIRQ", " → 线 PIRQ");
    words += device.line == "0"   ? "A"
             : device.line == "1" ? "B"
             : device.line == "2" ? "C"
             : device.line == "3" ? "D"
                                  : device.line;
  }
  if (device.pulls != 0) {
    words += say(options, ", pulled ", ",拉起 ") + std::to_string(device.pulls) +
             say(options, " times", " 次");
  }
  return words;
}

std::string bar_words(const Bar& bar, const PictureOptions& options) {
  const bool io = bar.kind == "io";
  return bar.kind + " " + size_words(bar.size) +
         (bar.mapped ? say(options, " at ", " 位于 ") + hex_words(bar.address)
                     : std::string(say(options, ", not mapped", ",未映射"))) +
         (io ? say(options, " (ports)", "(端口)") : "") +
         (bar.region.empty() ? "" : ": " + bar.region);
}

Devices devices_of(const Run& run, const PictureOptions& options) {
  Devices devices = Collector(run).collect(options.at);
  if (devices.empty()) {
    throw std::runtime_error(
        visible(run.source) +
        " tells of no PCI device: the machine has no PCI bus, or the run ended before");
  }
  return devices;
}

std::vector<const Device*> in_order(const Devices& devices) {
  std::vector<const Device*> list;
  for (const auto& [id, device] : devices) {
    list.push_back(&device);
  }
  std::stable_sort(list.begin(), list.end(), [](const Device* a, const Device* b) {
    return a->bus != b->bus ? a->bus < b->bus : a->devfn < b->devfn;
  });
  return list;
}

Card card_of(const Device& device, const PictureOptions& options) {
  Card card{.title = device.id,
            .subtitle = formatted("%04x:%04x", device.vendor, device.device) + " · " +
                        class_words(device.klass),
            .rows = {}};
  for (const auto& [number, bar] : device.bars) {
    card.rows.push_back({.key = number == 6 ? "ROM" : "BAR" + std::to_string(number),
                         .value = bar_words(bar, options),
                         .strong = bar.mapped});
  }
  if (device.pin != 0) {
    card.rows.push_back(
        {.key = say(options, "interrupt", "中断"), .value = irq_words(device, options)});
  }
  if (device.messages != 0) {
    card.rows.push_back({.key = "MSI", .value = std::to_string(device.messages)});
  }
  return card;
}

Graph draw_pci(const Run& run, const PictureOptions& options) {
  const Devices devices = devices_of(run, options);
  const Theme& theme = *options.theme;
  Graph graph("pci");
  card_page(graph, theme,
            options.legend ? say(options, "On the PCI bus: ", "PCI 总线上: ") +
                                 when_words(run, options.at, options.chinese)
                           : std::string(),
            say(options,
                "slot.function on the line; a BAR is mapped when the guest gave it an "
                "address",
                "连线上是 槽.功能;BAR 在客户机写入地址后才映射"),
            "LR", "1.1");
  graph.graph_attributes({{"nodesep", "0.12"}, {"ordering", "out"}});
  std::map<std::string, std::size_t> buses;
  for (const Device* device : in_order(devices)) {
    ++buses[device->bus];
  }
  for (const auto& [bus, count] : buses) {
    Card card{.title = bus, .subtitle = say(options, "PCI bus", "PCI 总线"), .rows = {}};
    card.rows = {
        {.key = say(options, "devices", "设备"), .value = std::to_string(count)}};
    graph.node("bus " + node_id(bus), card_attributes(card, theme.amber, theme));
  }
  for (const Device* device : in_order(devices)) {
    const std::string id = "device " + node_id(device->id);
    const bool bridge = device->klass >> 8 == 6;
    graph.node(id, card_attributes(card_of(*device, options),
                                   bridge ? theme.blue : theme.green, theme));
    graph.edge("bus " + node_id(device->bus), id,
               {{"label", place_of(*device)},
                {"arrowhead", "none"},
                {"headport", "w"},
                {"tailport", "e"},
                {"penwidth", "1.6"},
                {"color", theme.amber.border}});
  }
  return graph;
}

Outline outline_pci(const Run& run, const PictureOptions& options) {
  const Devices devices = devices_of(run, options);
  Outline out;
  out.title = say(options, "On the PCI bus: ", "PCI 总线上: ") +
              when_words(run, options.at, options.chinese);
  for (const Device* device : in_order(devices)) {
    out.row(0, place_of(*device) + " " + device->id,
            {{"bus", device->bus},
             {"id", formatted("%04x:%04x", device->vendor, device->device)},
             {"class", class_words(device->klass)},
             {"interrupt", irq_words(*device, options)}});
    for (const auto& [number, bar] : device->bars) {
      out.row(1, "BAR" + std::to_string(number), {{"is", bar_words(bar, options)}});
    }
  }
  return out;
}

const Picture pci_picture{
    .name = "pci",
    .help = "the PCI bus: places, base addresses, interrupt pins",
    .draw_run = draw_pci,
    .outline = outline_pci,
    .about =
        "What sits on the PCI bus, and where does the guest find it? Each card is a "
        "device with its place (slot.function), what its base addresses decode, where "
        "the firmware put them, and which interrupt line its pin is wired to. Before "
        "firmware ran, nothing is mapped: --at machine.ready shows that.",
    .about_zh =
        "PCI 总线上有什么,客户机在哪里找到它?每张卡片是一个设备:位置(槽.功能)、"
        "每个 BAR 解码什么、固件把它放在哪里、中断引脚接到哪条线。固件运行之前什么都"
        "没有映射:用 --at machine.ready 可以看到。",
};

}  // namespace

}  // namespace viz

using viz::pci_picture;
picture_init(pci_picture)
