# hello_long: hello from 64-bit long mode. The board's loader has switched paging on
# (long mode cannot exist without it): the first 4 GiB are mapped onto themselves, so
# addresses still mean what they did. New are sixteen registers of 64 bits and
# addresses relative to RIP.
#
# image: elf64
# run: -kernel hello_long.elf
# expect: Hello from long mode
# expect: 0x0123456789abcdef fits in one register
# exit: 33

        .code64
        .globl start
start:
        lea text(%rip), %rsi
        call puts

        movabs $0x0123456789abcdef, %r15    # r8 to r15 exist in 64-bit mode only
        lea prefix(%rip), %rsi
        call puts
        mov %r15, %rax
        shr $32, %rax                       # the upper half first
        call put_hex
        mov %r15d, %eax                     # then the lower
        call put_hex
        lea suffix(%rip), %rsi
        call puts
        jmp finish

text:   .asciz "Hello from long mode\n"
prefix: .asciz "0x"
suffix: .asciz " fits in one register\n"

        .include "console.inc"
