/** Short sentences about what has just happened, seen for some seconds and read by screen readers. */

const SHOWN_MS = 6000;
let hiding = 0;

/** @param {string} sentence */
export function announce(sentence) {
  const place = document.getElementById("announcements");
  if (place === null) {
    return;
  }
  place.textContent = sentence;
  clearTimeout(hiding);
  hiding = setTimeout(() => place.replaceChildren(), SHOWN_MS);
}
