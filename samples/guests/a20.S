# a20: address line 20, a PC's oldest scar. The 8086 had 20 address lines, so address
# 0x100000 wrapped around to 0, and some programs relied on it. Later machines got a
# gate that could force line 20 to zero. Port 0x92 opens it quickly ("fast A20").
#
# Real mode reaches just beyond 1 MiB: segment 0xffff, offset 0x10 is 0xffff0 + 0x10 =
# 0x100000. With the gate open this is a byte of its own, not the byte at 0.
#
# image: flat
# run: -kernel a20.bin
# expect: port 92 says on
# expect: 0 and 0x100000 are two bytes
# exit: 33

        .set PORT92, 0x92
        .set PROBE,  0x0500         # free memory in the first KiBs

        .code16
        .globl start
start:
        in $PORT92, %al
        or $2, %al                  # bit 1: A20
        and $0xfe, %al              # bit 0 would reset the machine
        out %al, $PORT92

        in $PORT92, %al
        mov $on, %si
        test $2, %al
        jnz say_gate
        mov $off, %si
say_gate:
        call puts

        mov $0xffff, %ax
        mov %ax, %fs
        movb $0x11, PROBE           # 0x000500
        movb $0x22, %fs:PROBE + 16  # 0x100500, or 0x000500 again with the gate shut
        mov $two, %si
        cmpb $0x11, PROBE
        je say_bytes
        mov $one, %si
say_bytes:
        call puts
        jmp finish

on:     .asciz "port 92 says on\n"
off:    .asciz "port 92 says off\n"
two:    .asciz "0 and 0x100000 are two bytes\n"
one:    .asciz "0 and 0x100000 are the same byte\n"

        .include "console.inc"
