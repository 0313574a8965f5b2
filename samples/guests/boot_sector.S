# boot_sector: the first 512 bytes of a disk. Firmware puts them at 0x7c00 and jumps there
# if they end in 55 aa. Here the board does it without firmware; the guest virtio_blk reads
# them from a disk, and SeaBIOS boots them from one.
#
# image: flat
# run: -kernel boot_sector.bin
# expect: These bytes were sector 0.
# exit: 33

        .code16
        .globl start
start:
        jmp code                    # two bytes
        nop
text:   .asciz "These bytes were sector 0.\n"   # at 3, where virtio_blk looks for it
code:
        xor %ax, %ax                # firmware may have called us with other segments
        mov %ax, %ds
        mov $text, %si
        call puts
        jmp finish

        .include "console.inc"

        .org 510
        .byte 0x55, 0xaa
