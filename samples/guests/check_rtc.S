# check_rtc: the MC146818 clock and its memory: which bits can be written, what its four
# registers say, and that an update can be held. What it prints is what QEMU's answers.
#
# image: flat
# run: -kernel check_rtc.bin
# same: qemu
# compare: guest
# expect: the index cannot be read: 000000ff
# expect: B, stopped: 00000082
# expect: A, update in progress while stopped: 00000000
# expect: A, written: 0000002f
# expect: C: 00000000
# expect: D: 00000080
# expect: D, written: 00000080
# expect: seconds: 00000059
# expect: minutes: 00000058
# expect: hours: 00000023
# expect: day: 00000028
# expect: month: 00000002
# expect: year: 00000023
# expect: alarm, seconds: 000000c0
# expect: alarm, minutes: 00000015
# expect: memory: 000000a5
# expect: memory, NMIs masked: 000000a5
# expect: C, periodic: 000000c0
# exit: 33

        .include "checks.inc"
        begin

        .macro select index
        mov $\index, %al
        out %al, $0x70
        .endm
        .macro show_cell name, index
        select \index
        xor %eax, %eax
        in $0x71, %al
        show "\name", %eax
        .endm
        .macro write_cell index, value
        select \index
        mov $\value, %al
        out %al, $0x71
        .endm

        mov $0x70, %dx
        call read_port
        show "the index cannot be read", %eax

        # Stopped, so that nothing moves meanwhile.
        write_cell 0x0b, 0x82       # SET, 24 hours
        show_cell "B, stopped", 0x0b
        select 0x0a
        xor %eax, %eax
        in $0x71, %al
        and $0x80, %eax
        show "A, update in progress while stopped", %eax
        write_cell 0x0a, 0xaf       # bit 7 is read only
        select 0x0a
        xor %eax, %eax
        in $0x71, %al
        and $0x7f, %eax
        show "A, written", %eax
        write_cell 0x0a, 0x20       # no periodic flag: rate 0
        select 0x0c
        in $0x71, %al               # what was left of before
        show_cell "C", 0x0c
        show_cell "D", 0x0d
        write_cell 0x0d, 0x00
        show_cell "D, written", 0x0d

        # The time that is set is the time that is read.
        write_cell 0x00, 0x59
        write_cell 0x02, 0x58
        write_cell 0x04, 0x23
        write_cell 0x06, 0x03
        write_cell 0x07, 0x28
        write_cell 0x08, 0x02
        write_cell 0x09, 0x23
        show_cell "seconds", 0x00
        show_cell "minutes", 0x02
        show_cell "hours", 0x04
        show_cell "day", 0x07
        show_cell "month", 0x08
        show_cell "year", 0x09

        # The alarm's registers are memory, 0xc0 in them means any.
        write_cell 0x01, 0xc0
        write_cell 0x03, 0x15
        show_cell "alarm, seconds", 0x01
        show_cell "alarm, minutes", 0x03

        # So is the rest, also by an index with the bit that masks NMIs.
        write_cell 0x40, 0xa5
        show_cell "memory", 0x40
        show_cell "memory, NMIs masked", 0xc0

        # A periodic interrupt flag comes without being enabled, and reading takes it.
        write_cell 0x0a, 0x26
        write_cell 0x0b, 0x42       # runs again, periodic enabled
tick:   select 0x0c
        in $0x71, %al
        test $0x40, %al
        jz tick
        movzx %al, %eax
        and $0xc0, %eax
        show "C, periodic", %eax
        write_cell 0x0b, 0x02
        jmp finish
