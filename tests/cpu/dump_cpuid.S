# dump_cpuid: a firmware image of 64 KiB that writes what CPUID answers to the debug
# port 0x402 and ends the run. For each row of `leaves`: function, index, EAX, EBX, ECX,
# EDX, four bytes each, lowest first. It stays in real mode, where nothing has touched
# the processor before it, and needs 64 bytes of memory for a stack.
        .code16
        .set debug_port, 0x402
        .set exit_port, 0xf4
        .globl start
        .org 0
start:
        mov %cs, %ax
        mov %ax, %ds
        xor %ax, %ax
        mov %ax, %ss
        mov $0x7000, %sp
        mov $leaves, %si
next:
        cmp $leaves_end, %si
        jae finish
        mov (%si), %eax
        mov 4(%si), %ecx
        cpuid
        push %edx
        push %ecx
        push %ebx
        push %eax
        mov $8, %cx                     # the row itself, then the answer
        mov $debug_port, %dx
row:
        lodsb
        out %al, %dx
        loop row
        mov $16, %cx
        mov %sp, %bp
answer:
        mov (%bp), %al
        out %al, %dx
        inc %bp
        loop answer
        add $16, %sp
        jmp next
finish:
        mov $exit_port, %dx
        mov $16, %al
        out %al, %dx
halt:
        hlt
        jmp halt

        .macro leaf function, index=0
        .long \function, \index
        .endm
leaves:
        .irp function, 0, 1, 2, 3, 5, 6, 8, 9, 0xa, 0xc, 0x20
        leaf \function
        .endr
        .irp index, 0, 1, 2, 3, 4
        leaf 4, \index
        .endr
        .irp index, 0, 1
        leaf 7, \index
        .endr
        .irp index, 0, 1, 2, 3
        leaf 0xb, \index
        .endr
        .irp index, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
        leaf 0xd, \index
        .endr
        .irp function, 0x40000000, 0x40000001
        leaf \function
        .endr
        .irp function, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xa, 0xb, 0x19, 0x1a, 0x1b, 0x1c, 0x1e
        leaf 0x80000000 + \function
        .endr
        .irp index, 0, 1, 2, 3, 4
        leaf 0x8000001d, \index
        .endr
        leaf 0x80000030
        leaf 0xc0000000
        leaf 0xc0000001
leaves_end:

# The processor begins 16 bytes below the end of the image.
        .org 0xfff0
        ljmp $0xf000, $start
        .org 0xffff
        .byte 0
