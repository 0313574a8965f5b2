# edu: a driver. The card "edu" sits on the PCI bus; the guest finds it, gives it a place
# in memory and an interrupt line, and uses it: a register, a factorial computed by the
# card on its own, and data copied by the card (DMA) without the processor touching it.
#
# image: elf64
# run: -kernel edu.elf -device edu
# compare: guest
# expect: found in slot 00000002
# expect: wants address bits fff00000
# expect: says it is 010000ed
# expect: inverts to edcba987
# expect: interrupts with 00000001
# expect: factorial 00375f00
# expect: interrupts with 00000100
# expect: interrupts with 00000100
# expect: copied 1122334455667788
# exit: 33

        .set BUFFER,   0x40000      # the card's own memory, in its addresses
        .set SOURCE,   0x200000
        .set TARGET,   0x200100
        .set VECTOR, 0x28 + 2       # line 10: the slave's line 2

        .include "interrupts.inc"

        .globl start
start:
        cli
        mov $EDU, %r12d             # the card's registers are at (%r12) from now on
        call find
        lea found(%rip), %rsi
        mov slot(%rip), %eax
        call say

        # How large is it? Write ones to its base address: the bits that stay zero are
        # not for us to choose.
        mov $0x10, %cl
        mov $0xffffffff, %eax
        call config_write
        mov $0x10, %cl
        call config_read
        lea wants(%rip), %rsi
        call say

        mov $0x10, %cl
        mov $EDU, %eax
        call config_write
        mov $0x04, %cl              # command: answer in memory, reach memory itself
        mov $0x06, %eax
        call config_write

        mov (%r12), %eax
        lea says(%rip), %rsi
        call say
        movl $0x12345678, 0x04(%r12)
        mov 0x04(%r12), %eax
        lea inverts(%rip), %rsi
        call say

        lea handler(%rip), %rax
        call handle
        call lead_pins

        movl $0x80, 0x20(%r12)      # interrupt when a factorial is done
        movl $10, 0x08(%r12)
        call await
        mov 0x08(%r12), %eax
        lea factorial(%rip), %rsi
        call say

        movl $0x55667788, SOURCE
        movl $0x11223344, SOURCE + 4
        mov $SOURCE, %eax
        mov $BUFFER, %ebx
        mov $0x01 | 0x04, %ecx      # go, interrupt when done
        call copy
        mov $BUFFER, %eax
        mov $TARGET, %ebx
        mov $0x01 | 0x02 | 0x04, %ecx   # from the card to memory
        call copy
        lea copied(%rip), %rsi
        call puts
        mov TARGET + 4, %eax
        call put_hex
        mov TARGET, %eax
        call put_hex
        mov $'\n', %al
        call putc
        jmp finish

# await: sleeps until the handler has run once.
await:
        sti                         # takes effect after the next instruction
        hlt
        cli
        cmpl $0, cause(%rip)
        je await
        mov cause(%rip), %eax
        movl $0, cause(%rip)
        lea interrupted(%rip), %rsi
        jmp say

# The pin stays up until the card is told that we know: only then is the 8259.
handler:
        push %rax
        mov 0x24(%r12), %eax        # why?
        mov %eax, cause(%rip)
        mov %eax, 0x64(%r12)        # acknowledged
        outb 0x20, PIC2
        outb 0x20, PIC1
        pop %rax
        iretq

# copy: eight bytes from EAX to EBX by command ECX, in the card's eyes.
copy:
        mov %eax, 0x80(%r12)
        mov %ebx, 0x88(%r12)
        movl $8, 0x90(%r12)
        mov %ecx, 0x98(%r12)
        jmp await

cause:  .long 0

found:       .asciz "found in slot "
wants:       .asciz "wants address bits "
says:        .asciz "says it is "
inverts:     .asciz "inverts to "
interrupted: .asciz "interrupts with "
factorial:   .asciz "factorial "
copied:      .asciz "copied "

        .include "edu.inc"
        .include "console.inc"
