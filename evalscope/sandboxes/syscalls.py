"""The system calls that a tested program may make, with their numbers by architecture.

Missing on purpose: whatever makes or reaches another process (fork, clone, exec, kill, ptrace, process_vm_*, prlimit
with new limits, priorities), a network (socket and all that goes with it), memory outside the limits (memfd, System V
shared memory, message queues), another name space (unshare, setns, mount), or the kernel by side doors (io_uring, bpf,
keyctl, perf, userfaultfd), and what changes a file's mode, owner or times: the devices of a sandbox are the machine's
own, and root's sandboxes own them. Threads are processes to the kernel, and without them no limit needs a cgroup.

Source of the numbers: Linux, arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
"""

_ALLOWED = """
access 21 -; alarm 37 -; brk 12 214; chdir 80 49; clock_getres 229 114; clock_gettime 228 113; clock_nanosleep 230
115; close 3 57; close_range 436 436; copy_file_range 326 285; creat 85 -; dup 32 23; dup2 33 -; dup3 292 24;
epoll_create 213 -; epoll_create1 291 20; epoll_ctl 233 21; epoll_pwait 281 22; epoll_wait 232 -; eventfd2 290 19;
exit 60 93; exit_group 231 94; faccessat 269 48; faccessat2 439 439; fallocate 285 47; fchdir 81 50; fdatasync 75
83; fstat 5 80; fstatfs 138 44; fsync 74 82; ftruncate 77 46; futex 202 98; getcpu 309 168; getcwd 79 17; getdents64
217 61; getegid 108 177; geteuid 107 175; getgid 104 176; getgroups 115 158; getitimer 36 102; getpgid 121 155;
getpgrp 111 -; getpid 39 172; getppid 110 173; getrandom 318 278; getresgid 120 150; getresuid 118 148; getrlimit 97
163; getrusage 98 165; getsid 124 156; gettid 186 178; gettimeofday 96 169; getuid 102 174; link 86 -; linkat 265
37; lseek 8 62; lstat 6 -; madvise 28 233; mincore 27 232; mkdir 83 -; mkdirat 258 34; mmap 9 222; mprotect 10 226;
mremap 25 216; munmap 11 215; nanosleep 35 101; newfstatat 262 79; open 2 -; openat 257 56; pause 34 -; pipe 22 -;
pipe2 293 59; poll 7 -; ppoll 271 73; pread64 17 67; preadv 295 69; pselect6 270 72; pwrite64 18 68; pwritev 296 70;
read 0 63; readlink 89 -; readlinkat 267 78; readv 19 65; rename 82 -; renameat 264 38; renameat2 316 276;
restart_syscall 219 128; rmdir 84 -; rt_sigaction 13 134; rt_sigpending 127 136; rt_sigprocmask 14 135; rt_sigreturn
15 139; rt_sigsuspend 130 133; rt_sigtimedwait 128 137; sched_getaffinity 204 123; sched_yield 24 124; select 23 -;
sendfile 40 71; setitimer 38 103; sigaltstack 131 132; stat 4 -; statfs 137 43; statx 332 291; symlink 88 -;
symlinkat 266 36; sysinfo 99 179; time 201 -; times 100 153; truncate 76 45; umask 95 166; uname 63 160; unlink 87
-; unlinkat 263 35; write 1 64; writev 20 66
"""


def allowed_calls(machine: str) -> tuple[int, ...]:
    """The numbers of the calls that are allowed whatever their arguments, sorted; machine is x86_64 or aarch64."""
    column = {"x86_64": 1, "aarch64": 2}[machine]
    numbers = (entry.split()[column] for entry in _ALLOWED.split(";"))
    return tuple(sorted(int(number) for number in numbers if number != "-"))
