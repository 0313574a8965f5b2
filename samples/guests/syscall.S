# syscall: the round trip to the kernel and back with SYSCALL and SYSRET, the
# pair that 64-bit systems use instead of INT 0x80 (int80.S). It is fast because it
# touches no memory: no IDT, no TSS, no stack. SYSCALL saves RIP in RCX and RFLAGS in
# R11 and takes everything else from model-specific registers:
#
#   EFER.SCE  SYSCALL exists
#   STAR      the segments: bits 32..47 for the way in, 48..63 for the way out
#   LSTAR     the kernel's entry
#   FMASK     flags to clear on the way in
#
# The price: the kernel must switch stacks by itself, as its very first act.
#
# A KVM without VMX or SVM behind it (module kvm_pvm) leaves the processor in ring 3
# after SYSCALL; ring3.S makes a round trip that works there too.
#
# image: elf64
# needs: ring3-calls
# run: -kernel syscall.elf
# expect: kernel: going to ring 3
# expect: user: hello, kernel (CS ends in 3)
# expect: kernel: the user tried HLT in ring 3
# exit: 33

        .set MSR_EFER,  0xc0000080
        .set MSR_STAR,  0xc0000081
        .set MSR_LSTAR, 0xc0000082
        .set MSR_FMASK, 0xc0000084

        .set KERNEL_CODE, 0x08      # the loader's numbers, kept
        .set KERNEL_DATA, 0x10      # SYSCALL wants data right behind code,
        .set STAR_USER,   0x18      # SYSRET data 8 and code 16 behind this
        .set USER_DATA,   0x20 + 3  # +3: requested privilege level 3
        .set USER_CODE,   0x28 + 3
        .set TSS,         0x30

        .macro write_msr number, low, high
        mov $\number, %ecx
        mov \low, %eax
        mov \high, %edx
        wrmsr
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

        lea fault_handler(%rip), %rax
        lea idt + 13 * 16(%rip), %rdi
        mov %ax, (%rdi)
        movw $KERNEL_CODE, 2(%rdi)
        movw $0x8e00, 4(%rdi)
        shr $16, %rax
        mov %ax, 6(%rdi)
        lidt idt_pointer(%rip)

        mov $MSR_EFER, %ecx
        rdmsr
        or $1, %eax                 # SCE: SYSCALL exists
        wrmsr
        write_msr MSR_STAR, $0, $(STAR_USER << 16 | KERNEL_CODE)
        lea syscall_entry(%rip), %rbx
        write_msr MSR_LSTAR, %ebx, $0
        write_msr MSR_FMASK, $0x200, $0          # clear IF on the way in

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
        syscall
        mov %cs, %ax
        and $3, %al
        add $'0', %al
        mov %al, digit(%rip)
        lea cs_text(%rip), %rsi
        syscall
        hlt                         # not allowed here
        jmp .

# ---- ring 0 -------------------------------------------------------------------
# The one service: print the text at RSI. Runs on a stack of its own.
syscall_entry:
        mov %rsp, %r10              # where the user's stack was
        lea kernel_stack_top(%rip), %rsp
        push %rcx                   # the user's RIP
        push %r11                   # the user's RFLAGS
        call puts
        pop %r11
        pop %rcx
        mov %r10, %rsp
        sysretq                     # RIP = RCX, RFLAGS = R11, ring 3

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
        .word 14 * 16 - 1
        .quad idt

        .balign 16
idt:    .skip 14 * 16
tss:
        .long 0
        .quad kernel_stack_top      # RSP0: the stack for interrupts from ring 3
        .skip 104 - 12
        .skip 1024
kernel_stack_top:
        .skip 1024
user_stack_top:

        .include "console.inc"
