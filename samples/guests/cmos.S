# cmos: the clock chip (MC146818) and the bytes its battery keeps. Two ports: write a
# register number to 0x70, then read or write that register at 0x71. Registers 0 to 9
# are the time, A to D control the clock, from 0xe on it is plain memory.
#
# image: flat
# run: -kernel cmos.bin
# expect: register D: 80
# expect: byte 0x40 keeps a5
# expect: seconds are decimal digits
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

        # Seconds come as two decimal digits, four bits each ("BCD"): 59 is 0x59.
        mov $0x00, %al
        call read_cmos
        mov %al, %bl
        and $0x0f, %bl
        cmp $9, %bl
        ja bad
        cmp $0x59, %al
        ja bad
        mov $decimal, %si
        call puts
        jmp finish
bad:
        mov $not_decimal, %si
        call puts
        jmp finish

# read_cmos: AL = register AL.
read_cmos:
        out %al, $CMOS_INDEX
        in $CMOS_DATA, %al
        ret

# put_byte: AL as two digits, then a newline. The digits are the top of a EAX whose
# other six are cut off by asking put_hex for two only.
put_byte:
        movzbl %al, %ebx
        rol $24, %ebx
        mov $2, %cx
        call .Lput_hex_digit
        mov $'\n', %al
        jmp putc

battery:     .asciz "register D: "
keeps:       .asciz "byte 0x40 keeps "
decimal:     .asciz "seconds are decimal digits\n"
not_decimal: .asciz "seconds are not decimal digits\n"

        .include "console.inc"
