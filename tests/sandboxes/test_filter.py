"""The filter of system calls, run here by a few lines that do what the kernel does with it."""

import re
import struct
from pathlib import Path

import pytest

from evalscope.sandboxes.filter import MACHINES, filter_bytes
from evalscope.sandboxes.syscalls import allowed_calls

ALLOW, KILL, NOT_PERMITTED = 0x7FFF0000, 0x80000000, 0x00050001
TOKENS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
FCNTL = {"x86_64": 72, "aarch64": 25}
IOCTL = {"x86_64": 16, "aarch64": 29}
X86_64 = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")

FORBIDDEN = {
    "x86_64": "clone fork vfork clone3 execve execveat kill tkill tgkill ptrace process_vm_readv process_vm_writev "
    "prlimit64 setrlimit setpriority sched_setaffinity sched_setscheduler socket socketpair connect bind sendmsg "
    "memfd_create memfd_secret shmget shmat semget msgget mq_open unshare setns mount umount2 pivot_root chroot "
    "io_uring_setup bpf keyctl add_key perf_event_open userfaultfd prctl seccomp arch_prctl personality mknod "
    "pidfd_open pidfd_send_signal pidfd_getfd inotify_init fanotify_init timer_create setuid setgid capset reboot "
    "kexec_load init_module finit_module quotactl swapon open_by_handle_at name_to_handle_at flock "
    "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat setxattr mknodat",
}


def decision(machine, number, argument=0, token=None):
    """What the filter says to a call with that second argument."""
    steps = [struct.unpack_from("<HBBI", filter_bytes(machine), at) for at in range(0, len(filter_bytes(machine)), 8)]
    call = struct.pack("<IIQ6Q", number, token or TOKENS[machine], 0, 0, argument, 0, 0, 0, 0)
    held, at = 0, 0
    while True:
        code, if_true, if_false, operand = steps[at]
        at += 1
        if code == 0x20:
            (held,) = struct.unpack_from("<I", call, operand)
        elif code == 0x06:
            return operand
        else:
            is_true = {0x15: held == operand, 0x35: held >= operand, 0x25: held > operand}[code]
            at += if_true if is_true else if_false


@pytest.mark.parametrize("machine", MACHINES)
def test_exactly_the_listed_calls_are_allowed_whatever_their_arguments(machine):
    allowed = {number for number in range(1024) if decision(machine, number, argument=99) == ALLOW}
    assert allowed == set(allowed_calls(machine))
    assert {decision(machine, number, argument=99) for number in set(range(1024)) - allowed} == {NOT_PERMITTED}


@pytest.mark.parametrize("machine", MACHINES)
def test_files_and_devices_take_a_few_commands_only(machine):
    assert [command for command in range(2000) if decision(machine, FCNTL[machine], command) == ALLOW] == [
        *range(8),
        1030,
    ]
    assert decision(machine, IOCTL[machine], 0x5401) == ALLOW
    assert decision(machine, IOCTL[machine], 0x5412) == NOT_PERMITTED  # TIOCSTI types into a terminal


@pytest.mark.parametrize("machine", MACHINES)
def test_another_architecture_ends_the_process(machine):
    assert decision(machine, 0, token=0x40000003) == KILL  # i386, whose numbers mean other calls


def test_the_x32_convention_ends_the_process():
    assert decision("x86_64", 0x40000000) == KILL
    assert decision("x86_64", 0xFFFFFFFF) == KILL


def test_the_filters_fit_what_the_kernel_takes():
    assert all(len(filter_bytes(machine)) // 8 <= 4096 for machine in MACHINES)


@pytest.mark.skipif(not X86_64.exists(), reason=f"no {X86_64} to compare numbers with")
def test_nothing_that_reaches_out_is_allowed():
    numbers = dict(re.findall(r"#define __NR_(\w+) (\d+)", X86_64.read_text()))
    allowed = set(allowed_calls("x86_64"))
    assert not [name for name in FORBIDDEN["x86_64"].split() if int(numbers.get(name, -1)) in allowed]
