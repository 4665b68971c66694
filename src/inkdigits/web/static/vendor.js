/** The libraries of others, as hatch_build.py brings them from npm. A change of version changes the address. */

const RUNTIME = "./vendor/onnxruntime-web/";
const RUNTIME_VERSION = "?v=1.30.0";
const FREEHAND = "./vendor/perfect-freehand/index.mjs?v=1.2.3";

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
  const runtime = await import(address(`${RUNTIME}ort.wasm.bundle.min.mjs${RUNTIME_VERSION}`));
  runtime.env.wasm.numThreads = 1;
  runtime.env.wasm.wasmPaths = { wasm: address(`${RUNTIME}ort-wasm-simd-threaded.wasm${RUNTIME_VERSION}`) };
  return runtime;
}

/** Load what gives strokes their outline. @returns {Promise<typeof import("perfect-freehand")>} */
export async function loadFreehand() {
  return import(address(FREEHAND));
}
