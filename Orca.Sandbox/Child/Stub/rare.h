/* What follows the inclusion of this is code for containers that ask something: it is apart from the rest, and in no
 * memory before (stub.ld). */
#pragma clang section text = ".rare.text" rodata = ".rare.rodata"
