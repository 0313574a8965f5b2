# busy_loop: a guest that never asks for anything. After its one line it counts for
# ever without a single exit, so nothing that waits for an exit will ever get hold of
# it. Stop the machine with ^C: the main loop then has to pull the processor out of
# the guest from another thread, and the trace must be complete all the same.
#
# image: flat
# run: -kernel busy_loop.bin
# expect: counting for ever
# ends: signal

        .code16
        .globl start
start:
        mov $text, %si
        call puts
        mov $1, %al
        out %al, $MARK_PORT         # the last thing anybody hears
        xor %eax, %eax
count:
        inc %eax
        jmp count

text:   .asciz "counting for ever\n"

        .include "console.inc"
