/** One tab plays at a time: the one in which somebody pressed play last. */

/**
 * @param {import("./player.js").Player} player
 * @param {AbortSignal} signal
 */
export function pauseOtherTabs(player, signal) {
  const tabs = new BroadcastChannel("bookbytes-player");
  player.addEventListener("play", () => tabs.postMessage("play"));
  tabs.addEventListener("message", () => player.pause());
  signal.addEventListener("abort", () => tabs.close());
}
