# check_pic: the pair of 8259 interrupt controllers as a driver of them meets it. What it
# prints is what QEMU's answers (those in Linux's KVM answer a poll otherwise).
#
# image: flat
# run: -kernel check_pic.bin
# same: qemu
# compare: guest
# needs: own-irqchip
# expect: mask after ICWs: 00000000
# expect: second mask after ICWs: 00000000
# expect: mask: 000000ff
# expect: second mask: 000000ff
# expect: requests: 00000000
# expect: in service: 00000000
# expect: requests of a masked timer: 00000001
# expect: poll: 00000080
# expect: in service after the poll: 00000001
# expect: in service after its end: 00000000
# expect: levels: 00000000
# expect: levels that can be: 000000f8
# expect: second levels that can be: 000000de
# expect: poll of nothing: 00000000
# expect: mask after a new start: 00000000
# exit: 33

        .include "checks.inc"
        begin

        .macro start_pair vector
        write_port 0x20, 0x11       # ICW1: edges, a pair, ICW4 follows
        write_port 0xa0, 0x11
        write_port 0x21, \vector    # ICW2: the first vector
        write_port 0xa1, \vector+8
        write_port 0x21, 0x04       # ICW3: the second one is at line 2
        write_port 0xa1, 0x02
        write_port 0x21, 0x01       # ICW4: 8086
        write_port 0xa1, 0x01
        .endm

        start_pair 0x20
        show_port "mask after ICWs", 0x21
        show_port "second mask after ICWs", 0xa1
        write_port 0x21, 0xff
        write_port 0xa1, 0xff
        show_port "mask", 0x21
        show_port "second mask", 0xa1

        # No request yet: the timer is stopped by a mode that waits for its gate.
        write_port 0x43, 0x30       # counter 0, mode 0, low then high
        write_port 0x20, 0x0a       # OCW3: requests
        show_port "requests", 0x20
        write_port 0x20, 0x0b       # OCW3: in service
        show_port "in service", 0x20

        # The counter ends: a request that the mask holds back.
        write_port 0x40, 0x10
        write_port 0x40, 0x00
        write_port 0x20, 0x0a
wait:   mov $0x20, %dx
        in %dx, %al
        test $1, %al
        jz wait
        show_port "requests of a masked timer", 0x20

        # Polling takes the request as an interrupt would.
        write_port 0x21, 0xfe
        write_port 0x20, 0x0c       # OCW3: poll
        show_port "poll", 0x20
        write_port 0x20, 0x0b
        show_port "in service after the poll", 0x20
        write_port 0x20, 0x20       # end of interrupt
        show_port "in service after its end", 0x20

        # Which lines are levels.
        show_port "levels", 0x4d0
        write_port 0x4d0, 0xff
        show_port "levels that can be", 0x4d0
        write_port 0x4d1, 0xff
        show_port "second levels that can be", 0x4d1
        write_port 0x4d0, 0x00
        write_port 0x4d1, 0x00

        # Nothing to poll, and a new start forgets the mask.
        write_port 0x21, 0xff
        write_port 0x20, 0x0c
        show_port "poll of nothing", 0x20
        start_pair 0x30
        show_port "mask after a new start", 0x21
        jmp finish
