# marks: a guest that speaks to the trace. Port 0x80 is where a PC's firmware writes
# its progress, read from two digits on a card when a machine does not come up. Here a
# write becomes an event of category "guest", so the guest's own phases stand between
# the machine's: grep the trace for guest_mark.
#
# image: flat
# run: -kernel marks.bin
# expect: three marks left
# exit: 33

        .code16
        .globl start
start:
        mov $0x01, %al
        out %al, $MARK_PORT         # phase 1 begins
        mov $0x02, %al
        out %al, $MARK_PORT         # phase 2
        mov $text, %si
        call puts
        mov $0xff, %al
        out %al, $MARK_PORT         # nothing after this
        jmp finish

text:   .asciz "three marks left\n"

        .include "console.inc"
