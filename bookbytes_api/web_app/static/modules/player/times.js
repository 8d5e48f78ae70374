/** Places in a clip as people read and hear them. */

/**
 * @param {number} seconds
 * @returns {string} `4:03`, `1:04:03`
 */
export function clock(seconds) {
  const { hours, minutes, rest } = split(seconds);
  const ended = String(rest).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${ended}` : `${minutes}:${ended}`;
}

/**
 * @param {number} seconds
 * @returns {string} `4 minutes 3 seconds`, without what is zero
 */
export function spokenTime(seconds) {
  const { hours, minutes, rest } = split(seconds);
  const parts = [counted(hours, "hour"), counted(minutes, "minute"), counted(rest, "second")].filter(Boolean);
  return parts.join(" ") || "0 seconds";
}

/** @param {number} seconds */
function split(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return { hours: Math.floor(whole / 3600), minutes: Math.floor(whole / 60) % 60, rest: whole % 60 };
}

/**
 * @param {number} number
 * @param {string} unit
 */
function counted(number, unit) {
  return number ? `${number} ${unit}${number === 1 ? "" : "s"}` : "";
}
