/** The libraries of others, as hatch_build.py brings them from npm. A change of version changes the address. */

const RUNTIME = new URL("./vendor/onnxruntime-web-1.30.0/", import.meta.url);
const FREEHAND = new URL("./vendor/perfect-freehand-1.2.3/index.mjs", import.meta.url);

/**
 * Load the runtime for networks: WebAssembly alone, on one thread, from our own origin.
 *
 * @returns {Promise<typeof import("onnxruntime-web")>}
 */
export async function loadRuntime() {
  const runtime = await import(new URL("ort.wasm.bundle.min.mjs", RUNTIME).href);
  runtime.env.wasm.numThreads = 1;
  runtime.env.wasm.wasmPaths = { wasm: new URL("ort-wasm-simd-threaded.wasm", RUNTIME).href };
  return runtime;
}

/** Load what gives strokes their outline. @returns {Promise<typeof import("perfect-freehand")>} */
export async function loadFreehand() {
  return import(FREEHAND.href);
}
