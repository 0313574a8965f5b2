# hello_protected: hello from 32-bit protected mode. The board's ELF loader has
# already done the switch: flat segments (base 0, limit 4 GiB), paging off. So an
# address is simply a number, as a C programmer expects. mode_switch.S shows how a
# guest gets here by itself.
#
# image: elf32
# run: -kernel hello_protected.elf
# expect: Hello from protected mode
# expect: CR0.PE is 1, CR0.PG is 0
# exit: 33

        .code32
        .globl start
start:
        mov $text, %esi
        call puts

        mov %cr0, %ebx
        mov $pe_text, %esi
        call puts
        mov %ebx, %ecx              # bit 0: protection enable
        call put_bit
        mov $pg_text, %esi
        call puts
        mov %ebx, %ecx
        shr $31, %ecx               # bit 31: paging
        call put_bit
        mov $'\n', %al
        call putc
        jmp finish

# put_bit: sends bit 0 of ECX as a digit.
put_bit:
        mov %cl, %al
        and $1, %al
        add $'0', %al
        jmp putc

text:    .asciz "Hello from protected mode\n"
pe_text: .asciz "CR0.PE is "
pg_text: .asciz ", CR0.PG is "

        .include "console.inc"
