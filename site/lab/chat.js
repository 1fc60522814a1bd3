/* A conversation with cria on the front page: the engine's server, and a request as a lesson sends it. */

import { start } from "./engine.js";

const form = document.querySelector("form");
const log = document.getElementById("log");
const field = document.getElementById("text");
const MOST = 300; // tokens of a reply
const CUT =
  ` … (Cut off: a reply has at most ${MOST} tokens. If this happens after a few words, the conversation ` +
  "has filled the model's context: reload this page to start a new one.)";

/** Start cria, and answer what is typed. `digest` is what the site says of the file `model`. */
export async function talk(model, digest) {
  await compare(model, digest);
  const server = await start(model, "cria", { n_parallel: 1 });
  const messages = [];
  form.onsubmit = async (event) => {
    event.preventDefault();
    const content = event.submitter?.value || field.value.trim();
    if (!content) return field.focus();
    field.value = "";
    field.focus(); // a button that is off would lose it
    ready(false);
    const [said] = show("user", "You", "span");
    said.textContent = content;
    const [thought, reply, note] = show("assistant", "cria", "i", "span", "small");
    messages.push({ role: "user", content });
    try {
      for await (const { delta, finish_reason } of pieces(await ask(server, messages))) {
        thought.textContent += delta.reasoning_content ?? "";
        reply.textContent += delta.content ?? "";
        if (finish_reason === "length") note.textContent = CUT;
        form.scrollIntoView({ block: "nearest" });
      }
      messages.push({ role: "assistant", content: reply.textContent });
    } catch (error) {
      messages.pop();
      const what = reply.textContent ? " (The reply broke off" : "(No answer";
      note.textContent = `${what}: ${error.message ?? error}. Reload this page to start a new conversation.)`;
      form.scrollIntoView({ block: "nearest" });
    }
    ready(true);
  };
  ready(true);
  if (document.activeElement === document.body) field.focus({ preventScroll: true });
}

/** Compare the file with its digest, where a browser can: on a secure page. */
async function compare(model, digest) {
  if (!crypto.subtle) return;
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await model.arrayBuffer()));
  const found = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (!digest.startsWith(found))
    throw new Error("models/cria.gguf is not the file whose digest the site has. It was damaged, or replaced.");
}

/** A screen reader reads a reply when it is complete. */
function ready(yes) {
  log.ariaBusy = String(!yes);
  for (const button of form.querySelectorAll("button")) button.disabled = !yes;
}

/** Add a line to the log, and return its parts: elements of these kinds. */
function show(role, name, ...kinds) {
  const line = document.createElement("p");
  const who = document.createElement("b");
  const parts = kinds.map((kind) => document.createElement(kind));
  line.className = role;
  who.textContent = name;
  line.append(who, ...parts);
  log.append(line);
  return parts;
}

async function ask(server, messages) {
  const chat_template_kwargs = { enable_thinking: true };
  const body = JSON.stringify({ messages, stream: true, temperature: 0, max_tokens: MOST, chat_template_kwargs });
  const answer = await fetch(`${server.url}/v1/chat/completions`, { method: "POST", body });
  if (!answer.ok) throw new Error((await answer.json()).error.message);
  return answer;
}

/** The pieces of a thought and of the reply after it, from the events of a stream. */
async function* pieces(answer) {
  let rest = "";
  for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines.filter((line) => line.startsWith("data: {"))) {
      const event = JSON.parse(line.slice("data: ".length));
      if (event.error) throw new Error(event.error.message);
      yield* event.choices;
    }
  }
}
