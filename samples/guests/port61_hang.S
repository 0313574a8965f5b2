# port61_hang: a guest that hangs, and why. It measures a delay by bit 4 of port 0x61,
# which changes every 15 microseconds on a PC: memory was refreshed at that pace. But this
# board is told to be without its timer and speaker (-machine pit=off), so nobody answers
# at that port: all bits read as ones and none ever changes. (KVM's own timer would.)
#
# Kernels that measure their time stamp counter by port 0x61 hang in the same way where
# it does not answer. Nothing more is printed, nothing is wrong as far as the processor
# can tell; only the exits show it. With -explain-hang 1 the program says so.
#
# image: flat
# run: -kernel port61_hang.bin -machine pit=off
# needs: own-irqchip
# expect: measuring
# ends: signal

        .code16
        .globl start
start:
        mov $text, %si
        call puts
        mov $100, %cx               # a hundred changes are 1.5 milliseconds
        in $0x61, %al
        mov %al, %ah
measure:
        in $0x61, %al
        xor %ah, %al
        test $0x10, %al
        jz measure                  # the same as before
        xor %al, %ah
        loop measure
        jmp finish

text:   .asciz "measuring\n"

        .include "console.inc"
