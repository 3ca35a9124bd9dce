"""So many requests a second, as the stub server allows them: a sliding window or a bucket."""

import math
import time
from collections import deque


class Allowance:
    """What may still be asked; `num` a second, and in a bucket as many at once."""

    def __init__(self, num: float, kind: str, headers: str | None):
        self.num, self.kind, self.headers = num, kind, headers
        self.times: deque[float] = deque()
        self.level, self.at = num, 0.0

    def admits(self) -> bool:
        now = time.perf_counter()
        if self.kind == "bucket":
            self.level, self.at = min(self.num, self.level + (now - self.at) * self.num), now
            if self.level < 1:
                return False
            self.level -= 1
            return True
        while self.times and self.times[0] <= now - 1:
            self.times.popleft()
        if len(self.times) >= self.num:
            return False
        self.times.append(now)
        return True

    def lines(self) -> bytes:
        """The headers that tell of it; none unless asked for."""
        if self.headers is None:
            return b""
        if self.kind == "bucket":
            remaining, reset_s = self.level, (self.num - self.level) / self.num
        else:
            remaining = self.num - len(self.times)
            reset_s = self.times[0] + 1 - time.perf_counter() if self.times else 0.0
        reset_s = max(0.0, reset_s)
        reset = {
            "openai": f"{math.ceil(reset_s * 1000)}ms" if reset_s < 1 else f"{reset_s:.3f}s",
            "seconds": f"{reset_s:.3f}",
            "epoch": f"{time.time() + reset_s:.3f}",
        }[self.headers]
        said = {"limit": f"{self.num:g}", "remaining": str(int(remaining)), "reset": reset}
        return b"".join(f"x-ratelimit-{name}-requests: {value}\r\n".encode() for name, value in said.items())
