// Small comforts on top of pages that work without any of this; htmx makes the requests.

// The page lets no string become HTML but by this policy, and only where htmx parses our own answers.
const sinks = ["Document parseHTMLUnsafe", "DOMParser parseFromString", "Element insertAdjacentHTML"];
window.trustedTypes?.createPolicy("default", {
  createHTML: (html, _type, sink) => (sinks.includes(sink) ? html : null),
});

const TEXT = "input[type=text], textarea";
const LINE = "form[data-line]"; // a form that stays open for the next text
const byId = (id) => document.getElementById(id);
const on = (event, react) => document.addEventListener(event, react);

// ---- Busy: a pressed button keeps the focus (`disabled` would lose it) but does nothing more until it is answered.

const waiting = []; // names of the list's buttons that were pressed meanwhile: on a slow line no press is lost

on("click", (event) => {
  const button = event.target.closest("input[type=submit]");
  if (button?.hasAttribute("aria-disabled")) event.preventDefault();
  else if (button?.form?.matches("#list-form.htmx-request")) {
    event.preventDefault();
    busy(button);
    waiting.push(button.name);
  }
});
on("htmx:beforeRequest", ({ detail }) => {
  const button = detail.requestConfig.triggeringEvent?.submitter;
  if (button && !detail.elt.matches(LINE)) busy(button);
});
on("htmx:afterRequest", ({ detail }) => {
  if (detail.xhr.getResponseHeader("HX-Redirect")) return; // busy until the next page is there
  ready();
  if (detail.elt.id === "list-form") setTimeout(() => document.getElementsByName(waiting.shift())[0]?.click());
});
window.addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  ready();
  byId("alerts").replaceChildren(); // Back shows the page again, not what was said on it
  for (const secret of document.querySelectorAll(".secret")) secret.remove();
});

function busy(button) {
  button.setAttribute("aria-disabled", "true"); // `ariaDisabled` is unknown to Firefox before 119
}
function ready() {
  for (const button of document.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

// ---- No answer, or one that is not ours (a proxy's error page): say so; nothing was swapped, all text is still there.

function noAnswer() {
  const alerts = byId("alerts");
  alerts.replaceChildren();
  alerts.insertAdjacentHTML("beforeend", alerts.dataset.noAnswer);
}
on("htmx:sendError", noAnswer);
on("htmx:timeout", noAnswer);
on("htmx:targetError", noAnswer);
on("htmx:responseError", ({ detail }) => {
  if (!detail.xhr.responseText.includes("innerHTML:#alerts")) noAnswer();
});

// ---- Fast fingers: the box empties when its text is sent; what is sent meanwhile waits in line, each with a key of its own.

const line = []; // texts, in their order
let sent = null; // what is under way: its text and its key
let next = null; // the text that is sent instead of what stands in the box
let stopped = false; // a text came back: the rest waits until that was sent again

const went = ({ xhr }) => xhr.status >= 200 && xhr.status < 400; // `successful` is unset before a redirect
const join = (...texts) => texts.filter(Boolean).join(" ");
const boxOf = (form) => form.querySelector(TEXT);

document.addEventListener("submit", (event) => {
  if (!event.target.matches(LINE)) return;
  const box = boxOf(event.target);
  if (sent) {
    event.preventDefault();
    event.stopPropagation();
    if (!box.value.trim()) return; // a second press of what is under way
    line.push(box.value);
    box.value = "";
    showLine();
  } else if (!box.value.trim()) next ??= line.shift();
}, true); // before htmx sees it
on("htmx:configRequest", ({ detail }) => {
  if (!next || !detail.elt.matches(LINE)) return;
  detail.formData.set(boxOf(detail.elt).name, next);
});
on("htmx:beforeRequest", ({ detail }) => {
  if (!detail.elt.matches(LINE)) return;
  const box = boxOf(detail.elt);
  const { formData } = detail.requestConfig;
  sent = { text: formData.get(box.name), key: formData.get("submission") };
  if (!next) box.value = "";
  next = null;
  showLine();
});
on("htmx:oobBeforeSwap", ({ detail }) => {
  const forms = [detail.target, detail.fragment].map((part) => part.querySelector(LINE));
  if (!forms[0] || !forms[1] || detail.target.querySelector(".invalid-feedback")) return;
  for (const { name, value } of forms[1].querySelectorAll("[type=hidden]")) forms[0].elements[name].value = value;
  detail.shouldSwap = false; // somebody is writing there: the new form's keys are all that it needs
});
on("htmx:afterRequest", ({ detail }) => {
  if (!detail.requestConfig.elt.matches(LINE)) return; // the form itself: an answer may have replaced it
  const { status } = detail.xhr;
  if (detail.xhr.getResponseHeader("HX-Redirect")) sent.done = true; // what waits goes along to the next page
  else {
    const { text } = sent;
    sent = null;
    stopped = !went(detail);
    if (!stopped) {
      const form = document.querySelector(LINE);
      if (form?.contains(document.activeElement)) boxOf(form).focus(); // from the button, for the next one
      setTimeout(sendNext);
    }
    else if (status !== 422 && status !== 409) giveBack(text); // those bring the text in their form
    showLine();
  }
});

function sendNext() {
  const form = document.querySelector(LINE);
  if (sent || !form || !line.length) return;
  next = line.shift();
  form.requestSubmit();
}
function giveBack(text) {
  const box = boxOf(document.querySelector(LINE));
  box.value = join(text, box.value);
}
function showLine() { // it is seen when it lasts
  clearTimeout(showLine.timer);
  const form = document.querySelector(LINE);
  form?.querySelector(".unsent")?.remove();
  if (!form || !line.length) return;
  showLine.timer = setTimeout(() => {
    const list = document.createElement("ul");
    list.className = "unsent form-text";
    list.setAttribute("aria-label", form.dataset.line);
    list.append(...line.map((text) => Object.assign(document.createElement("li"), { textContent: text, dir: "auto" })));
    form.append(list);
  }, 700);
}

// ---- What is typed outlives the page: a wrong click, reload, another language. It waits for its own field and owner.

const KEPT = "typed"; // in this tab's sessionStorage, until its field is there again
const done = new WeakSet(); // forms that were sent, and not written in since

on("input", ({ target }) => done.delete(target.form));
document.addEventListener("submit", ({ target }) => target.matches(LINE) || done.add(target), true);
on("htmx:afterRequest", ({ detail }) => {
  const form = detail.requestConfig.elt;
  if (!went(detail)) done.delete(form);
  else if (detail.xhr.getResponseHeader("HX-Redirect")) { // Back offers nothing to be sent again
    for (const field of form.querySelectorAll(TEXT)) field.value &&= field.defaultValue;
  }
});

const owner = (form) => form?.elements.submission?.value.split(".")[1]; // whoever the form was shown to
const place = (field) => `${location.pathname}#${field.id}`;

window.addEventListener("pagehide", () => {
  const kept = read();
  for (const field of document.querySelectorAll(TEXT)) {
    const fresh = field.value !== field.defaultValue && !done.has(field.form) && field.autocomplete !== "one-time-code";
    if (fresh && owner(field.form)) kept[place(field)] = { owner: owner(field.form), value: field.value };
  }
  const form = document.querySelector(LINE);
  const unanswered = sent?.done ? null : sent;
  if (form && (unanswered || line.length)) kept[LINE] = { owner: owner(form), unanswered, line, stopped };
  write(kept);
});
function restore({ persisted }) {
  const kept = read();
  for (const field of document.querySelectorAll(TEXT)) {
    const { owner: whose, value } = kept[place(field)] ?? {};
    if (whose === owner(field.form) && field.value === field.defaultValue) field.value = value ?? field.value;
    delete kept[place(field)];
  }
  const form = document.querySelector(LINE);
  const waits = form && kept[LINE];
  if (form) delete kept[LINE];
  write(kept);
  if (!waits || waits.owner !== owner(form) || persisted) return; // persisted: the page is as it was left, its line too
  line.unshift(...waits.line);
  stopped = waits.stopped || Boolean(waits.unanswered);
  showLine();
  if (!stopped) sendNext();
  if (!waits.unanswered) return;
  const { text, key } = waits.unanswered; // it may have been carried out: sent again as it is, it is the same submission
  if (!boxOf(form).value) form.elements.submission.value = key;
  giveBack(text);
}
window.addEventListener("load", restore);
window.addEventListener("pageshow", (event) => event.persisted && restore(event));
on("htmx:afterSettle", restore);

function read() {
  return JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
}
function write(kept) {
  if (Object.keys(kept).length) sessionStorage.setItem(KEPT, JSON.stringify(kept));
  else sessionStorage.removeItem(KEPT);
}

// ---- Text survives each swap: what was typed while the answer was under way, and an editor that is open in the list.

let typed = [];
let editor = null;

on("htmx:beforeSwap", ({ detail }) => {
  const { formData } = detail.requestConfig;
  typed = [...document.querySelectorAll(TEXT)].filter(({ form, name, value }) =>
    form?.matches(LINE) ? value : value !== formData.get(name));
  editor = detail.target.matches("ul") && detail.target.querySelector(".editor");
});
on("htmx:oobBeforeSwap", ({ detail }) => {
  const elsewhere = document.activeElement.matches(TEXT) && !detail.target.contains(document.activeElement);
  if (elsewhere) detail.fragment.querySelector("[autofocus]")?.removeAttribute("autofocus");
});
on("htmx:afterSwap", () => {
  const row = editor && byId(editor.id.replace("edit", "todo"));
  if (row && !row.contains(editor)) row.replaceChildren(editor);
  for (const old of typed) {
    const field = byId(old.id);
    if (field && field !== old) field.value = field.form?.matches(LINE) ? join(field.value, old.value) : old.value;
  }
  typed = [];
  editor = null;
});

// ---- Focus goes where the change happened when the swap took away what had it.

let focus = null;

on("htmx:beforeSwap", ({ detail }) => {
  const had = document.activeElement;
  const part = had.closest("li.todo, #toolbar, #tokens, #sessions, #passkeys, #second-factor, #trash");
  const changed = detail.xhr.getResponseHeader("Recado-Focus"); // Undo, say, stands in no row
  focus = had !== document.body && {
    had,
    text: had.type === "submit" && had.value,
    part: part?.id ?? changed,
    row: had.matches(".more") ? rows().length : rows().indexOf(part), // after "Show more", the first row that came
    control: had.closest(".editor") ? 1 : part ? controls(part).indexOf(had) : 0, // from the editor back to "Edit"
  };
});
on("htmx:afterSwap", ({ detail }) => { // what was added at the end comes again, in its place
  if (!detail.requestConfig.elt.matches(".more")) return;
  for (const row of rows()) if (byId(row.id) !== row) byId(row.id).remove();
});
on("htmx:afterSettle", () => {
  if (!focus || document.activeElement !== document.body) return;
  const part = byId(focus.part) ?? rows()[Math.min(focus.row, rows().length - 1)];
  const around = part ? controls(part) : [];
  const same = focus.had.isConnected ? focus.had : around.find((control) => control.value === focus.text);
  (same ?? around[Math.min(focus.control, around.length - 1)] ?? byId("new-title") ?? byId("main")).focus();
});

function rows() {
  return [...document.querySelectorAll("li.todo")];
}
function controls(part) {
  return [...part.querySelectorAll("a, input:not([type=hidden])")];
}

// ---- Editing in place: double click opens, Escape discards, leaving saves; one at a time.

let pressed = false; // by a finger or a mouse

on("dblclick", ({ target }) => target.closest(".todo .title")?.closest("li").querySelector("a.edit")?.click());
on("keydown", ({ key, keyCode, isComposing, target }) => {
  const composing = isComposing || keyCode === 229; // the latter is all that Safari says of the key that ends it
  if (key === "Escape" && !composing) target.closest?.(".editor")?.querySelector("a")?.click();
});
on("htmx:afterSettle", ({ detail }) => {
  const field = document.activeElement;
  if (detail.requestConfig.elt.matches("a.edit") && field.matches(".editor input")) field.selectionStart = field.value.length;
});
on("pointerdown", () => { pressed = true; });
on("pointerup", () => { pressed = false; });
on("focusout", ({ target, relatedTarget }) => { // leaving it saves: after the press that left it, which has its own wish
  const editor = target.closest?.(".todos .editor");
  if (!editor || editor.contains(relatedTarget)) return;
  const leave = () => setTimeout(() => {
    if (!editor.isConnected || editor.contains(document.activeElement) || !document.hasFocus()) return;
    const changed = [...editor.querySelectorAll(TEXT)].some(({ value, defaultValue }) => value !== defaultValue);
    editor.querySelector(changed ? "[type=submit]" : "a").click();
  });
  if (pressed) document.addEventListener("pointerup", leave, { once: true });
  else leave();
});
on("htmx:beforeRequest", (event) => {
  const open = event.detail.elt.matches("a.edit") && document.querySelector(".todos .editor input[type=text]");
  if (!open) return;
  event.preventDefault();
  open.focus();
});

// ---- Several pasted lines become several to-dos: with what stands in the box they go to the form that takes many.

let lines = "";

on("paste", ({ target, clipboardData }) => {
  const text = clipboardData?.getData("text").trim() ?? "";
  if (target.id !== "new-title" || !text.includes("\n")) return;
  byId("several").click();
  lines = target.value.slice(0, target.selectionStart) + text + target.value.slice(target.selectionEnd);
  // The browser pastes all the same: there the text is safe if the other form cannot be had.
});
on("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.id === "several") lines = byId("new-title").value;
});
on("htmx:afterSettle", () => {
  const field = byId("lines");
  if (!field || !lines) return;
  field.value ||= lines;
  lines = "";
});

// ---- Passkeys: where the browser has them their buttons appear, and it is asked before their form is sent.

const ask = { // how, by what the field `credential` says
  get: async (json) => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(json) }),
  create: async (json) => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(json) }),
};

function showPasskeys() {
  for (const parts of document.querySelectorAll(".passkey-parts[data-html]")) {
    parts.replaceChildren();
    parts.insertAdjacentHTML("beforeend", parts.dataset.html);
    parts.removeAttribute("data-html");
  }
}
if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  showPasskeys();
  on("htmx:afterSwap", showPasskeys);
}
document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  const field = form.elements.credential;
  if (!field || field.value) return;
  event.preventDefault();
  event.stopPropagation();
  if (submitter) busy(submitter);
  const [wish, options] = Object.entries(field.dataset)[0];
  field.value = JSON.stringify(await ask[wish](JSON.parse(options)).catch(() => null)); // without one, the answer says so
  ready();
  form.requestSubmit(submitter);
}, true); // before htmx sees it

// ---- Ctrl+Z (⌘Z) undoes, with Shift it redoes, wherever the focus is; text that is being typed has an undo of its own.

on("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "z") return;
  if (event.target.matches(TEXT) && event.target.value) return;
  const keys = event.shiftKey ? "Control+Shift+Z" : "Control+Z";
  const button = document.querySelector(`#alerts [aria-keyshortcuts="${keys}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});

// ---- What is shown only once can be copied.

for (const button of document.querySelectorAll("input.copy")) button.type = "button";
on("click", async ({ target: button }) => {
  if (!button.matches("input.copy")) return;
  const codes = [...button.closest(".secret").querySelectorAll("code")];
  getSelection().setBaseAndExtent(codes[0], 0, codes.at(-1), 1); // what to copy by hand if the browser does not let us
  const text = codes.map((code) => code.textContent).join("\n");
  const copied = await (navigator.clipboard?.writeText(text).then(() => true, () => false) ?? document.execCommand("copy"));
  if (copied) button.value = button.dataset.copied;
});

// ---- Dismissing an alert needs no request.

on("submit", (event) => {
  if (!event.target.matches(".dismiss")) return;
  event.preventDefault();
  event.target.closest(".alert").remove();
  byId("main").focus({ preventScroll: true });
});
