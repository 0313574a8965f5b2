# timer: interrupts from a clock. The 8254 timer counts down from a number the guest
# chose, 1193182 times a second, and pulls line IRQ 0 at each zero. The 8259
# interrupt controller turns the line into a vector number, the processor looks that
# up in the IDT and calls the handler, wherever the program happens to be.
#
# Five ticks are awaited in HLT, which stops the processor until an interrupt comes.
#
# image: elf64
# run: -kernel timer.elf
# expect: waiting for the clock
# expect: tick tick tick tick tick
# expect: done
# exit: 33

        .set PIT_COUNTER0, 0x40
        .set PIT_COMMAND,  0x43
        .set VECTOR, 0x20           # IRQ 0

        .include "interrupts.inc"

        .globl start
start:
        cli
        lea waiting(%rip), %rsi
        call puts

        lea timer_handler(%rip), %rax
        call handle
        call start_pics
        outb 0xfe, PIC1+1           # mask: all lines closed but IRQ 0

        # 8254: channel 0, low byte then high byte, mode 2 (repeat), 100 times a second.
        outb 0x34, PIT_COMMAND
        outb 11932 & 0xff, PIT_COUNTER0
        outb 11932 >> 8, PIT_COUNTER0

wait:
        sti                         # takes effect after the next instruction, so no
        hlt                         # tick can slip in between the two
        cli
        cmpl $5, ticks(%rip)
        jb wait

        lea done(%rip), %rsi
        call puts
        jmp finish

# The processor has pushed SS, RSP, RFLAGS, CS and RIP; IRETQ takes them back. What
# the handler uses it must save itself: the program below does not expect a change.
timer_handler:
        push %rax
        push %rdx
        push %rsi
        lea tick(%rip), %rsi
        cmpl $0, ticks(%rip)
        jne print
        inc %rsi                    # no space before the first word
print:
        call puts
        incl ticks(%rip)
        cmpl $5, ticks(%rip)
        jb more
        outb 0xff, PIC1+1           # enough: on a slow host the next tick is here before
                                    # the program below gets to look at the count
more:
        outb 0x20, PIC1             # end of interrupt: the 8259 may send the next
        pop %rsi
        pop %rdx
        pop %rax
        iretq

ticks:   .long 0
waiting: .asciz "waiting for the clock\n"
tick:    .asciz " tick"
done:    .asciz "\ndone\n"

        .include "console.inc"
