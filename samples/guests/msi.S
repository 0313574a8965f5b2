# msi: an interrupt that is a message. Instead of pulling a pin the card "edu" writes a
# number to an address the guest gave it. The address is that of the processor's local
# interrupt controller (APIC), the number is the vector: no 8259, no wires, no sharing.
#
# image: elf64
# run: -kernel msi.elf -device edu
# compare: guest
# needs: local-apic
# expect: found in slot 00000002
# expect: interrupted by 00000001
# expect: factorial 00000078
# exit: 33

        .set APIC, 0xfee00000       # registers of the local APIC, and where messages go
        .set APIC_EOI, 0xb0
        .set APIC_SPURIOUS, 0xf0
        .set VECTOR, 0x2a
        .set MSI, 0x40              # where the card has its MSI capability

        .include "interrupts.inc"

        .globl start
start:
        cli
        mov $EDU, %r12d             # the card's registers are at (%r12) from now on
        mov $APIC, %r13d
        call find
        lea found(%rip), %rsi
        mov slot(%rip), %eax
        call say

        mov $0x10, %cl              # base address
        mov $EDU, %eax
        call config_write
        mov $0x04, %cl              # command: answer in memory, reach memory itself
        mov $0x06, %eax
        call config_write
        mov $MSI + 4, %cl           # address, low and high half
        mov $APIC, %eax
        call config_write
        mov $MSI + 8, %cl
        xor %eax, %eax
        call config_write
        mov $MSI + 12, %cl          # data: fixed delivery of this vector
        mov $VECTOR, %eax
        call config_write
        mov $MSI, %cl
        call config_read
        or $0x00010000, %eax        # bit 0 of the control word: use messages
        mov $MSI, %cl
        call config_write

        lea handler(%rip), %rax
        call handle
        movl $0x1ff, APIC_SPURIOUS(%r13)    # bit 8: the APIC is on

        movl $0x80, 0x20(%r12)      # interrupt when a factorial is done
        movl $5, 0x08(%r12)
wait:
        sti                         # takes effect after the next instruction
        hlt
        cli
        cmpl $0, cause(%rip)
        je wait

        lea by(%rip), %rsi
        mov cause(%rip), %eax
        call say
        lea factorial(%rip), %rsi
        mov 0x08(%r12), %eax
        call say
        jmp finish

handler:
        push %rax
        mov 0x24(%r12), %eax        # why?
        mov %eax, cause(%rip)
        mov %eax, 0x64(%r12)        # acknowledged
        movl $0, APIC_EOI(%r13)
        pop %rax
        iretq

cause:     .long 0
found:     .asciz "found in slot "
by:        .asciz "interrupted by "
factorial: .asciz "factorial "

        .include "edu.inc"
        .include "console.inc"
