# string_io: moving many bytes through one port. INS and OUTS copy between memory
# and a port, and the REP prefix repeats them CX times. For a virtual machine that is
# a chance: the whole block can leave the guest in ONE exit with a count. Programs
# that forget the count print only the first letter; two of three small hypervisors
# had that mistake once.
#
# image: flat
# run: -kernel string_io.bin
# expect: sixteen letters!
# expect: 8 times register D: 8080808080808080
# exit: 33

        .set CMOS_INDEX, 0x70
        .set CMOS_DATA,  0x71

        .code16
        .globl start
start:
        cld                         # string instructions go upwards
        mov $COM1 + 2, %dx
        mov $1, %al
        out %al, %dx                # switch the sender's FIFO on: it holds 16 bytes

        # Out: the 16 bytes at SI, all to one port.
        mov $letters, %si
        mov $16, %cx
        mov $COM1, %dx
        rep outsb
        mov $newline, %si
        call puts

        # In: register D of the clock chip reads 0x80 ("battery is good"). Nobody
        # changes the chosen register, so eight reads give eight times the same.
        mov $0x0d, %al
        out %al, $CMOS_INDEX
        mov $bytes, %di
        mov $8, %cx
        mov $CMOS_DATA, %dx
        rep insb                    # to ES:DI; ES is 0 here

        mov $label, %si
        call puts
        mov bytes, %eax
        call put_hex
        mov bytes + 4, %eax
        call put_hex
        mov $newline, %si
        call puts
        jmp finish

letters: .ascii "sixteen letters!"
label:   .asciz "8 times register D: "
newline: .asciz "\n"
bytes:   .skip 8

        .include "console.inc"
