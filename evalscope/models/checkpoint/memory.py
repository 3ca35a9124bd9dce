"""How much memory there is for more, as far as a look at the device tells."""

from pathlib import Path

import torch


def free_bytes(device: torch.device) -> int | None:
    """What could be allocated on a device now; None where nobody says."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        # what torch holds and does not use is free for us
        return int(free) + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory()) - int(torch.mps.driver_allocated_memory())
    if device.type == "cpu":
        known = [found for found in (_available(Path("/proc/meminfo")), _left(Path("/sys/fs/cgroup"))) if found]
        return min(known, default=None)
    return None


def _available(path: Path) -> int | None:
    """What Linux could give without swapping."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(found[0]) * 1024 if found else None


def _left(folder: Path) -> int | None:
    """What a container's limit leaves."""
    try:
        limit, used = ((folder / name).read_text(encoding="ascii").strip() for name in ("memory.max", "memory.current"))
    except OSError:
        return None
    return int(limit) - int(used) if limit.isdecimal() else None
