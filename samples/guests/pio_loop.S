# pio_loop: what does one exit cost? 100 000 times the same OUT to a port that does
# next to nothing, between two characters on the serial line: whoever watches that line
# with a clock knows how long the loop took. Switch tracing off and on to see what the
# trace itself costs; tests/bench/kvm_exits.py does.
#
# image: flat
# run: -kernel pio_loop.bin
# expect: <>
# exit: 33

        .set EXITS, 100000

        .code16
        .globl start
start:
        mov $'<', %al
        call putc
        mov $EXITS, %ecx
        mov $0x55, %al
again:
        out %al, $MARK_PORT
        dec %ecx
        jnz again
        mov $'>', %al
        call putc
        mov $'\n', %al
        call putc
        jmp finish

        .include "console.inc"
