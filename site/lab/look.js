// Does this browser have what the course needs? If not, say so before anything large is loaded: without
// JSPI, JupyterLab's kernel would stay at "Initializing" for ever. If it has, name a part of JupyterLab
// that is lost later, for which the page would wait for ever.
(() => {
  const missing = [];
  if (typeof WebAssembly !== "object") missing.push("WebAssembly");
  else if (!("Suspending" in WebAssembly)) missing.push("JSPI, which lets Python wait for a reply");
  if (typeof Worker !== "function") missing.push("workers");
  try {
    new WebAssembly.Memory({ address: "i64", initial: BigInt(1) });
  } catch {
    missing.push("64-bit WebAssembly memory, which llama.cpp needs");
  }
  globalThis.missingHere = missing;
  const root = new URL("..", document.currentScript.src).href;
  if (document.currentScript.dataset.quiet !== undefined) return;
  if (!missing.length) return watch();
  window.stop(); // JupyterLab is not loaded
  document.documentElement.innerHTML = "<body><p></p><p><a></a></p></body>";
  document.querySelector("p").textContent =
    `The course cannot run in this browser: it lacks ${missing.join(" and ")}.`;
  const link = document.querySelector("a");
  link.href = root;
  link.textContent = "Which browsers can run it, and what to do without one";

  function watch() {
    addEventListener("error", ({ target }) => target.localName === "script" && tell(target.src), true);
    addEventListener("unhandledrejection", ({ reason }) => /dynamically imported/.test(reason) && tell(`${reason}`));
  }

  function tell(part) {
    if (!part.includes(root) || document.getElementById("lost-part")) return;
    const line = document.createElement("p");
    line.id = "lost-part";
    line.role = "alert";
    line.style.cssText = "position: fixed; inset: 0 0 auto; z-index: 10000; margin: 0; padding: .5rem 1rem; font: 1rem/1.4 sans-serif; color: #1d2530; background: #ffe08a";
    line.textContent = `A part of JupyterLab cannot be loaded: ${part.split("/").pop().split("?")[0]}. Go online, and reload this page.`;
    document.documentElement.append(line);
  }
})();
