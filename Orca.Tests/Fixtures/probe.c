/* Makes system calls as told, without a C library, and prints what they return: for each argument NUMBER[,ARGUMENT...] a line
 * "NUMBER RESULT". An argument is a number, or a text after '@', whose address is passed. Arguments that are not given are -1, which no call can use.
 * After '--' stands a program with its arguments, which it becomes. Built for x86-64, i386, arm64 and 32-bit arm. */
typedef unsigned long word;

static long enter(const word *v) {
  long result;
#if defined(__x86_64__)
  register word r10 __asm__("r10") = v[4];
  register word r8 __asm__("r8") = v[5];
  register word r9 __asm__("r9") = v[6];
  __asm__ volatile("syscall" : "=a"(result) : "a"(v[0]), "D"(v[1]), "S"(v[2]), "d"(v[3]), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
  register word x8 __asm__("x8") = v[0];
  register word x0 __asm__("x0") = v[1];
  register word x1 __asm__("x1") = v[2];
  register word x2 __asm__("x2") = v[3];
  register word x3 __asm__("x3") = v[4];
  register word x4 __asm__("x4") = v[5];
  register word x5 __asm__("x5") = v[6];
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  result = (long)x0;
#elif defined(__arm__)
  register word r7 __asm__("r7") = v[0];
  register word r0 __asm__("r0") = v[1];
  register word r1 __asm__("r1") = v[2];
  register word r2 __asm__("r2") = v[3];
  register word r3 __asm__("r3") = v[4];
  register word r4 __asm__("r4") = v[5];
  register word r5 __asm__("r5") = v[6];
  __asm__ volatile("svc 0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5) : "memory");
  result = (long)r0;
#else
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(v[0]), "b"(v[1]), "c"(v[2]), "d"(v[3]), "S"(v[4]), "D"(v[5]) : "memory");
#endif
  return result;
}

#if defined(__x86_64__)
enum { WRITE = 1, EXIT = 60, EXECUTE = 59 };
__asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call run\n");
#elif defined(__aarch64__)
enum { WRITE = 64, EXIT = 93, EXECUTE = 221 };
__asm__(".globl _start\n_start: mov x0, sp\n and sp, x0, #-16\n bl run\n");
#elif defined(__arm__)
enum { WRITE = 4, EXIT = 1, EXECUTE = 11 };
__asm__(".globl _start\n_start: mov r0, sp\n bic sp, sp, #7\n bl run\n");
#else
enum { WRITE = 4, EXIT = 1, EXECUTE = 11 };
__asm__(".globl _start\n_start: mov %esp, %eax\n and $-16, %esp\n sub $12, %esp\n push %eax\n call run\n");
#endif

static void print(long number, char end) {
  char text[32];
  int at = sizeof text;
  text[--at] = end;
  const int negative = number < 0;
  word left = negative ? -(word)number : (word)number;
  do {
    text[--at] = (char)('0' + left % 10);
    left /= 10;
  } while (left);
  if (negative) {
    text[--at] = '-';
  }
  const word call[7] = {WRITE, 1, (word)(text + at), sizeof text - at};
  enter(call);
}

__attribute__((noreturn, used)) void run(word *stack) {
  char **argument = (char **)(stack + 2);
  for (; *argument; argument++) {
    if (argument[0][0] == '-') {
      const word call[7] = {EXECUTE, (word)argument[1], (word)(argument + 1), 0};
      enter(call);
      break;
    }
    word call[7] = {0, -1ul, -1ul, -1ul, -1ul, -1ul, -1ul};
    int index = 0;
    call[0] = 0;
    for (char *c = *argument; *c; c++) {
      if (*c == ',') {
        call[++index] = 0;
      } else if (*c == '@') {
        call[index] = (word)++c;
        for (; c[1] && c[1] != ','; c++) {
        }
        if (c[1]) { /* goes on behind the text's end */
          *++c = 0;
          call[++index] = 0;
        }
      } else {
        call[index] = call[index] * 10 + (word)(*c - '0');
      }
    }
    print((long)call[0], ' ');
    print(enter(call), '\n');
  }
  const word call[7] = {EXIT, 0};
  for (;;) {
    enter(call);
  }
}
