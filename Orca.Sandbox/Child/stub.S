/* The stub's bytes, as Child.targets has linked them. */
  .section .rodata
  .globl orca_stub, orca_stub_end
  .balign 16
orca_stub:
  .incbin "orca-stub"
orca_stub_end:
  .section .note.GNU-stack, "", %progbits
