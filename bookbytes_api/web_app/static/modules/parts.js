/** Finding the parts of an element's own markup. */

/**
 * Return the first element of this kind that the selector finds; throws `TypeError` if the template has none.
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T}
 */
export function part(root, selector, kind) {
  const found = root.querySelector(selector);
  if (found instanceof kind) {
    return found;
  }
  throw new TypeError(`There is no ${kind.name} ${selector}.`);
}
