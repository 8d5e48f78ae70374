/** Keys that work while the focus is in the player, and nowhere else. */
import { BACK_S, FORWARD_S } from "./skips.js";

const VOLUME_STEP = 0.1;

/**
 * @param {HTMLElement} element
 * @param {import("./player.js").Player} player
 * @param {import("./settings.js").Settings} settings
 * @param {() => void} showHelp
 */
export function listenForShortcuts(element, player, settings, showHelp) {
  /** @type {Record<string, () => void>} */
  const keys = {
    k: () => player.toggle(),
    " ": () => player.toggle(),
    j: () => player.skip(-BACK_S),
    l: () => player.skip(FORWARD_S),
    arrowleft: () => player.skip(-BACK_S),
    arrowright: () => player.skip(FORWARD_S),
    arrowup: () => settings.changeVolume(VOLUME_STEP),
    arrowdown: () => settings.changeVolume(-VOLUME_STEP),
    m: () => settings.toggleMute(),
    "<": () => settings.changeSpeed(-1),
    ">": () => settings.changeSpeed(1),
    n: () => player.next(),
    p: () => player.previous(),
    "?": showHelp,
  };
  element.addEventListener("keydown", (event) => {
    const action = keys[event.key.toLowerCase()];
    const isOther = event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented;
    if (action && !isOther && !belongsToControl(event)) {
      event.preventDefault();
      action();
    }
  });
}

/**
 * Whether a control does something of its own with this key: a list, a slider, a button.
 * @param {KeyboardEvent} event
 */
function belongsToControl({ key, target }) {
  const isArrow = key.startsWith("Arrow");
  if (target instanceof HTMLSelectElement) {
    return key !== "?";
  }
  if (target instanceof HTMLInputElement) {
    return isArrow;
  }
  return key === " " && target instanceof Element && target.matches("button, a, summary");
}
