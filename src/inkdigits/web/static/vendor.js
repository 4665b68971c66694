/** The libraries of others, as hatch_build.py brings them from npm. A change of version changes the address. */

const RUNTIME = "./vendor/onnxruntime-web/ort.wasm.bundle.min.mjs?v=1.30.0";
const PROGRAM = "./vendor/onnxruntime-web/ort-wasm-simd-threaded.wasm?v=1.30.0"; // "web build" has it packed
const FREEHAND = "./vendor/perfect-freehand/index.mjs?v=1.2.3";

/** How what gzip made begins. A host that says so of a file has it unpacked on the way. */
const GZIP = [0x1f, 0x8b];

/** @param {string} path */
function address(path) {
  return new URL(path, import.meta.url).href;
}

/**
 * Load the runtime for networks: WebAssembly alone, on one thread, from our own origin.
 *
 * @returns {Promise<typeof import("onnxruntime-web")>}
 */
export async function loadRuntime() {
  const packed = PROGRAM.includes(".gz?") ? loadPacked(address(PROGRAM)) : undefined;
  const runtime = await import(address(RUNTIME));
  runtime.env.wasm.numThreads = 1;
  runtime.env.wasm.wasmPaths = { wasm: address(PROGRAM) };
  runtime.env.wasm.wasmBinary = await packed;
  return runtime;
}

/** Load a file that lies packed on a host that does not say so. @param {string} url @returns {Promise<ArrayBuffer>} */
async function loadPacked(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const content = await answer.arrayBuffer();
  const start = new Uint8Array(content, 0, GZIP.length);
  if (GZIP.some((value, at) => start[at] !== value)) return content;
  return new Response(new Blob([content]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** Load what gives strokes their outline. @returns {Promise<typeof import("perfect-freehand")>} */
export async function loadFreehand() {
  return import(address(FREEHAND));
}
