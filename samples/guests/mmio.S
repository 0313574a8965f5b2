# mmio: memory that is not there. Devices can answer at memory addresses instead of
# ports. Here nobody answers: on a PC's bus a read of an empty address finds the lines
# pulled up and gives all ones, and a write vanishes. Each access below leaves the
# guest with its address, size and direction; the machine finds no device and says so
# in the trace (memory_region_unassigned...).
#
# image: elf32
# run: -kernel mmio.elf
# expect: 1 byte  000000ff
# expect: 2 bytes 0000ffff
# expect: 4 bytes ffffffff
# expect: after a write ffffffff
# exit: 33

        .set NOBODY, 0xd0000000     # above RAM, below the firmware

        .code32
        .globl start
start:
        mov $one, %esi
        call puts
        xor %eax, %eax
        movb NOBODY, %al
        call line

        mov $two, %esi
        call puts
        xor %eax, %eax
        movw NOBODY, %ax
        call line

        mov $four, %esi
        call puts
        movl NOBODY, %eax
        call line

        mov $after, %esi
        call puts
        movl $0x12345678, %eax
        movl %eax, NOBODY           # lost
        movl NOBODY, %eax
        call line
        jmp finish

line:
        call put_hex
        mov $'\n', %al
        jmp putc

one:    .asciz "1 byte  "
two:    .asciz "2 bytes "
four:   .asciz "4 bytes "
after:  .asciz "after a write "

        .include "console.inc"
