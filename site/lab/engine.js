/* llama.cpp in the browser, which answers what llama-server answers.

   wllama is llama.cpp with the core of llama-server, compiled to WebAssembly. What it lacks is HTTP:
   addresses, keys, status codes, the form of streams and errors. They are here. In place of a socket
   there is `fetch`: a request to the address of a server of ours is answered here, any other goes
   its usual way. A page can use this module, and so can a Web Worker, such as the kernel of a notebook. */

import { Wllama } from "./wllama/index.min.js";

const WASM = new URL("./wllama/wllama.wasm", import.meta.url).href;
const servers = new Map(); // the address, such as http://127.0.0.1:8080 → its server
const elsewhere = globalThis.fetch.bind(globalThis);
let nextPort = 8080;
let kept; // the address of llama.cpp in this tab's memory: another server starts without a network

globalThis.fetch = async (resource, options) => {
  const address = new URL(resource.url ?? resource, globalThis.location.href);
  const server = servers.get(address.origin);
  if (server) {
    const request = new Request(resource, options);
    return Promise.race([server.answer(request), gone(request.signal)]);
  }
  if (address.hostname === "127.0.0.1" && address.origin !== globalThis.location.origin)
    throw new TypeError(`Nothing listens at ${address.origin}: a browser tab has no ports`);
  return elsewhere(resource, options);
};

/** Fail as soon as the client gives up, as `fetch` does; the server notices later. */
function gone(signal) {
  return new Promise((_, reject) => {
    signal.throwIfAborted();
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/** Load a model and return a server that answers at `url`.

    `model` is a Blob with a GGUF file, `name` is how the server calls it. `settings` are those of
    `loadModel` of wllama, and `api_key`. `port` is the one in the address; without it, the next. */
export async function start(model, name, settings = {}, port = undefined) {
  while (port === undefined && servers.has(`http://127.0.0.1:${nextPort}`)) nextPort += 1;
  const url = `http://127.0.0.1:${port ?? nextPort}`;
  if (servers.has(url)) throw new Error(`${url} is taken`);
  const server = new Server(url, name, settings);
  servers.set(url, server);
  try {
    await server.load(model);
  } catch (error) {
    server.stop();
    throw error;
  }
  return server;
}

/** Fetch llama.cpp: wllama would wait for ever if it is not there. */
async function llama() {
  if (kept) return kept;
  const answer = await elsewhere(WASM).catch(() => ({ status: "nothing" }));
  if (!answer.ok) throw new Error(`${WASM} cannot be fetched: the site answers ${answer.status}`);
  return URL.createObjectURL(await answer.blob());
}

const PUBLIC = new Set(["/health", "/v1/models", "/models"]); // no key is asked for
const MISSING = new Set([ // what llama-server has, and wllama has no way to
  "/completion", "/completions", "/infill", "/tokenize", "/detokenize", "/v1/messages",
  "/v1/rerank", "/rerank", "/embedding", "/embeddings", "/lora-adapters",
]);
// llama-server answers 500 to these faults of a request, and 400 to all others.
const FAULTS_OF_THE_SERVER =
  /^\[json\.exception\.parse_error|^Failed to parse (messages|tools)|input is not supported/;

/** Why a request is refused, in the form of llama-server. */
class Refusal extends Error {
  static TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    500: "server_error",
    501: "not_supported_error",
  };

  constructor(message, code = 400) {
    super(message);
    this.content = { error: { code, message, type: Refusal.TYPES[code] } };
  }

  /** A refusal in llama.cpp's own words. */
  static of(error) {
    return Object.assign(new Refusal(error.message), { content: { error } });
  }
}

class Server {
  #wllama;
  #settings;
  #lines = []; // the last that llama.cpp has written
  #wrong = []; // those of its lines that say what is wrong with the request
  #turn = Promise.resolve(); // ends with the last action that llama.cpp was asked for
  #working = new Set(); // the requests that have a slot or wait for one
  #counted = { prompt_tokens_total: 0, tokens_predicted_total: 0 };

  constructor(url, name, settings) {
    Object.assign(this, { url, name, created: Math.floor(Date.now() / 1000), running: true });
    // At level 3, the log has what llama-server writes about each task.
    const usual = { n_ctx: 0, n_parallel: 4, n_threads: 1, n_gpu_layers: 0, log_level: 3, api_key: "", reasoning: false };
    this.#settings = { ...usual, ...settings };
  }

  async load(model) {
    const logger = {
      debug: (line) => this.#note(line),
      warn: (line) => this.#note(line),
      error: (line) => this.#note(line, [line]),
      log: (line) => this.#note(line, [...this.#wrong, line]), // a message may go on for lines
    };
    // The caches are for models that wllama fetches; they need a page that is a secure context.
    const config = { logger, cacheManager: {}, modelManager: {} };
    const program = await llama();
    try {
      this.#wllama = new Wllama({ default: program }, config);
      this.#wllama.setCompat(null); // a build for browsers without JSPI, on a server elsewhere
      await this.#wllama.loadModel([model], this.#settings);
      kept = program; // not before: it may be damaged
    } catch (error) {
      if (program !== kept) URL.revokeObjectURL(program);
      throw error;
    }
    this.info = this.#wllama.getLoadedContextInfo();
  }

  get #context() {
    return this.info.n_ctx || this.info.n_ctx_train;
  }

  #note(line, wrong = this.#wrong) {
    // Errors of JavaScript and their stacks come here as well.
    if (typeof line !== "string" || line.startsWith("Stack trace")) return;
    this.#lines.push(line);
    if (this.#lines.length > 2000) this.#lines.splice(0, 1000);
    this.#wrong = wrong;
  }

  /** End the server: its memory is free, and requests under way fail as those to a dead server. */
  stop() {
    if (!this.running) return; // another server may have its address by now
    this.running = false;
    servers.delete(this.url);
    this.#wllama?.exit();
  }

  /** The last lines that llama.cpp has written. */
  log(count) {
    return this.#lines.slice(-count).join("\n");
  }

  /** Answer a request to one of the addresses of llama-server. */
  async answer(request) {
    const path = new URL(request.url).pathname.replace(/^\/v1\/health$/, "/health");
    const post = (answer) => async () => answer(await request.text(), request.signal);
    const routes = {
      "GET /health": () => ({ status: "ok" }),
      "GET /v1/models": () => this.#models(),
      "GET /models": () => this.#models(),
      "GET /props": () => this.#props(),
      "GET /slots": () => this.#slots(),
      "GET /metrics": () => this.#metrics(),
      "POST /v1/chat/completions": post((text, signal) => this.#complete(text, true, signal)),
      "POST /chat/completions": post((text, signal) => this.#complete(text, true, signal)),
      "POST /v1/completions": post((text, signal) => this.#complete(text, false, signal)),
      "POST /v1/responses": post((text, signal) => this.#respond(text, signal)),
      "POST /v1/embeddings": post((text, signal) => this.#embed(text, signal)),
      "POST /apply-template": post((text) => this.#apply(text)),
    };
    try {
      if (!PUBLIC.has(path)) this.#admit(request.headers.get("Authorization") ?? "");
      const route = routes[`${request.method} ${path}`];
      if (!route && MISSING.has(path)) throw new Refusal(`llama.cpp in a browser tab has no ${path}`, 501);
      if (!route) throw new Refusal("File Not Found", 404);
      const answer = await route();
      return answer instanceof Response ? answer : respond(answer);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return respond(error.content);
    }
  }

  #admit(authorization) {
    const keys = this.#settings.api_key.split(",");
    if (keys[0] && !keys.includes(authorization.replace("Bearer ", "")))
      throw new Refusal("Invalid API Key", 401);
  }

  #models() {
    const { n_vocab, n_ctx_train, n_embd } = this.info;
    const meta = { n_vocab, n_ctx: this.#context, n_ctx_train, n_embd };
    const entry = { id: this.name, object: "model", created: this.created, owned_by: "llamacpp", meta };
    return { object: "list", data: [entry] };
  }

  async #props() {
    const { generation_settings: params } = await this.#verbose({ messages: [] });
    return {
      default_generation_settings: { params, n_ctx: this.#context },
      total_slots: this.#settings.n_parallel,
      // llama-server tries the template to find out; wllama does not report what it found
      chat_template_caps: { supports_tools: /\btools\b/.test(this.#wllama.getChatTemplate() ?? "") },
      model_alias: this.name,
      chat_template: (this.#wllama.getChatTemplate() ?? "").replace(/\n$/, ""), // as llama-server has it
      build_info: Wllama.getLibllamaVersion(),
    };
  }

  #slots() {
    return Array.from({ length: this.#settings.n_parallel }, (_, id) => ({
      id,
      n_ctx: this.#context,
      is_processing: id < this.#working.size,
    }));
  }

  #metrics() {
    if (!this.#settings.metrics)
      throw new Refusal("This server does not support metrics endpoint. Start it with `--metrics`", 501);
    const lines = Object.entries(this.#counted).map(([name, count]) => `llamacpp:${name} ${count}\n`);
    return new Response(lines.join(""), { headers: { "Content-Type": "text/plain; version=0.0.4" } });
  }

  async #apply(text) {
    const { prompt } = await this.#verbose(JSON.parse(text));
    return { prompt };
  }

  /** What llama.cpp says about a request, beside its answer of one token. */
  async #verbose(body) {
    const text = JSON.stringify({ ...body, stream: false, max_tokens: 0, verbose: true });
    const { __verbose } = await this.#complete(text, true, new AbortController().signal);
    return __verbose;
  }

  async #complete(text, chat, signal) {
    const body = parsed(text);
    refuseInverted(body);
    const { n, prompt = "", stream } = body;
    const most = this.#settings.n_parallel;
    if (n > most)
      throw new Refusal(`Field 'n': Value must be between 1 <= value <= ${most}, but got ${n}`);
    if (n > 1 && !stream) return this.#several(choices(body), chat, signal);
    if (!chat && Array.isArray(prompt)) {
      if (!prompt.length) throw new Refusal('"prompt" must not be empty');
      if (stream || !prompt.every((one) => typeof one === "string"))
        throw new Refusal(
          "llama.cpp in a browser tab takes text as `prompt`, and only one text in a stream", 501);
      return this.#several(prompt.map((one) => ({ ...body, prompt: one })), chat, signal);
    }
    const ask = (data_json) =>
      this.#results("completion", { _name: "cmpl_req", is_chat: chat, is_asr: false, data_json: seeded(data_json), files: [] }, signal);
    const results = n > 1 ? inTurn(choices(body).map((one) => ask(JSON.stringify(one)))) : ask(text);
    const id = `chatcmpl-${crypto.getRandomValues(new Uint32Array(4)).join("")}`;
    const named = (piece) => ({ ...piece, id, model: this.name });
    let first;
    try {
      first = await results.next(); // what is wrong with the request shows here
    } catch (error) {
      const fewer = Math.floor(0.8 * body.top_logprobs);
      if (stream || !error.split || !fewer) throw error;
      return this.#complete(JSON.stringify({ ...body, top_logprobs: fewer }), chat, signal);
    }
    if (stream) {
      const headers = { "Content-Type": "text/event-stream" };
      return new Response(streamed(first, results, named), { headers });
    }
    await results.next(); // there is no more: this ends it
    return named(first.value);
  }

  /** Several choices: wllama writes one, so it is asked as often. */
  async #several(bodies, chat, signal) {
    const choose = (one) => this.#complete(JSON.stringify(one), chat, signal);
    const answers = await Promise.all(bodies.map(choose));
    return { ...answers[0], choices: answers.map((answer, index) => ({ ...answer.choices[0], index })) };
  }

  /** A request to the Responses API becomes one for a chat, as in llama-server. */
  async #respond(text, signal) {
    const { input, instructions, max_output_tokens, previous_response_id, ...others } = parsed(text);
    if (previous_response_id) throw new Refusal("llama.cpp does not support 'previous_response_id'.");
    if (input === undefined) throw new Refusal("'input' is required");
    if (typeof input !== "string" && !Array.isArray(input))
      throw new Refusal("'input' must be a string or array of objects");
    if (others.stream || others.tools?.length)
      throw new Refusal("llama.cpp in a browser tab has no stream and no tools on /v1/responses", 501);
    const said = typeof input === "string" ? [{ role: "user", content: input }] : input;
    const messages = instructions ? [{ role: "system", content: instructions }, ...said] : said;
    const chat = { ...others, messages, max_tokens: max_output_tokens };
    const { id, created, choices, usage } = await this.#complete(JSON.stringify(chat), true, signal);
    const content = [
      { type: "output_text", annotations: [], logprobs: [], text: choices[0].message.content },
    ];
    const [role, type, status] = ["assistant", "message", "completed"];
    return {
      id: id.replace("chatcmpl-", "resp_"), object: "response", model: this.name, status,
      created_at: created, completed_at: created,
      output: [{ id: id.replace("chatcmpl-", "msg_"), content, role, type, status }],
      usage: {
        input_tokens: usage.prompt_tokens,
        output_tokens: usage.completion_tokens,
        total_tokens: usage.total_tokens,
        input_tokens_details: usage.prompt_tokens_details ?? { cached_tokens: 0 },
      },
    };
  }

  async #embed(text, signal) {
    if (!this.#settings.embeddings)
      throw new Refusal("This server does not support embeddings. Start it with `--embeddings`", 501);
    const action = { _name: "embd_req", data_json: text, files: [] };
    const results = this.#results("embedding", action, signal);
    const { value } = await results.next();
    await results.next();
    return { ...value, model: this.name };
  }

  /** Ask llama.cpp for something and yield what it answers, piece by piece. */
  async *#results(name, action, signal) {
    const work = Symbol(name);
    let req_id = null;
    let more = true;
    let look = performance.now() + 1000; // as llama-server does, it looks once a second who is gone
    this.#working.add(work);
    try {
      const begun = await this.#act(name, action);
      if (!begun.success) throw new Refusal(begun.message);
      ({ req_id } = begun);
      while (more) {
        if (performance.now() >= look) {
          if (signal.aborted) throw signal.reason;
          look = performance.now() + 1000;
        }
        const result = await this.#act("get_result", { _name: "gres_req", req_id });
        more = result.has_more;
        const content = JSON.parse(result.data_json || "null"); // null: nothing yet
        if (result.is_error) throw Refusal.of(content);
        for (const piece of [content].flat()) {
          if (piece === null) continue;
          this.#counted.prompt_tokens_total += piece.timings?.prompt_n ?? 0;
          this.#counted.tokens_predicted_total += piece.timings?.predicted_n ?? 0;
          yield piece;
        }
      }
    } finally {
      // Whoever goes away frees the slot.
      if (more && this.running && req_id !== null) {
        this.#note(`srv          stop: cancel task, id_task = ${req_id}`); // as llama-server's log has it
        await this.#act("cancel", { _name: "cncl_req", req_id });
      }
      this.#working.delete(work);
    }
  }

  /** One action after another: wllama gives up all that wait when one of them fails. */
  #act(name, body) {
    const done = this.#turn.then(() => this.#acted(name, body));
    this.#turn = done.catch(() => {});
    return done;
  }

  async #acted(name, body) {
    this.#wrong = [];
    try {
      return await this.#wllama.proxy.wllamaAction(name, body);
    } catch (error) {
      // llama.cpp has written into the log why it refuses a request, and returned a null pointer.
      // wllama reads the answer there, and what it reports is an array of a senseless length.
      if (!this.running || !this.#wrong.length) throw error;
      const words = this.#wrong.join("\n");
      // A token that is part of a character cannot be reported, and takes the answer along.
      if (words.includes("invalid UTF-8"))
        throw Object.assign(
          new Refusal("A token is part of a character: ask for fewer top_logprobs, or a lower temperature", 501),
          { split: true },
        );
      throw new Refusal(words, FAULTS_OF_THE_SERVER.test(words) ? 500 : 400);
    }
  }
}

function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {}; // llama.cpp says what is wrong with it
  }
}

function respond(content) {
  return new Response(JSON.stringify(content), {
    status: content.error?.code ?? 200,
    headers: { "Content-Type": "application/json; charset=utf-8" },
  });
}

/** Refuse bounds the wrong way round, as the course's llama-server does: this build of llama.cpp
    would take memory until there is none (its issue 23108). */
function refuseInverted({ grammar, json_schema, response_format, tools }) {
  const literal = /"(\\.|[^"\\])*"|\[(\\.|[^\]\\])*\]|#.*/g;
  if (typeof grammar === "string") refuseRepetitions(grammar.replace(literal, ""));
  const schemas = [json_schema, response_format?.schema, response_format?.json_schema?.schema];
  for (const tool of [tools].flat()) schemas.push(tool?.function?.parameters);
  schemas.forEach((schema) => refuseContradictions(schema));
}

function refuseRepetitions(text) {
  for (const [, least, most] of text.matchAll(/\{\s*(\d+)\s*,\s*(\d+)\s*\}/g))
    if (+least > +most)
      throw new Refusal(`Failed to initialize samplers: failed to parse grammar: the bounds of a repetition are the wrong way round: {${least},${most}}`);
}

function refuseContradictions(part, path = "#") {
  if (part === null || typeof part !== "object") return;
  for (const [least, most] of [["minLength", "maxLength"], ["minItems", "maxItems"], ["minimum", "maximum"]])
    if (Number.isFinite(part[least]) && part[least] > part[most])
      throw new Refusal(`Unable to generate parser for this template. Automatic parser generation failed: JSON schema error at ${path}: ${least} is greater than ${most}`);
  if (typeof part.pattern === "string")
    refuseRepetitions(part.pattern.replace(/\\.|\[(\\.|[^\]\\])*\]/g, ""));
  for (const [key, inner] of Object.entries(part)) refuseContradictions(inner, `${path}/${key}`);
}

/** A request that names no seed gets one: wllama lets those that come in one moment draw alike. */
function seeded(text) {
  const body = parsed(text);
  const draws = body.constructor === Object && Object.keys(body).length && (body.seed ?? -1) === -1;
  const [seed] = crypto.getRandomValues(new Uint32Array(1));
  return draws ? JSON.stringify({ ...body, seed: seed >>> 1 }) : text;
}

/** The requests for one choice each that stand for a request with `n`, each with the next seed. */
function choices({ n, seed, ...body }) {
  return Array.from({ length: n }, (_, index) => (seed === undefined ? body : { ...body, seed: seed + index }));
}

/** What several requests answer, a piece of each in turn: the choices of one stream. */
async function* inTurn(many) {
  let open = [...many.entries()];
  try {
    while (open.length)
      for (const [index, results] of open) {
        const { value, done } = await results.next();
        if (done) open = open.filter(([other]) => other !== index);
        else yield { ...value, choices: value.choices.map((choice) => ({ ...choice, index })) };
      }
  } finally {
    await Promise.all(many.map((results) => results.return()));
  }
}

/** The events of a stream. They are written as they come: a reader who never ends keeps no slot. */
function streamed(first, results, named) {
  const encoder = new TextEncoder();
  let gone = false;
  return new ReadableStream({
    async start(controller) {
      const send = (event) => gone || controller.enqueue(encoder.encode(`data: ${event}\n\n`));
      try {
        for (let next = first; !next.done && !gone; next = await results.next())
          send(JSON.stringify(named(next.value)));
        send("[DONE]");
      } catch (error) {
        if (!(error instanceof Refusal)) return gone || controller.error(error);
        send(JSON.stringify(error.content));
      }
      if (gone) await results.return();
      else controller.close();
    },
    cancel() {
      gone = true;
      return results.return();
    },
  });
}
