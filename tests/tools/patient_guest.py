"""A guest that waits without haste: it echoes its serial line, and a 'q' ends it (33).

Polling as fast as it can would be millions of exits a second, each recorded; this one
counts to 65536 between two looks.
"""
import pathlib

CODE = bytes.fromhex(
    "bafd03"        # start: mov dx, 0x3fd     the line's status
    "ec"            # poll:  in al, dx
    "a801"          #        test al, 1        a byte has come in?
    "750c"          #        jnz got
    "66b900000100"  #        mov ecx, 65536
    "6649"          # wait:  dec ecx
    "75fc"          #        jnz wait
    "ebef"          #        jmp poll
    "baf803"        # got:   mov dx, 0x3f8
    "ec"            #        in al, dx
    "3c71"          #        cmp al, 'q'
    "7403"          #        je quit
    "ee"            #        out dx, al
    "ebe1"          #        jmp start
    "b010"          # quit:  mov al, 0x10
    "e6f4"          #        out 0xf4, al
    "f4"            # halt:  hlt
    "ebfd")         #        jmp halt


def write(folder):
    path = pathlib.Path(folder) / "patient.bin"
    path.write_bytes(CODE)
    return str(path)
