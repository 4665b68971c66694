/** Makes and finds elements of the page. */

/**
 * Make an element. What it says is text, never markup.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} name of its class
 * @param {...(string | Node)} content
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, name, ...content) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...content);
  return made;
}

/**
 * Make a button.
 *
 * @param {string} name of its class
 * @param {string} content
 * @param {() => void} onClick
 */
export function button(name, content, onClick) {
  const made = element("button", name, content);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

/**
 * Find an element that index.html has.
 *
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function find(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} #${id}.`);
  return found;
}

/** Hand a file to whoever reads the page. @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const link = element("a", "");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser has begun to write it by then
}
