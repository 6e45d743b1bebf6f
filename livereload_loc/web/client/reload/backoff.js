// How long the client waits before it looks for its server again.

// A server that restarts is back within so many attempts, some four seconds. One that was stopped stays away.
const QUICK = 50;

/**
 * Return the milliseconds until the next attempt: 100, later up to 2000, and less by up to a half, since pages that
 * lost the server together should not come together.
 * @param {number} attempts how many there were
 * @param {number} jitter from 0 to 1
 */
export const pauseMs = (attempts, jitter = Math.random()) =>
  (1 - jitter / 2) * Math.min(100 * 2 ** Math.max(0, attempts - QUICK), 2000);
