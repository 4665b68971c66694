/**
 * Keeps the page, its runtime and its networks for when there is no network. Each version has a cache of its own and is
 * used whole: whatever it takes from the network must be of its build. Answers of the API are never kept.
 *
 * web/build.py puts `self.build` before these lines.
 *
 * @typedef {object} Build
 * @property {string} digest of all of it
 * @property {Record<string, string>} shell files without which nothing runs: address, relative to the page -> integrity
 * @property {Record<string, string>} rest the large ones
 */

const worker = /** @type {any} */ (self); // the types of workers and those of pages exclude each other
const build = /** @type {Build} */ (worker.build);
const page = /** @type {string} */ (worker.registration.scope);
const caches_of_page = `inkdigits ${page} `; // an origin may hold the page at several places
const cache_name = caches_of_page + build.digest;
const shell = Object.keys(build.shell).map(toUrl);
const rest = Object.keys(build.rest).map(toUrl);
const integrities = new Map(
  Object.entries({ ...build.shell, ...build.rest }).map(([address, integrity]) => [toUrl(address), integrity]),
);

/** @param {string} address */
function toUrl(address) {
  return new URL(address, page).href;
}

/** Return a file of this build, and keep it. @param {string} url @returns {Promise<Response>} */
async function take(url) {
  const cache = await caches.open(cache_name);
  const known = await cache.match(url, { ignoreVary: true });
  if (known) return known;
  const answer = (await findElsewhere(url)) ?? (await fetch(url, { integrity: integrities.get(url), cache: "no-cache" }));
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  await cache.put(url, answer.clone());
  return answer;
}

/** Look into the caches of other versions for a file whose address changes with its content. @param {string} url */
async function findElsewhere(url) {
  return url.includes("?v=") ? caches.match(url, { ignoreVary: true }) : undefined;
}

/** Take the shell, so that the page starts; over an older version all, so that nothing is missing when it takes over. */
async function install() {
  await Promise.all(shell.map(take));
  if (worker.registration.active) await fill();
}

/** Take what is large, one after the other: nobody waits for it. */
async function fill() {
  for (const url of rest) await take(url);
}

/** Remove older versions: no page uses them any more. */
async function clean() {
  const names = (await caches.keys()).filter((name) => name.startsWith(caches_of_page) && name !== cache_name);
  await Promise.all(names.map((name) => caches.delete(name)));
}

/** What pages may ask for. @type {Record<string, () => Promise<void>>} */
const calls = {
  fill,
  use: () => worker.skipWaiting(),
};

/** Return a file, or the part of it that a player asks for. @param {Request} request @param {string} url */
async function answer(request, url) {
  const whole = await take(url);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
  return range ? cut(whole, Number(range[1]), range[2] && Number(range[2])) : whole;
}

/** @param {Response} whole @param {number} start @param {number | ""} last "": up to the end */
async function cut(whole, start, last) {
  const content = await whole.blob();
  const end = last === "" ? content.size : Math.min(last + 1, content.size);
  const headers = { "Content-Type": content.type, "Content-Range": `bytes ${start}-${end - 1}/${content.size}` };
  return new Response(content.slice(start, end), { status: 206, headers });
}

/** Return the address of what is asked for: the page has two, with whatever stands behind them. @param {Request} request */
function toAsked({ url, mode }) {
  const bare = url.replace(/[?#].*$/, "");
  return mode === "navigate" && [page, `${page}index.html`].includes(bare) ? page : url;
}

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(install()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(clean()));
worker.addEventListener("message", (/** @type {any} */ event) => event.waitUntil(calls[event.data]()));
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const url = toAsked(event.request);
  if (event.request.method === "GET" && integrities.has(url)) event.respondWith(answer(event.request, url));
});
