"""How many are let in: caps that hold whatever happens, and cost no memory for those they keep out."""

from __future__ import annotations

from dataclasses import dataclass

from livereload_loc.access import Refusal
from livereload_loc.settings import CounterSettings

_KEPT = 10_000


@dataclass(slots=True)
class _AddressState:
    sockets: int
    credit: float
    at: float


class AddressLimiter:
    """Counts the sockets and joins of each address: a token bucket that is forgotten once it is full."""

    def __init__(self, limits: CounterSettings) -> None:
        self._limits = limits
        self._lines: dict[str, _AddressState] = {}
        self._sweep_at = _KEPT

    def __len__(self) -> int:
        return len(self._lines)

    def refuse(self, address: str, now: float, *, spare: int = 0) -> Refusal | None:
        """Why ``address`` may not join at ``now``, in seconds; ``spare`` of its places are to come free."""
        line = self._lines.get(address)
        if line is None:
            return None
        if line.sockets - spare >= self._limits.max_per_address:
            reason = f"{self._limits.max_per_address} sockets of one address are open"
            return Refusal(429, reason, "--max-per-address")
        if self._credit(line, now) < 1:
            return Refusal(429, f"one address joins more than {self._limits.join_rate:g} times a second",
                           "--join-rate")  # fmt: skip
        return None

    def enter(self, address: str, now: float) -> None:
        """A page of ``address`` takes a place."""
        line = self._lines.get(address)
        if line is None:
            if len(self._lines) >= self._sweep_at:
                self._sweep(now)
            line = self._lines[address] = _AddressState(0, float(self._limits.max_per_address), now)
        line.credit, line.at = self._credit(line, now) - 1, now
        line.sockets += 1

    def leave(self, address: str, now: float) -> None:
        """It gives the place back."""
        line = self._lines[address]
        line.sockets -= 1
        if self._is_idle(line, now):
            del self._lines[address]

    def _credit(self, line: _AddressState, now: float) -> float:
        grown = line.credit + (now - line.at) * self._limits.join_rate
        return min(float(self._limits.max_per_address), grown)

    def _is_idle(self, line: _AddressState, now: float) -> bool:
        return not line.sockets and self._credit(line, now) >= self._limits.max_per_address

    def _sweep(self, now: float) -> None:
        """Forget who is gone; so seldom that it costs next to nothing for each who comes."""
        self._lines = {address: line for address, line in self._lines.items() if not self._is_idle(line, now)}
        self._sweep_at = max(_KEPT, 2 * len(self._lines))
