# virtio_blk: reads a sector of a disk made for guests that know they are guests. No
# registers of a disk controller: the driver describes what it wants in its own memory,
# says so with one OUT, and finds the answer there.
#
#   descriptors, 16 bytes each        available ring           used ring
#   0 -> request: "read sector 0" --+   index 1                  index, by the device
#   1 -> 512 bytes for the answer <-+   entry 0: chain at 0      entry 0: chain, length
#   2 -> one byte: did it work?   <-+
#
# The card's registers are those of virtio before 1.0, at ports (BAR 0). Its interrupt
# pin is a level, up until the reason is read.
#
# image: elf64
# run: -kernel virtio_blk.elf -drive if=virtio,format=raw,readonly=on,file=boot_sector.bin
# compare: guest
# expect: found in slot 00000002
# expect: sectors 00000001
# expect: queue of 00000080
# expect: interrupts with 00000001
# expect: used index 00000001
# expect: bytes written 00000201
# expect: status 00000000
# expect: sector 0 says: These bytes were sector 0.
# expect: ends in 0000aa55
# exit: 33

        .set CARD_ID, 0x10011af4    # device 1001 of vendor 1af4: a virtio disk
        .set VECTOR, 0x28 + 2       # line 10: the slave's line 2

        .set PORTS,   0xc000        # where we put the card's registers
        .set FEATURES, PORTS + 0x04 # those we use
        .set PAGE,    PORTS + 0x08  # where the queue is, in pages
        .set SIZE,    PORTS + 0x0c
        .set SELECT,  PORTS + 0x0e
        .set NOTIFY,  PORTS + 0x10
        .set STATUS,  PORTS + 0x12  # 1: seen, 2: have a driver, 4: go
        .set REASON,  PORTS + 0x13
        .set CAPACITY, PORTS + 0x14 # the disk's own registers begin here

        .set QUEUE,   0x200000      # descriptors; 16 * 128 bytes
        .set AVAIL,   QUEUE + 0x800
        .set USED,    QUEUE + 0x1000
        .set REQUEST, 0x210000      # type, priority (4 each), sector (8)
        .set ANSWER,  0x211000
        .set OUTCOME, 0x212000
        .set NEXT, 1                # flags of a descriptor: the chain goes on,
        .set DEVICE_WRITES, 2       # the device may write there

        .include "interrupts.inc"

        .globl start
start:
        cli
        call find
        lea found(%rip), %rsi
        mov slot(%rip), %eax
        call say
        mov $0x10, %cl
        mov $PORTS, %eax
        call config_write
        mov $0x04, %cl              # command: answer at ports, reach memory itself
        mov $0x05, %eax
        call config_write
        lea handler(%rip), %rax
        call handle
        call lead_pins

        call negotiate
        call describe
        mov $NOTIFY, %dx            # queue 0 has something
        xor %eax, %eax
        out %ax, %dx
        call await
        jmp report

# negotiate: resets the card, tells it we drive it, gives it the queue.
negotiate:
        mov $STATUS, %dx
        mov $0, %al
        out %al, %dx
        mov $3, %al
        out %al, %dx
        mov $FEATURES, %dx          # none of its extras
        xor %eax, %eax
        out %eax, %dx
        mov $CAPACITY, %dx
        in %dx, %eax
        lea sectors(%rip), %rsi
        call say
        mov $SELECT, %dx
        xor %eax, %eax
        out %ax, %dx
        mov $SIZE, %dx
        xor %eax, %eax
        in %dx, %ax
        lea queue(%rip), %rsi
        call say
        mov $PAGE, %dx
        mov $QUEUE >> 12, %eax
        out %eax, %dx
        mov $STATUS, %dx
        mov $7, %al
        out %al, %dx
        ret

# describe: one request in the queue. All these places are zero so far: type 0 is
# "read", sector 0 is the first.
describe:
        movl $REQUEST, QUEUE        # descriptor 0
        movl $16, QUEUE + 8
        movw $NEXT, QUEUE + 12
        movw $1, QUEUE + 14
        movl $ANSWER, QUEUE + 16    # descriptor 1
        movl $512, QUEUE + 24
        movw $NEXT | DEVICE_WRITES, QUEUE + 28
        movw $2, QUEUE + 30
        movl $OUTCOME, QUEUE + 32   # descriptor 2
        movl $1, QUEUE + 40
        movw $DEVICE_WRITES, QUEUE + 44
        movb $0xff, OUTCOME         # the device will say otherwise
        movw $0, AVAIL + 4          # entry 0: the chain begins at descriptor 0
        movw $1, AVAIL + 2          # one entry is there
        ret

# await: sleeps until the handler has run.
await:
        sti                         # takes effect after the next instruction
        hlt
        cli
        cmpl $0, cause(%rip)
        je await
        lea interrupted(%rip), %rsi
        mov cause(%rip), %eax
        jmp say

# Reading the reason takes the pin down: only then is the 8259 told.
handler:
        push %rax
        push %rdx
        mov $REASON, %dx
        in %dx, %al
        movzbl %al, %eax
        or %eax, cause(%rip)
        outb 0x20, PIC2
        outb 0x20, PIC1
        pop %rdx
        pop %rax
        iretq

report:
        lea used(%rip), %rsi
        movzwl USED + 2, %eax
        call say
        lea written(%rip), %rsi
        mov USED + 8, %eax
        call say
        lea outcome(%rip), %rsi
        movzbl OUTCOME, %eax
        call say
        lea says(%rip), %rsi
        call puts
        mov $ANSWER + 3, %esi
        call puts
        lea ends(%rip), %rsi
        movzwl ANSWER + 510, %eax
        call say
        jmp finish

cause:  .long 0

found:       .asciz "found in slot "
sectors:     .asciz "sectors "
queue:       .asciz "queue of "
interrupted: .asciz "interrupts with "
used:        .asciz "used index "
written:     .asciz "bytes written "
outcome:     .asciz "status "
says:        .asciz "sector 0 says: "
ends:        .asciz "ends in "

        .include "pci.inc"
        .include "console.inc"
