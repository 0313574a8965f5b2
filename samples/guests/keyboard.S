# keyboard: the 8042, a small computer inside every PC that serves the keyboard and,
# because it had pins to spare, also address line 20 and the reset line. Command port
# and status 0x64, data 0x60. Status bit 0: an answer waits at 0x60; bit 1: the last
# command is not taken yet.
#
# image: flat
# run: -kernel keyboard.bin
# expect: self test: 55
# expect: interface test: 00
# expect: A20 line: on
# exit: 33

        .set DATA,    0x60
        .set COMMAND, 0x64

        .code16
        .globl start
start:
        mov $self_text, %si
        call puts
        mov $0xaa, %al              # self test; 0x55 means well
        call ask
        call put_byte

        mov $interface_text, %si
        call puts
        mov $0xab, %al              # test of the keyboard's wires; 0 means well
        call ask
        call put_byte

        # The old way to switch A20 on (a20.S has the short one): write the output
        # port, whose bit 1 is the line. Bit 0 is "do not reset": clearing it would
        # restart the machine.
        mov $0xd1, %al
        call send
        call wait_taken
        mov $0xdf, %al
        out %al, $DATA
        mov $a20_text, %si
        call puts
        mov $0xd0, %al              # read the output port back
        call ask
        mov $on, %si
        test $2, %al
        jnz say
        mov $off, %si
say:
        call puts
        jmp finish

# ask: sends command AL, gives the answer in AL.
ask:
        call send
.Lask_wait:
        in $COMMAND, %al
        test $1, %al                # an answer waits
        jz .Lask_wait
        in $DATA, %al
        ret

# send: command AL, once the last one is taken.
send:
        mov %al, %ah
        call wait_taken
        mov %ah, %al
        out %al, $COMMAND
        ret

wait_taken:
        in $COMMAND, %al
        test $2, %al
        jnz wait_taken
        ret

put_byte:                           # AL as two digits, then a newline
        movzbl %al, %ebx
        rol $24, %ebx
        mov $2, %cx
        call .Lput_hex_digit
        mov $'\n', %al
        jmp putc

self_text:      .asciz "self test: "
interface_text: .asciz "interface test: "
a20_text:       .asciz "A20 line: "
on:             .asciz "on\n"
off:            .asciz "off\n"

        .include "console.inc"
