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
# The price: the kernel must switch stacks by itself, as its very first act. What it
# prepares before ring 3, and the user program, are in user_mode.inc.
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

        .macro write_msr number, low, high
        mov $\number, %ecx
        mov \low, %eax
        mov \high, %edx
        wrmsr
        .endm

        .macro ask
        syscall
        .endm

        .macro prepare_way
        mov $MSR_EFER, %ecx
        rdmsr
        or $1, %eax                 # SCE: SYSCALL exists
        wrmsr
        write_msr MSR_STAR, $0, $(STAR_USER << 16 | KERNEL_CODE)
        lea service(%rip), %rbx
        write_msr MSR_LSTAR, %ebx, $0
        write_msr MSR_FMASK, $0x200, $0          # clear IF on the way in
        .endm

        .include "user_mode.inc"

# The one service: print the text at RSI. Runs on a stack of its own.
service:
        mov %rsp, %r10              # where the user's stack was
        lea kernel_stack_top(%rip), %rsp
        push %rcx                   # the user's RIP
        push %r11                   # the user's RFLAGS
        call puts
        pop %r11
        pop %rcx
        mov %r10, %rsp
        sysretq                     # RIP = RCX, RFLAGS = R11, ring 3
