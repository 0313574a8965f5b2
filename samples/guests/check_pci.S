# check_pci: configuration mechanism 1 of PCI on the 440FX: addresses, widths, what can be
# written. What it prints is what QEMU's answers.
#
# image: flat
# run: -kernel check_pci.bin
# same: qemu
# compare: guest
# expect: address: 80000000
# expect: highest address: 80fffffc
# expect: not enabled: ffffffff
# expect: host bridge: 12378086
# expect: its class: 06000002
# expect: its subsystem: 11001af4
# expect: its header type: 00000000
# expect: ISA bridge: 70008086
# expect: its class: 06010000
# expect: its header type: 00000080
# expect: power management: 71138086
# expect: its interrupt pin: 00000001
# expect: an empty slot: ffffffff
# expect: another bus: ffffffff
# expect: vendor: 00008086
# expect: device: 00001237
# expect: device, low byte: 00000037
# expect: device, high byte: 00000012
# expect: identification, written: 12378086
# expect: command of the host bridge, all ones: 00000507
# expect: command of the host bridge, zero: 00000000
# expect: a base address there is not: 00000000
# expect: interrupt line, all ones: 000000ff
# expect: interrupt line of the ISA bridge: 000000ff
# expect: routes of interrupts: 0b0a0980
# exit: 33

        .include "checks.inc"
        begin

        .macro address value
        mov $\value, %eax
        mov $0xcf8, %dx
        out %eax, %dx
        .endm
        .macro show_long name, value
        address \value
        mov $0xcfc, %dx
        in %dx, %eax
        show "\name", %eax
        .endm
        .macro show_byte name, value
        address \value
        mov $0xcfc + (\value & 3), %dx
        call read_port
        show "\name", %eax
        .endm
        .macro show_word name, value
        address \value
        mov $0xcfc + (\value & 2), %dx
        xor %eax, %eax
        in %dx, %ax
        show "\name", %eax
        .endm
        .macro write_long value, data
        address \value
        mov $\data, %eax
        mov $0xcfc, %dx
        out %eax, %dx
        .endm

        # The address register.
        address 0x80000000
        mov $0xcf8, %dx
        in %dx, %eax
        show "address", %eax
        address 0x80fffffc
        mov $0xcf8, %dx
        in %dx, %eax
        show "highest address", %eax
        address 0x00000000
        mov $0xcfc, %dx
        in %dx, %eax
        show "not enabled", %eax

        # Who is there.
        show_long "host bridge", 0x80000000
        show_long "its class", 0x80000008
        show_long "its subsystem", 0x8000002c
        show_byte "its header type", 0x8000000e
        show_long "ISA bridge", 0x80000800
        show_long "its class", 0x80000808
        show_byte "its header type", 0x8000080e
        show_long "power management", 0x80000b00
        show_byte "its interrupt pin", 0x80000b3d
        show_long "an empty slot", 0x8000f800
        show_long "another bus", 0x80010000

        # Widths.
        show_word "vendor", 0x80000000
        show_word "device", 0x80000002
        show_byte "device, low byte", 0x80000002
        show_byte "device, high byte", 0x80000003

        # What can be written.
        write_long 0x80000000, 0x12345678
        show_long "identification, written", 0x80000000
        write_long 0x80000004, 0xffffffff
        show_word "command of the host bridge, all ones", 0x80000004
        write_long 0x80000004, 0x00000000
        show_word "command of the host bridge, zero", 0x80000004
        write_long 0x80000010, 0xffffffff
        show_long "a base address there is not", 0x80000010
        write_long 0x8000003c, 0x000000ff
        show_byte "interrupt line, all ones", 0x8000003c
        write_long 0x8000083c, 0x000000ff
        show_byte "interrupt line of the ISA bridge", 0x8000083c
        write_long 0x80000860, 0x0b0a0980
        show_long "routes of interrupts", 0x80000860
        write_long 0x80000860, 0x80808080
        jmp finish
