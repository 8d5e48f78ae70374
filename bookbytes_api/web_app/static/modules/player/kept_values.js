/** What the player keeps in this browser for one person; what another person has left here is removed. */

const PREFIX = "player/";

export class KeptValues {
  /** @param {string} user the person's id */
  constructor(user) {
    this.prefix = `${PREFIX}${user}/`;
    forgetOthers(this.prefix);
  }

  /**
   * @template T
   * @param {string} name
   * @param {T} otherwise what is returned where nothing is kept
   * @returns {T}
   */
  get(name, otherwise) {
    try {
      const kept = localStorage.getItem(this.prefix + name);
      return kept === null ? otherwise : JSON.parse(kept);
    } catch {
      return otherwise;
    }
  }

  /**
   * Keep a value; where the browser keeps nothing, playing goes on without.
   * @param {string} name
   * @param {unknown} value
   */
  set(name, value) {
    try {
      localStorage.setItem(this.prefix + name, JSON.stringify(value));
    } catch {
      // private windows and full disks refuse: places still go to the server
    }
  }

  /** @param {string} name */
  remove(name) {
    try {
      localStorage.removeItem(this.prefix + name);
    } catch {
      // as above
    }
  }
}

/** @param {string} ownPrefix */
function forgetOthers(ownPrefix) {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(PREFIX) && !key.startsWith(ownPrefix)) {
        localStorage.removeItem(key);
      }
    }
  } catch {
    // nothing is kept where the browser allows no storage
  }
}
