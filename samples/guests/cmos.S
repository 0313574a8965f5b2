# cmos: the clock chip (MC146818) and the bytes its battery keeps. Two ports: write a
# register number to 0x70, then read or write that register at 0x71. Registers 0 to 9
# are the time, A to D control the clock, from 0xe on it is plain memory.
#
# image: flat
# run: -kernel cmos.bin
# expect: register D: 80
# expect: byte 0x40 keeps a5
# expect: register B: 02
# exit: 33

        .set CMOS_INDEX, 0x70
        .set CMOS_DATA,  0x71

        .code16
        .globl start
start:
        mov $battery, %si
        call puts
        mov $0x0d, %al              # bit 7: time and memory are valid
        call read_cmos
        call put_byte

        mov $keeps, %si
        call puts
        mov $0x40, %al              # a byte nobody uses
        out %al, $CMOS_INDEX
        mov $0xa5, %al
        out %al, $CMOS_DATA
        mov $0x40, %al
        call read_cmos
        call put_byte

        # How to read the time: bit 1 set is a 24-hour clock, bit 2 clear means that a
        # number is two decimal digits of four bits each ("BCD"): minute 59 reads 0x59.
        # The time itself is not printed: then every run says the same.
        mov $format, %si
        call puts
        mov $0x0b, %al
        call read_cmos
        call put_byte
        jmp finish

# read_cmos: AL = register AL.
read_cmos:
        out %al, $CMOS_INDEX
        in $CMOS_DATA, %al
        ret

# put_byte: AL as two digits, then a newline: moved to the top of EBX, and put_hex is
# entered behind its start, to send two digits only.
put_byte:
        movzbl %al, %ebx
        rol $24, %ebx
        mov $2, %cx
        call .Lput_hex_digit
        mov $'\n', %al
        jmp putc

battery:     .asciz "register D: "
keeps:       .asciz "byte 0x40 keeps "
format:      .asciz "register B: "

        .include "console.inc"
