/** The slider that says where the clip is, and goes elsewhere. */
import { part } from "../parts.js";
import { clock, spokenTime } from "./times.js";

/**
 * @param {HTMLElement} element
 * @param {import("./player.js").Player} player
 */
export function showSeekSlider(element, player) {
  const slider = part(element, "#player-seek", HTMLInputElement);
  const elapsed = part(element, ".player-elapsed", HTMLElement);
  const length = part(element, ".player-length", HTMLElement);
  let isDragged = false;

  /** @param {number} seconds */
  const show = (seconds) => {
    const { duration } = player;
    slider.max = String(Math.ceil(duration));
    slider.value = String(Math.floor(seconds));
    setText(elapsed, clock(seconds));
    setText(length, clock(duration));
    const spoken = `${spokenTime(seconds)} of ${spokenTime(duration)}`;
    if (slider.getAttribute("aria-valuetext") !== spoken) {
      slider.setAttribute("aria-valuetext", spoken);
    }
  };
  const follow = () => {
    if (!isDragged) {
      show(player.seconds);
    }
  };
  slider.addEventListener("input", () => {
    isDragged = true;
    show(slider.valueAsNumber);
  });
  slider.addEventListener("change", () => {
    isDragged = false;
    player.seek(slider.valueAsNumber);
  });
  for (const name of ["time", "change"]) {
    player.addEventListener(name, follow);
  }
}

/**
 * @param {HTMLElement} place
 * @param {string} text
 */
function setText(place, text) {
  if (place.textContent !== text) {
    place.textContent = text;
  }
}
