# triple_fault: how a PC gives up. An exception needs a handler from the IDT. Here
# the IDT is empty: looking for the handler of the first exception (#UD) is itself an
# exception, a double fault (#DF), whose handler cannot be found either. After this
# third failure the processor stops and pulls its SHUTDOWN line, and a PC's board
# answers with a reset. To a user it looks like a computer that restarts by itself.
#
# With -no-reboot the machine ends instead, and the trace names the cause.
#
# image: elf32
# run: -kernel triple_fault.elf -no-reboot
# expect: three faults and out
# ends: triple-fault

        .code32
        .globl start
start:
        mov $text, %esi
        call puts
        lidt empty
        ud2                         # an instruction that is undefined for ever
        jmp .

text:   .asciz "three faults and out\n"
empty:  .word 0                     # limit 0: not even one entry fits
        .long 0

        .include "console.inc"
