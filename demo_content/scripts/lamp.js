// How the light shows itself: so many flashes, then dark until the period is over.
export const character = { flashes: 2, period: 10_000 };

const FLASH = 500; // milliseconds

export function describe({ flashes, period }) {
  const times = ["No flash", "One flash", "Two flashes", "Three flashes", "Four flashes"][flashes];
  return `${times ?? `${flashes} flashes`} every ${period / 1000} seconds.`;
}

/** Keeps the lamp going; a lamp for people who want no motion simply stays on. */
export function keep(lamp, { flashes, period } = character) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
    lamp.classList.add("lit");
    return;
  }
  const round = () => {
    for (let n = 0; n < flashes; n++) {
      setTimeout(() => lamp.classList.add("lit"), n * 3 * FLASH);
      setTimeout(() => lamp.classList.remove("lit"), n * 3 * FLASH + FLASH);
    }
  };
  round();
  setInterval(round, period);
}
