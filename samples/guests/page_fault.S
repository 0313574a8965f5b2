# page_fault: touching an address that is not mapped, and mending it. The loader maps
# the first 4 GiB only. The guest reads at 5 GiB: the processor pushes an error code
# (bit 0: page was present, bit 1: it was a write, bit 2: from ring 3), puts the
# address into CR2 and calls vector 14. The handler maps the page and returns to the
# SAME instruction, which now works. This is how memory is given out on demand.
#
# The new mapping is the second name of an old page: the table entry for 5 GiB gets
# the same value as the one for 0 GiB. So what lies at 0x100000 + x is found again at
# 0x140000000 + 0x100000 + x.
#
# image: elf64
# run: -kernel page_fault.elf
# expect: page fault at 0x0000000140100000 plus offset, error code 0
# expect: read through the new page: 600df00d
# expect: page fault at 0x0000000180100000 plus offset, error code 2
# expect: written through the new page: feedface
# exit: 33

        .set READ_BASE,  0x140000000    # 5 GiB: entry 5 of the second-level table
        .set WRITE_BASE, 0x180000000    # 6 GiB: entry 6

        .code64
        .globl start
start:
        lea fault_handler(%rip), %rax
        lea idt + 14 * 16(%rip), %rdi
        mov %ax, (%rdi)             # timer.S explains an IDT entry
        movw $0x08, 2(%rdi)
        movw $0x8e00, 4(%rdi)
        shr $16, %rax
        mov %ax, 6(%rdi)
        lidt idt_pointer(%rip)

        movabs $READ_BASE, %rbx
        lea word(%rip), %rax
        mov (%rbx, %rax), %r12d     # faults; the handler mends it; then it is done
        lea read_text(%rip), %rsi
        call puts
        mov %r12d, %eax
        call line

        movabs $WRITE_BASE, %rbx
        lea word(%rip), %rax
        movl $0xfeedface, (%rbx, %rax)
        lea written_text(%rip), %rsi
        call puts
        mov word(%rip), %eax        # seen under its old name too
        call line
        jmp finish

line:
        call put_hex
        mov $'\n', %al
        jmp putc

# On the stack: error code, RIP, CS, RFLAGS, RSP, SS. The error code must be removed
# before IRETQ. All registers the handler changes are saved first.
fault_handler:
        push %rax
        push %rbx
        push %rcx
        push %rdx
        push %rsi
        lea fault_text(%rip), %rsi
        call puts
        mov %cr2, %rax
        shr $32, %rax
        call put_hex
        mov %cr2, %rax
        and $0xfff00000, %eax       # which MiB; the offset depends on the assembler
        call put_hex
        lea code_text(%rip), %rsi
        call puts
        mov 40(%rsp), %rax          # the error code lies behind the five pushes
        add $'0', %al
        call putc
        mov $'\n', %al
        call putc

        # CR3 -> PML4; its entry 0 -> table of 1 GiB pieces; copy entry 0 to entry N.
        mov %cr3, %rax
        mov (%rax), %rbx
        and $~0xfff, %rbx           # the low 12 bits are flags
        mov %cr2, %rcx
        shr $30, %rcx               # N: which GiB
        mov (%rbx), %rax
        mov %rax, (%rbx, %rcx, 8)

        pop %rsi
        pop %rdx
        pop %rcx
        pop %rbx
        pop %rax
        add $8, %rsp                # drop the error code
        iretq

word:         .long 0x600df00d
fault_text:   .asciz "page fault at 0x"
code_text:    .asciz " plus offset, error code "
read_text:    .asciz "read through the new page: "
written_text: .asciz "written through the new page: "

idt_pointer:
        .word idt_end - idt - 1
        .quad idt
        .balign 16
idt:    .skip 15 * 16
idt_end:

        .include "console.inc"
