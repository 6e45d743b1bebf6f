"""The caps of each address: they always hold, and those they keep out cost no memory."""

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
    """Counts the sockets and joins of each address: a token bucket that is forgotten once it is full.

    Times are in seconds of any clock that never runs backwards.
    """

    def __init__(self, settings: CounterSettings) -> None:
        self._max_sockets, self._join_rate = settings.max_per_address, settings.join_rate
        self._states: dict[str, _AddressState] = {}
        self._sweep_at = _KEPT

    def __len__(self) -> int:
        return len(self._states)

    def refuse(self, address: str, now: float, *, spare: int = 0) -> Refusal | None:
        """Return why ``address`` may not join; ``spare`` of its sockets are about to make way."""
        state = self._states.get(address)
        if state is None:
            return None
        if state.sockets - spare >= self._max_sockets:
            return Refusal(429, f"{self._max_sockets} sockets of one address are open", "--max-per-address")
        if self._credit(state, now) < 1:
            reason = f"one address joins more than {self._join_rate:g} times a second"
            return Refusal(429, reason, "--join-rate")
        return None

    def enter(self, address: str, now: float) -> None:
        """Count one more socket of ``address``."""
        state = self._states.get(address)
        if state is None:
            if len(self._states) >= self._sweep_at:
                self._sweep(now)
            state = self._states[address] = _AddressState(0, float(self._max_sockets), now)
        state.credit, state.at = self._credit(state, now) - 1, now
        state.sockets += 1

    def leave(self, address: str, now: float) -> None:
        """Count one socket of ``address`` less."""
        state = self._states[address]
        state.sockets -= 1
        if self._is_idle(state, now):
            del self._states[address]

    def _credit(self, state: _AddressState, now: float) -> float:
        grown = state.credit + (now - state.at) * self._join_rate
        return min(float(self._max_sockets), grown)

    def _is_idle(self, state: _AddressState, now: float) -> bool:
        return not state.sockets and self._credit(state, now) >= self._max_sockets

    def _sweep(self, now: float) -> None:
        """Forget the idle addresses; so seldom that it costs each new one next to nothing."""
        self._states = {key: state for key, state in self._states.items() if not self._is_idle(state, now)}
        self._sweep_at = max(_KEPT, 2 * len(self._states))
