# pio_loop: what does one exit cost? 100 000 times the same OUT to a port that does
# next to nothing. Time the run, take off the start-up (hello_real.S), divide by
# 100 000. Switch tracing off and on to see what the trace itself costs.
#
# image: flat
# run: -kernel pio_loop.bin
# exit: 33

        .set EXITS, 100000

        .code16
        .globl start
start:
        mov $EXITS, %ecx
        mov $0x55, %al
again:
        out %al, $MARK_PORT
        dec %ecx
        jnz again
        jmp finish

        .include "console.inc"
