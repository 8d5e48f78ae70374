/**
 * Places and listening time on their way to the server. What cannot be sent is kept, and sent with the next report, when
 * the network is back, or when the next page is loaded. The server takes the same report twice without harm. Who is
 * signed out meanwhile listens on, and signs in when something else asks for it.
 */
import { send } from "../api.js";

/**
 * @typedef {{book_id: string, [field: string]: unknown}} Report of a place
 * @typedef {{id: string, [field: string]: unknown}} Sitting how long a book has been listened to in one go
 */

const POSITIONS = { name: "positions", address: "/api/v1/me/positions" };
const SITTINGS = { name: "sessions", address: "/api/v1/me/listening/sessions/offline" };
const OFFLINE = 0;
/** Statuses after which the server may take the same report later: signed out, asked too often. */
const RETRYABLE = [401, 429];

export class Reports {
  /**
   * @param {import("./kept_values.js").KeptValues} kept
   * @param {AbortSignal} signal
   */
  constructor(kept, signal) {
    this.kept = kept;
    addEventListener("online", () => void this.send(), { signal });
    void this.send();
  }

  /** @param {Report} report takes the place of an earlier one of the book */
  addPosition(report) {
    this.#add(POSITIONS.name, report.book_id, report);
  }

  /** @param {Sitting} sitting as it is now */
  addSitting(sitting) {
    this.#add(SITTINGS.name, sitting.id, sitting);
  }

  /** @param {boolean} [keepalive] whether the page is being left */
  async send(keepalive = false) {
    await Promise.all([POSITIONS, SITTINGS].map((kind) => this.#sendAll(kind, keepalive)));
  }

  /**
   * @param {{name: string, address: string}} kind
   * @param {boolean} keepalive
   */
  async #sendAll({ name, address }, keepalive) {
    const unsent = Object.entries(this.#unsent(name));
    if (unsent.length === 0) {
      return;
    }
    const reports = { [name]: unsent.map(([, report]) => report) };
    const status = await send("POST", address, reports, { keepalive }).then((answer) => answer.status, () => OFFLINE);
    if (status !== OFFLINE && status < 500 && !RETRYABLE.includes(status)) {
      this.#remove(name, unsent);
    }
  }

  /**
   * @param {string} name
   * @param {[string, unknown][]} sent those that have changed since are kept
   */
  #remove(name, sent) {
    const unsent = this.#unsent(name);
    for (const [key, report] of sent) {
      if (JSON.stringify(unsent[key]) === JSON.stringify(report)) {
        delete unsent[key];
      }
    }
    this.kept.set(`unsent/${name}`, unsent);
  }

  /**
   * @param {string} name
   * @param {string} key
   * @param {unknown} report
   */
  #add(name, key, report) {
    this.kept.set(`unsent/${name}`, { ...this.#unsent(name), [key]: report });
  }

  /**
   * @param {string} name
   * @returns {Record<string, unknown>}
   */
  #unsent(name) {
    return this.kept.get(`unsent/${name}`, {});
  }
}
