"""The walls around the process that opens a file nobody vouches for: what the kernel takes from it before it does.

Landlock leaves it the libraries to read and one folder to write, nothing of /proc and no key; seccomp (libseccomp)
leaves it no socket, no other program and no other process. Stands alone: the confined process runs it by its path.
"""

import ctypes
import os
import sys
from pathlib import Path
from struct import pack

# landlock(7). The numbers of the calls are the same on every architecture.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION, BENEATH = 1, 1
READ_FILE, READ = 1 << 2, 1 << 2 | 1 << 3
WRITE = READ | 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8
# What a version of it can take away: up to making files, moving between folders, cutting files short, devices.
TAKEN = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
CUT_SHORT = 1 << 14
# seccomp(2): everything is allowed but these, which answer "not permitted".
ALLOW, REFUSE = 0x7FFF0000, 0x00050001
REFUSED_CALLS = (
    "socket", "socketpair", "socketcall", "io_uring_setup", "execve", "execveat", "fork", "vfork", "clone", "clone3",
    "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "pidfd_send_signal",
    "pidfd_getfd", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "unshare", "setns", "mount",
    "bpf", "perf_event_open", "userfaultfd", "add_key", "keyctl", "request_key",
)  # fmt: skip
NO_NEW_PRIVILEGES = 38
# qpdf opens it before it reads a PDF that is locked.
RANDOM = "/dev/urandom"


def enter(folder: str) -> None:
    """Take from this process, for good, all but reading the libraries and writing in ``folder``.

    What the kernel does not know or libseccomp is missing for is left out: `lacking` says so beforehand.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if version := _landlock(libc):
        _take_files(libc, version, folder)
    if seccomp := _seccomp():
        _take_calls(seccomp)


def lacking() -> list[str]:
    """Which of the walls this machine cannot put up."""
    have = {"Landlock": _landlock(ctypes.CDLL(None, use_errno=True)), "libseccomp": _seccomp()}
    return [name for name, there in have.items() if not there]


def _landlock(libc: ctypes.CDLL) -> int:
    """The version the kernel knows; 0 for none, which a container may forbid besides."""
    return max(0, int(libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION)))


def _take_files(libc: ctypes.CDLL, version: int, folder: str) -> None:
    taken = TAKEN[min(version, max(TAKEN))]
    wanted = pack("Q", taken)
    ruleset = _checked(libc.syscall(CREATE_RULESET, wanted, ctypes.c_size_t(len(wanted)), 0))
    libraries = {sys.prefix, sys.base_prefix, "/usr", "/lib", "/lib64", str(Path(__file__).parent)}
    places = dict.fromkeys(libraries, READ) | {RANDOM: READ_FILE, folder: WRITE | CUT_SHORT}
    for place, allowed in places.items():
        if not Path(place).exists():
            continue
        beneath = os.open(place, os.O_PATH | os.O_CLOEXEC)
        _checked(libc.syscall(ADD_RULE, ruleset, BENEATH, pack("=Qi", allowed & taken, beneath), 0))
        os.close(beneath)
    _checked(libc.syscall(RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _seccomp() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL("libseccomp.so.2", use_errno=True)
    except OSError:
        return None


def _take_calls(library: ctypes.CDLL) -> None:
    library.seccomp_init.restype = ctypes.c_void_p
    rules = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(ALLOW)))
    for name in REFUSED_CALLS:
        call = library.seccomp_syscall_resolve_name(name.encode())
        # Below zero: this architecture or this version of the library has no such call.
        if call >= 0:
            _checked(library.seccomp_rule_add(rules, ctypes.c_uint32(REFUSE), call, 0))
    _checked(library.seccomp_load(rules))
    library.seccomp_release(rules)


def _checked(answer: int) -> int:
    if answer < 0:
        raise OSError(ctypes.get_errno() or -answer, "the process could not be confined")
    return answer
