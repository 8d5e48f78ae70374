/** `<book-player>`: the player at the end of every page, which plays on while people move between pages. */
import { part } from "../parts.js";
import { showBar } from "./bar.js";
import { goOnAfterChapters } from "./going_on.js";
import { KeptValues } from "./kept_values.js";
import { showInMediaSession } from "./media_session.js";
import { pauseOtherTabs } from "./other_tabs.js";
import { Places } from "./places.js";
import { servePlayButtons } from "./play_buttons.js";
import { Player } from "./player.js";
import { Recorder } from "./recorder.js";
import { Recovery } from "./recovery.js";
import { Reports } from "./reports.js";
import { Settings } from "./settings.js";
import { Sheet } from "./sheet.js";
import { listenForShortcuts } from "./shortcuts.js";
import { SleepTimer } from "./sleep_timer.js";

class BookPlayer extends HTMLElement {
  #leaving = new AbortController();

  connectedCallback() {
    const user = document.body.dataset.user;
    if (user !== undefined) {
      this.#start(new KeptValues(user), this.#leaving.signal);
    }
  }

  disconnectedCallback() {
    this.#leaving.abort();
    this.querySelector("audio")?.pause();
  }

  /**
   * @param {KeptValues} kept
   * @param {AbortSignal} signal
   */
  #start(kept, signal) {
    const player = new Player(part(this, "audio", HTMLAudioElement), new Places(kept));
    const settings = new Settings(player, kept);
    const sleepTimer = new SleepTimer(player);
    const recovery = new Recovery(player, signal);
    new Recorder(player, new Reports(kept, signal), signal);
    goOnAfterChapters(player, sleepTimer);
    const sheet = new Sheet(this, player, settings, sleepTimer);
    showBar(this, player, sheet, recovery);
    showInMediaSession(player);
    servePlayButtons(player, signal);
    pauseOtherTabs(player, signal);
    listenForShortcuts(this, player, settings, () => sheet.showHelp());
    openLast(player);
    document.addEventListener("visibilitychange", () => openLast(player), { signal });
  }
}

/**
 * Show the book that was played last where its listener is by now, perhaps with another device.
 * @param {Player} player
 */
function openLast(player) {
  const bookId = player.book?.id ?? player.places.lastBook;
  if (bookId !== null && !document.hidden && !player.wantsToPlay) {
    void player.open(bookId);
  }
}

customElements.define("book-player", BookPlayer);
