/** The time that is left, in words. */

/**
 * @param {number | null} seconds
 * @returns {string} as `time_left` in `request_wording.py` says it
 */
export function timeLeft(seconds) {
  if (seconds === null) {
    return "calculating the time";
  }
  if (seconds < 50) {
    return "less than a minute left";
  }
  const minutes = Math.round(seconds / 60);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours > 0) {
    return rest > 0 ? `about ${hours} h ${rest} min left` : `about ${hours} h left`;
  }
  return minutes === 1 ? "about a minute left" : `about ${minutes} minutes left`;
}
