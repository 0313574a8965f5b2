# check_pit: the 8254 timer, its third counter above all, whose gate and output are bits of
# port 0x61. What it prints is what QEMU's answers. Bits 7 and 6 of the status, the output
# and "no count yet", are left out: QEMU does not keep them as the chip does before it
# counts.
#
# image: flat
# run: -kernel check_pit.bin
# same: qemu
# compare: guest
# expect: status, mode 0, no count: 00000030
# expect: status, mode 0, counted: 00000030
# expect: status, mode 1, no count: 00000032
# expect: status, mode 1, counted: 00000032
# expect: status, mode 2, no count: 00000034
# expect: status, mode 2, counted: 00000034
# expect: status, mode 3, no count: 00000036
# expect: status, mode 3, counted: 00000036
# expect: status, mode 4, no count: 00000038
# expect: status, mode 4, counted: 00000038
# expect: status, mode 5, no count: 0000003a
# expect: status, mode 5, counted: 0000003a
# expect: status, low byte only: 00000010
# expect: status, high byte only: 00000020
# expect: status, decimal: 00000031
# expect: port 0x61, counting not begun: 00000000
# expect: port 0x61, count ended: 00000021
# exit: 33

        .include "checks.inc"
        begin

        .macro show_status name
        mov $0x42, %dx
        call read_port
        and $0x3f, %eax
        show "\name", %eax
        .endm

        # Counter 2 in each mode: what its status and its output are before it counts.
        .macro mode number, text
        write_port 0x61, 0x00       # gate closed
        write_port 0x43, 0xb0+2*\number
        write_port 0x43, 0xe8       # read back: status of counter 2
        show_status "status, mode \text, no count"
        write_port 0x42, 0x34
        write_port 0x42, 0x12
        write_port 0x43, 0xe8
        show_status "status, mode \text, counted"
        .endm
        mode 0, "0"
        mode 1, "1"
        mode 2, "2"
        mode 3, "3"
        mode 4, "4"
        mode 5, "5"

        # Only the low byte, only the high byte.
        write_port 0x43, 0x90
        write_port 0x42, 0x77
        write_port 0x43, 0xe8
        show_status "status, low byte only"
        write_port 0x43, 0xa0
        write_port 0x42, 0x66
        write_port 0x43, 0xe8
        show_status "status, high byte only"
        write_port 0x43, 0xb1       # BCD
        write_port 0x43, 0xe8
        show_status "status, decimal"

        # Port 0x61: the gate opens, the count ends, the output rises. The first count is
        # the longest, 55 ms: the kernel's timer does not wait for the gate.
        write_port 0x61, 0x00
        write_port 0x43, 0xb0
        write_port 0x42, 0xff
        write_port 0x42, 0xff
        mov $0x61, %dx
        call read_port
        and $0x23, %eax
        show "port 0x61, counting not begun", %eax
        write_port 0x61, 0x01
        write_port 0x43, 0xb0
        write_port 0x42, 0x20
        write_port 0x42, 0x00
count:  mov $0x61, %dx
        in %dx, %al
        test $0x20, %al
        jz count
        mov $0x61, %dx
        call read_port
        and $0x23, %eax
        show "port 0x61, count ended", %eax
        jmp finish
