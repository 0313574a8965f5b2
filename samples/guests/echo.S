# echo: what comes in on the serial port goes out again, in capital letters, until a
# 'q' comes. The guest polls: it asks the status register again and again whether a
# byte has come. Count those reads in the trace, and the case for interrupts makes
# itself.
#
# How often it polls depends on when the typing comes, so only what it says is the
# same in two runs, not what the devices see.
#
# image: flat
# run: -kernel echo.bin
# compare: guest
# input: vitrine 42 q
# expect: type, q ends
# expect: VITRINE 42
# expect: bye
# exit: 33

        .code16
        .globl start
start:
        mov $greeting, %si
        call puts
next:
        mov $COM1_STATUS, %dx
wait:
        in %dx, %al
        test $1, %al                # a byte has come in?
        jz wait
        mov $COM1, %dx
        in %dx, %al
        cmp $'q', %al
        je quit
        cmp $'a', %al
        jb send
        cmp $'z', %al
        ja send
        sub $'a' - 'A', %al         # capital letters lie 32 below the small ones
send:
        call putc
        jmp next
quit:
        mov $bye, %si
        call puts
        jmp finish

greeting: .asciz "type, q ends\n"
bye:      .asciz "\nbye\n"

        .include "console.inc"
