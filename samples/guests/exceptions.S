# exceptions: what the processor does with nonsense. Three faults, each caught:
#
#   #DE  vector  0  division by zero                        no error code
#   #UD  vector  6  an instruction that does not exist      no error code
#   #GP  vector 13  a segment selector beyond the GDT       error code: the selector
#
# A fault's saved RIP points AT the guilty instruction. Returning there would fault
# again for ever, so the handlers go on at an address the program left in R15.
#
# image: elf64
# run: -kernel exceptions.elf
# expect: #DE vector 0
# expect: #UD vector 6
# expect: #GP vector 13, error code 00001230
# expect: all caught
# exit: 33

        .code64
        .globl start

        # gate vector, handler: one IDT entry (timer.S explains its pieces).
        .macro gate vector, handler
        lea \handler(%rip), %rax
        lea idt + \vector * 16(%rip), %rdi
        mov %ax, (%rdi)
        movw $0x08, 2(%rdi)
        movw $0x8e00, 4(%rdi)
        shr $16, %rax
        mov %ax, 6(%rdi)
        .endm

start:
        gate 0, divide_error
        gate 6, undefined
        gate 13, protection
        lidt idt_pointer(%rip)

        lea after_divide(%rip), %r15
        xor %ecx, %ecx
        mov $1, %eax
        xor %edx, %edx
        div %ecx
after_divide:

        lea after_undefined(%rip), %r15
        ud2
after_undefined:

        lea after_protection(%rip), %r15
        mov $0x1230, %ax            # the GDT is far shorter
        mov %ax, %es
after_protection:

        lea done(%rip), %rsi
        call puts
        jmp finish

divide_error:
        lea divide_text(%rip), %rsi
        call puts
        jmp resume
undefined:
        lea undefined_text(%rip), %rsi
        call puts
        jmp resume
protection:
        lea protection_text(%rip), %rsi
        call puts
        pop %rax                    # the error code lies on top
        call put_hex
        mov $'\n', %al
        call putc
resume:                             # the top of the stack is the saved RIP
        mov %r15, (%rsp)
        iretq

divide_text:     .asciz "#DE vector 0\n"
undefined_text:  .asciz "#UD vector 6\n"
protection_text: .asciz "#GP vector 13, error code "
done:            .asciz "all caught\n"

idt_pointer:
        .word idt_end - idt - 1
        .quad idt
        .balign 16
idt:    .skip 14 * 16
idt_end:

        .include "console.inc"
