# cpuid: asking the processor what it is. CPUID takes a "leaf" in EAX and answers in
# EAX, EBX, ECX, EDX. Under a hypervisor every answer is made up by the hypervisor:
# that is how `-cpu MODEL` works. This guest prints only what every 64-bit PC must
# have, so it prints the same on each accelerator; the trace shows the full leaves.
#
# image: elf64
# run: -kernel cpuid.elf
# expect: vendor has 12 letters
# expect: FPU TSC MSR PAE CX8 PGE CMOV
# expect: SYSCALL NX LM
# exit: 33

        .code64
        .globl start
start:
        # Leaf 0: the vendor's name in EBX, EDX, ECX, in this order.
        xor %eax, %eax
        cpuid
        mov %ebx, vendor(%rip)
        mov %edx, vendor + 4(%rip)
        mov %ecx, vendor + 8(%rip)
        lea vendor(%rip), %rsi
        mov $12, %ecx
letters:
        lodsb
        cmp $' ', %al
        jb bad
        cmp $'~', %al
        ja bad
        dec %ecx
        jnz letters
        lea vendor_text(%rip), %rsi
        call puts

        # Leaf 1, EDX: basic features, one bit each.
        mov $1, %eax
        cpuid
        mov %edx, %ebx
        lea leaf1(%rip), %rdi
        call features

        # Leaf 0x80000001, EDX: what AMD added on the way to 64 bits.
        mov $0x80000001, %eax
        cpuid
        mov %edx, %ebx
        lea leaf80000001(%rip), %rdi
        call features
        jmp finish

bad:
        lea bad_text(%rip), %rsi
        call puts
        jmp finish

# features: RDI points to a list of (bit number, name, 0), ended by 0xff. Prints the
# names whose bit is set in EBX, with spaces between them, then a newline.
features:
        xor %ebp, %ebp              # names printed so far
next:
        movzbl (%rdi), %ecx
        cmp $0xff, %cl
        je features_end
        inc %rdi
        mov %rdi, %rsi
skip_name:                          # RDI goes to the next entry
        cmpb $0, (%rdi)
        lea 1(%rdi), %rdi
        jne skip_name
        bt %ecx, %ebx               # carry = that bit
        jnc next
        test %ebp, %ebp
        jz name
        mov $' ', %al
        call putc
name:
        call puts
        inc %ebp
        jmp next
features_end:
        mov $'\n', %al
        jmp putc

        .macro feature bit, name
        .byte \bit
        .asciz "\name"
        .endm
leaf1:
        feature 0, FPU              # floating point
        feature 4, TSC              # time stamp counter
        feature 5, MSR              # model-specific registers
        feature 6, PAE              # 64-bit page table entries
        feature 8, CX8              # cmpxchg8b
        feature 13, PGE             # pages that survive a CR3 write
        feature 15, CMOV            # conditional moves
        .byte 0xff
leaf80000001:
        feature 11, SYSCALL
        feature 20, NX              # pages that cannot be executed
        feature 29, LM              # long mode
        .byte 0xff

vendor_text: .asciz "vendor has 12 letters\n"
bad_text:    .asciz "vendor is not text\n"
vendor:      .skip 12

        .include "console.inc"
