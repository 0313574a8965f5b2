// The groups' tables: name, implied key, merging, declared keys.
#include "options/groups.h"

namespace options {

using enum QemuOptType;

static constexpr QemuOptDesc chardev_desc[] = {
    {"backend", string},    {"path", string},      {"host", string},
    {"port", string},       {"fd", string},        {"localaddr", string},
    {"localport", string},  {"to", number},        {"ipv4", boolean},
    {"ipv6", boolean},      {"wait", boolean},     {"server", boolean},
    {"delay", boolean},     {"reconnect", number}, {"telnet", boolean},
    {"tn3270", boolean},    {"tls-creds", string}, {"tls-authz", string},
    {"websocket", boolean}, {"width", number},     {"height", number},
    {"cols", number},       {"rows", number},      {"mux", boolean},
    {"signal", boolean},    {"name", string},      {"debug", number},
    {"size", size},         {"chardev", string},   {"append", boolean},
    {"logfile", string},    {"logappend", boolean}};

static constexpr QemuOptDesc rtc_desc[] = {
    {"base", string}, {"clock", string}, {"driftfix", string}};

static constexpr QemuOptDesc global_desc[] = {
    {"driver", string}, {"property", string}, {"value", string}};

static constexpr QemuOptDesc mon_desc[] = {
    {"mode", string}, {"chardev", string}, {"pretty", boolean}};

static constexpr QemuOptDesc trace_desc[] = {{"enable", string}, {"events", string},
                                             {"file", string},   {"from", string},
                                             {"exits", number},  {"sample", number}};

static constexpr QemuOptDesc option_rom_desc[] = {{"bootindex", number},
                                                  {"romfile", string}};

static constexpr QemuOptDesc accel_desc[] = {
    {"accel", string, "what runs the guest code"},
    {"thread", string, "one thread for all CPUs, or one each"}};

static constexpr QemuOptDesc mem_desc[] = {
    {"size", size}, {"slots", number}, {"maxmem", size}};

static constexpr QemuOptDesc smp_desc[] = {{"cpus", number},
                                           {"sockets", number},
                                           {"cores", number},
                                           {"threads", number},
                                           {"maxcpus", number}};

static constexpr QemuOptDesc boot_desc[] = {
    {"order", string},  {"once", string},        {"menu", boolean},
    {"splash", string}, {"splash-time", number}, {"reboot-timeout", number},
    {"strict", boolean}};

static constexpr QemuOptDesc add_fd_desc[] = {
    {"fd", number}, {"set", number}, {"opaque", string}};

static constexpr QemuOptDesc realtime_desc[] = {{"mlock", boolean}};

static constexpr QemuOptDesc overcommit_desc[] = {{"mem-lock", boolean},
                                                  {"cpu-pm", boolean}};

static constexpr QemuOptDesc msg_desc[] = {{"timestamp", boolean}};

static constexpr QemuOptDesc name_desc[] = {
    {"guest", string}, {"process", string}, {"debug-threads", boolean}};

static constexpr QemuOptDesc icount_desc[] = {{"shift", string},  {"align", boolean},
                                              {"sleep", boolean}, {"rr", string},
                                              {"rrfile", string}, {"rrsnapshot", string}};

static constexpr QemuOptDesc semihosting_config_desc[] = {
    {"enable", boolean}, {"target", string}, {"arg", string}};

static constexpr QemuOptDesc fw_cfg_desc[] = {
    {"name", string}, {"file", string}, {"string", string}};

static constexpr QemuOptDesc fsdev_desc[] = {{"fsdriver", string},
                                             {"path", string},
                                             {"security_model", string},
                                             {"writeout", string},
                                             {"readonly", boolean},
                                             {"socket", string},
                                             {"sock_fd", number},
                                             {"fmode", number},
                                             {"dmode", number},
                                             {"throttling.iops-total", number},
                                             {"throttling.iops-read", number},
                                             {"throttling.iops-write", number},
                                             {"throttling.bps-total", number},
                                             {"throttling.bps-read", number},
                                             {"throttling.bps-write", number},
                                             {"throttling.iops-total-max", number},
                                             {"throttling.iops-read-max", number},
                                             {"throttling.iops-write-max", number},
                                             {"throttling.bps-total-max", number},
                                             {"throttling.bps-read-max", number},
                                             {"throttling.bps-write-max", number},
                                             {"throttling.iops-total-max-length", number},
                                             {"throttling.iops-read-max-length", number},
                                             {"throttling.iops-write-max-length", number},
                                             {"throttling.bps-total-max-length", number},
                                             {"throttling.bps-read-max-length", number},
                                             {"throttling.bps-write-max-length", number},
                                             {"throttling.iops-size", number}};

static constexpr QemuOptDesc virtfs_desc[] = {
    {"fsdriver", string},       {"path", string},     {"mount_tag", string},
    {"security_model", string}, {"writeout", string}, {"readonly", boolean},
    {"socket", string},         {"sock_fd", number},  {"fmode", number},
    {"dmode", number}};

static constexpr QemuOptDesc vnc_desc[] = {{"vnc", string},
                                           {"websocket", string},
                                           {"tls-creds", string},
                                           {"share", string},
                                           {"display", string},
                                           {"head", number},
                                           {"connections", number},
                                           {"to", number},
                                           {"ipv4", boolean},
                                           {"ipv6", boolean},
                                           {"password", boolean},
                                           {"reverse", boolean},
                                           {"lock-key-sync", boolean},
                                           {"key-delay-ms", number},
                                           {"sasl", boolean},
                                           {"acl", boolean},
                                           {"tls-authz", string},
                                           {"sasl-authz", string},
                                           {"lossy", boolean},
                                           {"non-adaptive", boolean},
                                           // Since 4.2 and 6.0, written by managers.
                                           {"audiodev", string},
                                           {"power-control", boolean}};

// name, implied key, merges repeated uses, declared keys. Not marked constinit: to g++ 11
// a std::vector is no constant yet. Nothing looks at them before main().
QemuOptsList qemu_drive_opts{"drive"};
QemuOptsList qemu_chardev_opts{"chardev", "backend", false, chardev_desc};
QemuOptsList qemu_device_opts{"device", "driver"};
QemuOptsList qemu_netdev_opts{"netdev", "type"};
QemuOptsList qemu_nic_opts{"nic", "type"};
QemuOptsList qemu_net_opts{"net", "type"};
QemuOptsList qemu_rtc_opts{"rtc", nullptr, true, rtc_desc};
QemuOptsList qemu_global_opts{"global", nullptr, false, global_desc};
QemuOptsList qemu_mon_opts{"mon", "chardev", false, mon_desc};
QemuOptsList qemu_trace_opts{"trace", "enable", false, trace_desc};
QemuOptsList qemu_option_rom_opts{"option-rom", "romfile", false, option_rom_desc};
QemuOptsList qemu_machine_opts{"machine", "type", true};
QemuOptsList qemu_accel_opts{"accel", "accel", true, accel_desc};
QemuOptsList qemu_mem_opts{"memory", "size", true, mem_desc};
QemuOptsList qemu_smp_opts{"smp-opts", "cpus", true, smp_desc};
QemuOptsList qemu_boot_opts{"boot-opts", "order", true, boot_desc};
QemuOptsList qemu_add_fd_opts{"add-fd", nullptr, false, add_fd_desc};
QemuOptsList qemu_object_opts{"object", "qom-type"};
QemuOptsList qemu_tpmdev_opts{"tpmdev", "type"};
QemuOptsList qemu_realtime_opts{"realtime", nullptr, false, realtime_desc};
QemuOptsList qemu_overcommit_opts{"overcommit", nullptr, false, overcommit_desc};
QemuOptsList qemu_msg_opts{"msg", nullptr, false, msg_desc};
QemuOptsList qemu_name_opts{"name", "guest", true, name_desc};
QemuOptsList qemu_numa_opts{"numa", "type"};
QemuOptsList qemu_icount_opts{"icount", "shift", true, icount_desc};
QemuOptsList qemu_semihosting_config_opts{"semihosting-config", "enable", true,
                                          semihosting_config_desc};
QemuOptsList qemu_fw_cfg_opts{"fw_cfg", "name", false, fw_cfg_desc};
QemuOptsList qemu_fsdev_opts{"fsdev", "fsdriver", false, fsdev_desc};
QemuOptsList qemu_virtfs_opts{"virtfs", "fsdriver", false, virtfs_desc};
QemuOptsList qemu_vnc_opts{"vnc", "vnc", false, vnc_desc};
QemuOptsList qemu_smbios_opts{"smbios"};
QemuOptsList qemu_acpi_opts{"acpi"};
QemuOptsList qemu_sandbox_opts{"sandbox", "enable", true};
QemuOptsList qemu_spice_opts{"spice", nullptr, true};

void add_option_groups() {
  // The first fourteen are the lecture's, in its order; the others follow.
  qemu_add_opts(&qemu_drive_opts);
  qemu_add_opts(&qemu_chardev_opts);
  qemu_add_opts(&qemu_device_opts);
  qemu_add_opts(&qemu_netdev_opts);
  qemu_add_opts(&qemu_nic_opts);
  qemu_add_opts(&qemu_net_opts);
  qemu_add_opts(&qemu_rtc_opts);
  qemu_add_opts(&qemu_machine_opts);
  qemu_add_opts(&qemu_accel_opts);
  qemu_add_opts(&qemu_mem_opts);
  qemu_add_opts(&qemu_smp_opts);
  qemu_add_opts(&qemu_boot_opts);
  qemu_add_opts(&qemu_name_opts);
  qemu_add_opts(&qemu_numa_opts);
  for (QemuOptsList* list :
       {&qemu_global_opts,     &qemu_mon_opts,      &qemu_trace_opts,
        &qemu_option_rom_opts, &qemu_add_fd_opts,   &qemu_object_opts,
        &qemu_tpmdev_opts,     &qemu_realtime_opts, &qemu_overcommit_opts,
        &qemu_msg_opts,        &qemu_icount_opts,   &qemu_semihosting_config_opts,
        &qemu_fw_cfg_opts,     &qemu_fsdev_opts,    &qemu_virtfs_opts,
        &qemu_vnc_opts,        &qemu_smbios_opts,   &qemu_acpi_opts,
        &qemu_sandbox_opts,    &qemu_spice_opts}) {
    qemu_add_opts(list);
  }
}

QemuOpts* only_opts(QemuOptsList& list) {
  return qemu_opts_create(&list, std::nullopt, IfExists::reuse);
}

QemuOpts* qemu_get_machine_opts() {
  return only_opts(qemu_machine_opts);
}

}  // namespace options
