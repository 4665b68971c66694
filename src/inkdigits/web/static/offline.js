/** Has the page kept for when there is no network, and new versions of it used whole. */

import { find } from "./elements.js";

/** Undefined where pages may not be kept: without TLS from another machine, or by the user's wish. */
const workers = /** @type {ServiceWorkerContainer | undefined} */ (navigator.serviceWorker);
workers?.addEventListener("controllerchange", () => location.reload()); // or two versions would be mixed

/** Have all of the page kept, once it has come to rest, and say when there is a new version. */
export async function keepPage() {
  const registration = await workers?.register(new URL("sw.js", document.baseURI), { updateViaCache: "none" });
  if (!workers || !registration) return;
  const offerWaiting = () => registration.waiting && offer(registration);
  const watch = () => registration.installing?.addEventListener("statechange", offerWaiting);
  offerWaiting();
  watch(); // the browser may have found a new version by itself
  registration.addEventListener("updatefound", watch);
  const { active } = await workers.ready;
  whenIdle(() => active?.postMessage("fill"));
}

/** @param {ServiceWorkerRegistration} registration */
function offer(registration) {
  if (!workers?.controller) return; // the first version needs no announcement
  find("new-version", HTMLElement).hidden = false;
  find("use-new-version", HTMLButtonElement).onclick = () => registration.waiting?.postMessage("use");
}

/** @param {() => void} act */
function whenIdle(act) {
  if ("requestIdleCallback" in window) requestIdleCallback(act);
  else setTimeout(act, 1000); // Safari cannot say when it is idle
}
