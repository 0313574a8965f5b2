# check_uart: the 16550A at COM1, register by register, in loop-back mode where it would
# otherwise speak. What it prints is what QEMU's answers.
#
# image: flat
# run: -kernel check_uart.bin
# same: qemu
# compare: guest
# expect: scratch: 00000000
# expect: scratch: 00000055
# expect: scratch: 000000ff
# expect: divisor: 00001234
# expect: enables that can be: 0000000f
# expect: identification, nothing enabled: 00000001
# expect: identification, sender free: 00000002
# expect: identification, read again: 00000001
# expect: identification with FIFOs: 000000c1
# expect: identification without: 00000001
# expect: modem status, outputs 0x0: 00000000
# expect: modem control, outputs 0x0: 00000010
# expect: modem status, outputs 0x1: 00000020
# expect: modem control, outputs 0x1: 00000011
# expect: modem status, outputs 0x2: 00000010
# expect: modem control, outputs 0x2: 00000012
# expect: modem status, outputs 0x4: 00000040
# expect: modem control, outputs 0x4: 00000014
# expect: modem status, outputs 0x8: 00000080
# expect: modem control, outputs 0x8: 00000018
# expect: modem status, outputs 0xf: 000000f0
# expect: modem control, outputs 0xf: 0000001f
# expect: line status: 00000060
# exit: 33

        .include "checks.inc"
        begin

        .set IER, 0x3f9
        .set IIR, 0x3fa
        .set LCR, 0x3fb
        .set MCR, 0x3fc
        .set LSR, 0x3fd
        .set MSR, 0x3fe
        .set SCR, 0x3ff

        .macro scratch value
        write_port SCR, \value
        show_port "scratch", SCR
        .endm
        scratch 0x00
        scratch 0x55
        scratch 0xff

        # The divisor, behind bit 7 of the line control.
        write_port LCR, 0x83
        show_port "line control", LCR
        write_port 0x3f8, 0x34
        write_port IER, 0x12
        mov $0x3f8, %dx
        call read_port
        mov %eax, %edi
        mov $IER, %dx
        call read_port
        shl $8, %eax
        or %eax, %edi
        write_port 0x3f8, 0x01      # as fast as it goes
        write_port IER, 0x00
        write_port LCR, 0x03
        show "divisor", %edi

        # Enables and identification.
        write_port IER, 0xff
        mov $IER, %dx
        call read_port
        mov %eax, %edi
        write_port IER, 0x00
        show "enables that can be", %edi
        show_port "identification, nothing enabled", IIR
        mov $0x02, %al
        mov $IER, %dx
        out %al, %dx
        mov $IIR, %dx
        call read_port
        mov %eax, %edi
        in %dx, %al
        movzx %al, %eax
        mov %eax, %ebp
        write_port IER, 0x00
        show "identification, sender free", %edi
        show "identification, read again", %ebp

        # FIFOs.
        write_port IIR, 0x01
        show_port "identification with FIFOs", IIR
        write_port IIR, 0x00
        show_port "identification without", IIR

        # Loop-back: modem outputs come back as inputs, and so do bytes.
        .macro loop value
        write_port MCR, 0x10+\value
        mov $MSR, %dx
        call read_port
        mov $MSR, %dx
        call read_port
        mov %eax, %edi
        mov $MCR, %dx
        call read_port
        mov %eax, %ebp
        write_port MCR, 0x00
        show "modem status, outputs \value", %edi
        show "modem control, outputs \value", %ebp
        .endm
        loop 0x0
        loop 0x1
        loop 0x2
        loop 0x4
        loop 0x8
        loop 0xf
        show_port "line status", LSR
        jmp finish
