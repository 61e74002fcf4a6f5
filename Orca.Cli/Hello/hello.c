// The one program of the image built into orca: static, without a C library, so that it runs in an empty tree.
// It greets, and tells what it sees of the world inside.

typedef unsigned long ulong;

#if defined(__x86_64__)
enum { WRITE = 1, CLOSE = 3, GETPID = 39, UNAME = 63, GETUID = 102, GETGID = 104, GETDENTS64 = 217, CLOCK_GETTIME = 228, EXIT_GROUP = 231, OPENAT = 257 };

__asm__(".globl _start\n_start:\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call hello\n  hlt\n");

static long call(long number, long a, long b, long c, long d)
{
    long result;
    register long r10 __asm__("r10") = d;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
    return result;
}
#elif defined(__aarch64__)
enum { WRITE = 64, CLOSE = 57, GETPID = 172, UNAME = 160, GETUID = 174, GETGID = 176, GETDENTS64 = 61, CLOCK_GETTIME = 113, EXIT_GROUP = 94, OPENAT = 56 };

__asm__(".globl _start\n_start:\n  mov x0, sp\n  bl hello\n");

static long call(long number, long a, long b, long c, long d)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
    return x0;
}
#else
#error "hello.c knows x86-64 and arm64"
#endif

static char out[4096];
static ulong used;

static void put(const char *text)
{
    while (*text != 0 && used < sizeof out)
        out[used++] = *text++;
}

static void put_number(ulong number)
{
    char digits[24];
    int at = sizeof digits;
    digits[--at] = 0;
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    put(digits + at);
}

static int starts_with(const char *text, const char *start)
{
    while (*start != 0)
        if (*text++ != *start++)
            return 0;
    return 1;
}

static ulong read_number(const char *text)
{
    ulong number = 0;
    while (*text >= '0' && *text <= '9')
        number = number * 10 + (ulong)(*text++ - '0');
    return number;
}

// struct linux_dirent64: inode 8, offset 8, length 2, type 1, name.
static ulong for_each_name(const char *directory, void (*visit)(const char *))
{
    static char entries[32768];
    ulong count = 0;
    long fd = call(OPENAT, -100, (long)directory, 0x80000, 0);
    if (fd < 0)
        return 0;
    for (;;) {
        long length = call(GETDENTS64, fd, (long)entries, sizeof entries, 0);
        if (length <= 0)
            break;
        for (long at = 0; at < length; at += *(unsigned short *)(entries + at + 16)) {
            visit(entries + at + 19);
            count++;
        }
    }
    call(CLOSE, fd, 0, 0, 0);
    return count;
}

static ulong processes;

static void count_process(const char *name)
{
    if (name[0] >= '1' && name[0] <= '9')
        processes++;
}

static void put_name(const char *name)
{
    if (name[0] == '.')
        return;
    put(" ");
    put(name);
}

static void put_start_time(ulong asked)
{
    ulong now[2];
    if (asked == 0 || call(CLOCK_GETTIME, 1 /* CLOCK_MONOTONIC */, (long)now, 0, 0) != 0)
        return;
    ulong microseconds = (now[0] * 1000000000 + now[1] - asked) / 1000;
    put("  plan + start   ");
    ulong milliseconds = microseconds / 1000;
    for (ulong limit = 1000; limit > 1 && milliseconds < limit; limit /= 10)
        put(" ");
    put_number(milliseconds);
    put(".");
    put_number(microseconds % 1000 / 100);
    put(" ms   until the first instruction of the program inside\n\n");
}

__attribute__((used)) void hello(ulong *stack)
{
    static char names[6 * 65];
    char **variable = (char **)(stack + 1 + stack[0] + 1);
    ulong asked = 0;
    for (; *variable != 0; variable++)
        if (starts_with(*variable, "ORCA_HELLO_ASKED="))
            asked = read_number(*variable + 17);

    put_start_time(asked);
    put("    Hello from inside a container!\n    I am user ");
    put_number((ulong)call(GETUID, 0, 0, 0, 0));
    put(", group ");
    put_number((ulong)call(GETGID, 0, 0, 0, 0));
    put(", process ");
    put_number((ulong)call(GETPID, 0, 0, 0, 0));
    put(".\n");
    if (call(UNAME, (long)names, 0, 0, 0) == 0) {
        put("    My host is called '");
        put(names + 65);
        put("'.\n");
    }
    for_each_name("/proc", count_process);
    if (processes <= 2)
        put("    I am alone here: I see no process but orca's init and myself.\n");
    else {
        put("    I see ");
        put_number(processes);
        put(" processes.\n");
    }
    put("    My root directory holds:");
    for_each_name("/", put_name);
    put("\n\n");

    for (ulong at = 0; at < used;) {
        long written = call(WRITE, 1, (long)(out + at), (long)(used - at), 0);
        if (written <= 0)
            call(EXIT_GROUP, 1, 0, 0, 0);
        at += (ulong)written;
    }
    call(EXIT_GROUP, 0, 0, 0, 0);
    __builtin_unreachable();
}
