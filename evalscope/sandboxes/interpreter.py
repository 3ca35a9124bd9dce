"""The files that make up the running Python: its program, standard library and shared libraries."""

import json
import struct
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from evalscope.errors import ConfigError

# imports every compiled module of the library, and prints what that has mapped into memory
_PROBE = """
import importlib, json, os, sys, sysconfig
stdlib = sysconfig.get_path("stdlib")
folder = os.path.join(stdlib, "lib-dynload")
for name in sorted(os.listdir(folder) if os.path.isdir(folder) else ()):
    if not name.startswith(("_test", "_tkinter", "xx")):
        try:
            importlib.import_module(name.partition(".")[0])
        except ImportError:
            pass
mapped = {line.split(maxsplit=5)[5].strip() for line in open("/proc/self/maps") if line.count("/")}
libraries = sorted(path for path in mapped if ".so" in os.path.basename(path) and not path.startswith(folder))
print(json.dumps([os.path.realpath("/proc/self/exe"), stdlib, libraries]))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """Where the parts lie on this machine.

    Attributes:
        program: the executable.
        stdlib: the folder of the standard library, `…/lib/python3.11`.
        libraries: shared libraries that the executable and its modules load, the loader among them, by the names under
            which they may be asked for.
        loader: the path at which the kernel looks for the loader; None for an executable that needs none.
    """

    program: Path
    stdlib: Path
    libraries: Mapping[str, Path]
    loader: Path | None


@lru_cache
def find_interpreter() -> Interpreter:
    """The Python that runs now, without the virtual environment around it.

    Raises:
        ConfigError: it cannot be started.
    """
    base = getattr(sys, "_base_executable", sys.executable)
    try:
        done = subprocess.run([base, "-I", "-S", "-c", _PROBE], capture_output=True, text=True, check=True, timeout=60)
        program, stdlib, libraries = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise ConfigError(f"the Python of the sandbox, {base}, cannot be started: {error}") from error
    return Interpreter(
        program=Path(program),
        stdlib=Path(stdlib),
        libraries={name: Path(path) for path in libraries for name in _names(Path(path))},
        loader=_loader(Path(program)),
    )


def _names(library: Path) -> list[str]:
    """libz.so.1.3 is asked for as libz.so.1, which is a link to it."""
    stem = library.name.partition(".so")[0]
    links = [path for path in library.parent.glob(f"{stem}.so*") if path.resolve() == library.resolve()]
    return sorted({library.name, *(path.name for path in links)})


def _loader(program: Path) -> Path | None:
    """The entry PT_INTERP of an ELF file of 64 bits."""
    head = program.read_bytes()[:4096]
    if head[:5] != b"\x7fELF\x02":
        return None
    (table,) = struct.unpack_from("<Q", head, 32)
    size, num = struct.unpack_from("<HH", head, 54)
    for place in range(table, min(table + size * num, len(head) - size), size):
        kind, _, offset, _, _, length = struct.unpack_from("<IIQQQQ", head, place)
        if kind == 3:  # PT_INTERP
            return Path(program.read_bytes()[offset : offset + length].rstrip(b"\0").decode())
    return None
