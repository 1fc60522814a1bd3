// Does this browser have what the course needs? If not, say so before anything large is loaded.
// Without JSPI, JupyterLab's kernel would stay at "Initializing" for ever.
(() => {
  const missing = [];
  if (typeof WebAssembly !== "object") missing.push("WebAssembly");
  else if (!("Suspending" in WebAssembly)) missing.push("JSPI, with which Python waits for a reply");
  if (typeof Worker !== "function") missing.push("workers");
  try {
    new WebAssembly.Memory({ address: "i64", initial: 1n });
  } catch {
    missing.push("64-bit WebAssembly memory, in which llama.cpp works");
  }
  globalThis.missingHere = missing;
  if (!missing.length || document.currentScript.dataset.quiet !== undefined) return;
  window.stop(); // JupyterLab is not loaded
  const root = new URL("..", document.currentScript.src).href;
  document.documentElement.innerHTML = "<body><p></p><p><a></a></p></body>";
  document.querySelector("p").textContent =
    `The course cannot run in this browser: it lacks ${missing.join(" and ")}.`;
  const link = document.querySelector("a");
  link.href = root;
  link.textContent = "Which browsers can run it, and what to do without one";
})();
