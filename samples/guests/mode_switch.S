# mode_switch: from real mode to protected mode to long mode in one go, printing one
# letter after each step. Every PC operating system does these steps once.
#
#   R  real mode: where the processor starts
#   G  the segment table (GDT) is loaded: nothing changes yet
#   P  CR0.PE = 1 and a far jump: 32-bit protected mode
#   A  CR4.PAE = 1: page table entries are 64 bits wide
#   T  CR3 points to page tables (not used yet)
#   E  EFER.LME = 1: "long mode, please, as soon as paging is on"
#   C  CR0.PG = 1: paging on; the processor is in long mode, running 32-bit code
#   L  a far jump into a 64-bit code segment: 64-bit instructions at last
#
# Leave a step out and see what happens: nearly always a triple fault.
#
# image: flat
# run: -kernel mode_switch.bin
# expect: RGPATECL
# expect: real, protected and long mode in one boot
# exit: 33

        .set PML4, 0x10000          # page tables: three pages that nobody uses yet
        .set PDPT, 0x11000
        .set PD,   0x12000
        .set EFER, 0xc0000080       # a model-specific register
        .set CODE32, 0x08           # offsets into the GDT below
        .set DATA,   0x10
        .set CODE64, 0x18

        # One letter on COM1, in any mode.
        .macro letter char
        mov $\char, %al
        mov $COM1, %dx
        out %al, %dx
        .endm

        .code16
        .globl start
start:
        cli                         # no interrupt can be served on the way
        letter 'R'

        lgdt gdt_pointer
        letter 'G'

        mov %cr0, %eax
        or $1, %al                  # PE
        mov %eax, %cr0
        ljmp $CODE32, $protected    # CS keeps its old meaning until it is loaded

        .code32
protected:
        mov $DATA, %ax              # the other segment registers too
        mov %ax, %ds
        mov %ax, %es
        mov %ax, %ss
        letter 'P'

        mov %cr4, %eax
        or $0x20, %eax              # PAE
        mov %eax, %cr4
        letter 'A'

        # Identity mapping of the first 2 MiB: one entry in each of three tables.
        # RAM is zero at power-on, so the other entries are "not present".
        movl $PDPT + 3, PML4        # 3: present, writable
        movl $PD + 3, PDPT
        movl $0x83, PD              # 0x80: this entry is a 2 MiB page, at address 0
        mov $PML4, %eax
        mov %eax, %cr3
        letter 'T'

        mov $EFER, %ecx
        rdmsr
        or $0x100, %eax             # LME
        wrmsr
        letter 'E'

        mov %cr0, %eax
        or $0x80000000, %eax        # PG
        mov %eax, %cr0
        letter 'C'

        ljmp $CODE64, $long_mode

        .code64
long_mode:
        letter 'L'
        letter '\n'
        mov $text, %esi             # writing ESI clears the upper half of RSI
        call puts
        jmp finish

text:   .asciz "real, protected and long mode in one boot\n"

# A segment descriptor is 8 bytes. In these, only three things matter: the access
# byte (0x9b code, 0x93 data, both with "accessed" set), the flags digit before the
# limit (c: 32-bit, counted in 4 KiB; a: 64-bit) and that base is 0.
        .balign 8
gdt:
        .quad 0                     # selector 0 is reserved
        .quad 0x00cf9b000000ffff    # 0x08: 32-bit code, base 0, limit 4 GiB
        .quad 0x00cf93000000ffff    # 0x10: data, base 0, limit 4 GiB
        .quad 0x00af9b000000ffff    # 0x18: 64-bit code
gdt_pointer:
        .word gdt_pointer - gdt - 1 # the table's size, minus one
        .long gdt

        .include "console.inc"
