/* The ways of identity.c that hold up who answers: threads that execute, a helper that is traced, a lease, many at once. */

static void *run_command(void *unused) {
  go();
  return unused;
}

static void later(void) {
  pthread_t thread;
  start_threads();
  need((int)(syscall(SYS_setgid, gid) | syscall(SYS_setuid, uid)), "setuid of one thread");
  need(pthread_create(&thread, 0, run_command, 0), "pthread_create");
  wait_for_ever(0);
}

/* A child that asks for a user whom nobody asked for before has the init fork, and the number is the next one. */
static int catch_helper(int signal) {
  for (int id = 1000;; id++) {
    const int asker = fork();
    if (asker == 0) {
      _exit((int)(syscall(SYS_setgid, id) | syscall(SYS_setuid, id)));
    }
    while (kill(asker + 1, signal) && waitpid(asker, 0, WNOHANG) == 0) {
    }
    if (kill(asker + 1, 0) == 0 && (signal == SIGKILL || ptrace(PTRACE_SEIZE, asker + 1, 0, 0) == 0)) {
      return asker + 1;
    }
    for (int i = 0; i < 2000 && kill(asker + 1, SIGCONT) == 0; i++) {
      if (ptrace(PTRACE_SEIZE, asker + 1, 0, 0) == 0) {
        return asker + 1;
      }
      kill(asker + 1, SIGSTOP);
    }
    kill(asker + 1, SIGCONT);
    waitpid(asker, 0, 0);
  }
}

static void held(void) {
  kill(catch_helper(SIGSTOP), SIGCONT);
  catch_helper(SIGKILL);
  const int child = fork();
  if (child == 0) {
    alarm(30);
    change();
    say();
    go();
  }
  waitpid(child, 0, 0);
}

static volatile int stage;

static void *ask_at(void *when) {
  while (stage < (int)(long)when) {
    usleep(1000);
  }
  syscall(SYS_setgid, gid);
  syscall(SYS_setuid, uid);
  stage++;
  return wait_for_ever(0);
}

static void *execute_leased(void *unused) {
  while (stage < 1) {
    usleep(1000);
  }
  stage = 2;
  execl("/tmp/leased", "leased", (char *)0);
  return unused;
}

static void leased(int is_kept) {
  const int interpreter = open("/tmp/interpreter", O_WRONLY | O_CREAT | O_CLOEXEC, 0755),
            script = open("/tmp/leased", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
  if (dprintf(interpreter, "#!/bin/sh\n") < 0 || dprintf(script, "#!/tmp/interpreter\n") < 0) {
    _exit(9);
  }
  close(interpreter);
  close(script);
  signal(SIGIO, SIG_IGN);
  const int lease = open("/tmp/interpreter", O_RDONLY | O_CLOEXEC);
  need(fcntl(lease, F_SETLEASE, F_WRLCK), "F_SETLEASE");
  const int victim = fork();
  if (victim == 0) {
    pthread_t thread;
    pthread_create(&thread, 0, ask_at, (void *)0);
    pthread_create(&thread, 0, ask_at, (void *)3);
    pthread_create(&thread, 0, execute_leased, 0);
    while (stage < 2) {
      usleep(1000);
    }
    usleep(300000);
    stage = 3;
    wait_for_ever(0);
  }
  while (is_kept) {
    dprintf(1, "held\n");
    sleep(1);
  }
  sleep(2);
  close(lease);
  if (fork() == 0) {
    alarm(40);
    change();
    say();
    _exit(0);
  }
  wait(0);
  wait(0);
}

#if defined(__x86_64__)
/* An instruction that makes a call, and behind it what that returns to. */
static unsigned char *text;

static int ask_by_text(void *unused) {
  long result = SYS_setgid;
  __asm__ volatile("call *%2" : "+a"(result) : "D"((long)gid), "r"(text) : "rcx", "r11", "memory");
  result = SYS_setuid;
  __asm__ volatile("call *%2" : "+a"(result) : "D"((long)uid), "r"(text) : "rcx", "r11", "memory");
  _exit(unused != 0);
}

static void swapped(void) {
  enum { ASKERS = 40 };
  const unsigned short call = 0x050f, loop = 0xfeeb;
  text = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  memcpy(text, "\x0f\x05\xc3", 3);
  for (int i = 0; i < ASKERS; i++) {
    char *stack = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    clone(ask_by_text, stack + 65536, CLONE_VM | SIGCHLD, 0);
  }
  if (fork() == 0) {
    alarm(20);
    change();
    say();
    go();
  }
  for (volatile unsigned short *place = (unsigned short *)text;;) {
    *place = loop;
    for (volatile int i = 0; i < 2000; i++) {
    }
    *place = call;
    for (volatile int i = 0; i < 2000; i++) {
    }
    if (waitpid(-1, 0, WNOHANG) < 0) {
      return;
    }
  }
}

#else
static void swapped(void) {} /* the race needs instructions of one size */
#endif

static void *change_some_time(void *unused) {
  usleep((useconds_t)random() % 3000);
  syscall(SYS_setgid, gid);
  syscall(SYS_setuid, uid);
  return wait_for_ever(unused);
}

static void *execute_some_time(void *unused) {
  usleep((useconds_t)random() % 3000);
  return run_command(unused);
}

static void race(void) {
  int well = 0;
  for (int i = 0; i < 150; i++) {
    const int child = fork();
    if (child == 0) {
      pthread_t thread;
      srandom((unsigned)i);
      for (int j = 0; j < 5; j++) {
        pthread_create(&thread, 0, j < 4 ? change_some_time : execute_some_time, 0);
      }
      wait_for_ever(0);
    }
    int status;
    waitpid(child, &status, 0);
    well += status == 0;
  }
  dprintf(1, "%d\n", well);
}

static void many(void) {
  for (int i = 0; i < 40; i++) {
    const int is_one = fork() == 0;
    while (is_one) {
      if (fork() == 0) {
        _exit((int)(syscall(SYS_setgid, gid + i) | syscall(SYS_setuid, uid)));
      }
      wait(0);
    }
  }
  dprintf(1, "many\n");
  wait_for_ever(0);
}
