# int80: a kernel and a user program, once more. The kernel goes down to ring 3
# with IRETQ; the user program asks for a service with INT 0x80, as Linux programs did
# for years; the kernel serves it and returns. IDT vector 0x80 has privilege level 3 in
# its gate: ring 3 may ask for it. What the kernel prepares before that, and the user
# program, are in user_mode.inc.
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

        .macro ask
        int $0x80
        .endm

        .macro prepare_way
        gate 0x80, service, RING3_GATE
        .endm

        .include "user_mode.inc"

# The one service: print the text at RSI. The processor has switched to the TSS's
# stack and pushed where to return to: ring 3 cannot choose the kernel's stack.
service:
        call puts
        iretq
