/**
 * What a book takes, in words.
 * @typedef {{chapters: number | null, audio_seconds: number | null, eta_seconds: number | null, cost_usd: number | null}} Estimate
 */

const CENT = 0.01;

/**
 * @param {Estimate} estimate
 * @returns {{sound: string, time: string, cost: string}}
 */
export function inWords(estimate) {
  if (estimate.chapters === null) {
    const unknown = "unknown until its chapters are";
    return { sound: unknown, time: unknown, cost: unknown };
  }
  return {
    sound: estimate.audio_seconds === null ? "unknown" : `about ${duration(estimate.audio_seconds)}`,
    time: estimate.eta_seconds === null ? "unknown until a first book is made here" : `about ${duration(estimate.eta_seconds)}`,
    cost: cost(estimate.cost_usd),
  };
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 60) {
    return "a minute";
  }
  const minutes = Math.round(seconds / 60);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return hours === 0 ? `${minutes} min` : rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** @param {number | null} dollars */
function cost(dollars) {
  if (dollars === null) {
    return "unknown: nobody has entered the prices here";
  }
  if (dollars === 0) {
    return "nothing";
  }
  return dollars < CENT ? "less than 1 cent" : `about $${dollars.toFixed(2)}`;
}
