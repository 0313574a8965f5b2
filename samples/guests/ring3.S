# ring3: a kernel, a user program, and the round trip between them with nothing but
# a fault. The kernel goes down to ring 3 with IRETQ. The user asks for a service by
# UD2, an instruction that is undefined for ever: the processor calls the kernel's
# handler of #UD (vector 6), which serves, steps over the UD2 and returns. Real
# systems use special instructions for this (int80.S, syscall.S), but every way into
# a kernel is in the end such a fault. What the kernel prepares before, and the user
# program, are in user_mode.inc.
#
# At the end the user does what it may not do, and the kernel catches it: HLT in
# ring 3 is a #GP, vector 13.
#
# image: elf64
# run: -kernel ring3.elf
# expect: kernel: going to ring 3
# expect: user: hello, kernel (CS ends in 3)
# expect: kernel: the user tried HLT in ring 3
# exit: 33

        .macro ask
        ud2
        .endm

        .macro prepare_way
        gate 6, service, RING0_GATE
        .endm

        .include "user_mode.inc"

# The one service: print the text at RSI. The processor has switched to the TSS's
# stack and pushed where to return to: ring 3 cannot choose the kernel's stack.
service:
        call puts
        addq $2, (%rsp)             # the saved RIP points at the UD2, two bytes long
        iretq
