# hello_real: the smallest guest. A processor wakes up in real mode: 16-bit
# registers, addresses of the form segment * 16 + offset, no protection at all. The
# board puts these bytes at 0x7c00, where a PC's firmware puts a boot sector, and
# jumps there.
#
# What to look at in the trace: every OUT below is one exit from the guest to the
# machine, answered by the device isa-serial.
#
# image: flat
# run: -kernel hello_real.bin
# expect: Hello from real mode
# exit: 33

        .code16
        .globl start
start:
        mov $text, %si
        call puts
        jmp finish

text:   .asciz "Hello from real mode\n"

        .include "console.inc"
