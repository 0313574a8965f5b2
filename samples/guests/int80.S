# int80: a kernel and a user program in fifty lines. The kernel goes down to ring 3
# with IRETQ; the user program asks for a service with INT 0x80, as Linux programs did
# for years; the kernel serves it and returns. Before that the kernel prepares:
#
#   pages    the user may touch only pages whose entries all have the U bit
#   GDT      code and data segments of ring 3
#   TSS      where the stack of ring 0 is, for interrupts that come in ring 3
#   IDT      vector 0x80, with privilege level 3 in its gate: ring 3 may ask for it
#
# At the end the user does what it may not do, and the kernel catches it: HLT in
# ring 3 is a #GP, vector 13. syscall.S does the round trip with SYSCALL,
# ring3.S with nothing but a fault.
#
# A KVM without VMX or SVM behind it (module kvm_pvm) cannot do INT in ring 3.
#
# image: elf64
# needs: ring3-calls
# run: -kernel int80.elf
# expect: kernel: going to ring 3
# expect: user: hello, kernel (CS ends in 3)
# expect: kernel: the user tried HLT in ring 3
# exit: 33

        .set KERNEL_CODE, 0x08      # the loader's numbers, kept
        .set KERNEL_DATA, 0x10
        .set USER_DATA,   0x20 + 3  # +3: requested privilege level 3
        .set USER_CODE,   0x28 + 3
        .set TSS,         0x30
        .set RING0_GATE,  0x8e00    # present, interrupt gate
        .set RING3_GATE,  0xee00    # the same, and ring 3 may use it with INT

        # gate vector, handler, kind: one IDT entry (timer.S explains its pieces).
        .macro gate vector, handler, kind
        lea \handler(%rip), %rax
        lea idt + \vector * 16(%rip), %rdi
        mov %ax, (%rdi)
        movw $KERNEL_CODE, 2(%rdi)
        movw $\kind, 4(%rdi)
        shr $16, %rax
        mov %ax, 6(%rdi)
        .endm

        .code64
        .globl start
start:
        lea kernel_text(%rip), %rsi
        call puts

        # U and W in every level of the first gigabyte's entries.
        mov %cr3, %rax
        orq $7, (%rax)
        mov (%rax), %rax
        and $~0xfff, %rax
        orq $7, (%rax)
        mov (%rax), %rax
        and $~0xfff, %rax
        orq $7, (%rax)              # 0 to 2 MiB: this program and its stacks
        mov %cr3, %rax
        mov %rax, %cr3              # forget the old translations

        # The TSS descriptor holds the TSS's address in pieces, as IDT entries do.
        lea tss(%rip), %rax
        mov %ax, gdt + TSS + 2(%rip)
        shr $16, %rax
        mov %al, gdt + TSS + 4(%rip)
        mov %ah, gdt + TSS + 7(%rip)
        lgdt gdt_pointer(%rip)
        mov $TSS, %ax
        ltr %ax

        gate 13, fault_handler, RING0_GATE
        gate 0x80, service, RING3_GATE
        lidt idt_pointer(%rip)

        # Down to ring 3: IRETQ takes RIP, CS, RFLAGS, RSP, SS from the stack.
        pushq $USER_DATA
        lea user_stack_top(%rip), %rax
        push %rax
        pushq $0x2                  # RFLAGS: nothing set, so no port may be touched
        pushq $USER_CODE
        lea user(%rip), %rax
        push %rax
        iretq

# ---- ring 3 -------------------------------------------------------------------
user:
        lea user_text(%rip), %rsi   # the service's argument
        int $0x80
        mov %cs, %ax
        and $3, %al
        add $'0', %al
        mov %al, digit(%rip)
        lea cs_text(%rip), %rsi
        int $0x80
        hlt                         # not allowed here
        jmp .

# ---- ring 0 -------------------------------------------------------------------
# The one service: print the text at RSI. The processor has switched to the TSS's
# stack and pushed where to return to: ring 3 cannot choose the kernel's stack.
service:
        call puts
        iretq

fault_handler:
        lea caught_text(%rip), %rsi
        call puts
        jmp finish

kernel_text: .asciz "kernel: going to ring 3\n"
user_text:   .asciz "user: hello, kernel"
cs_text:     .ascii " (CS ends in "
digit:       .asciz "?)\n"
caught_text: .asciz "kernel: the user tried HLT in ring 3\n"

        .balign 16
gdt:
        .quad 0
        .quad 0x00af9b000000ffff    # 0x08 kernel code, 64 bits
        .quad 0x00cf93000000ffff    # 0x10 kernel data
        .quad 0
        .quad 0x00cff3000000ffff    # 0x20 user data; f3 = 93 with privilege level 3
        .quad 0x00affb000000ffff    # 0x28 user code, 64 bits
        .quad 0x0000890000000067    # 0x30 TSS: 104 bytes, type 9; address filled in
        .quad 0                     #      (a TSS descriptor is twice as long)
gdt_pointer:
        .word gdt_pointer - gdt - 1
        .quad gdt
idt_pointer:
        .word 0x81 * 16 - 1
        .quad idt

        .balign 16
idt:    .skip 0x81 * 16
tss:
        .long 0
        .quad kernel_stack_top      # RSP0: the stack for interrupts from ring 3
        .skip 104 - 12
        .skip 1024
kernel_stack_top:
        .skip 1024
user_stack_top:

        .include "console.inc"
