// What all live pages share: the event stream, the stale mark, texts in the page's language.

const texts = JSON.parse(document.getElementById("texts").textContent);

export function say(text, values = {}) {
  return Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, value), texts[text] ?? text);
}

export function range(wait) {
  if (!wait) return say("not known yet");
  const low = Math.floor(wait.low / 60);
  const high = Math.max(Math.ceil(wait.high / 60), low + 1);
  return say("{low}–{high} min", { low, high });
}

export function put(node, text) {
  if (node && node.textContent !== String(text)) node.textContent = text;
}

export function servingNodes(serving) {
  if (!serving.length) return ["–"];
  return serving.flatMap(({ label, window }) => {
    const span = document.createElement("span");
    span.className = "label";
    span.textContent = label;
    return [span, `→${window} `];
  });
}

// Follows a stream. Age is counted on this device's own monotonic clock from the moment of arrival, so that a phone
// with a wrong clock neither hides old data nor doubts new ones.
export function follow(path, event, show, maxAgeSeconds = 60) {
  const stale = document.getElementById("stale");
  let arrived = performance.now();
  let told = document.getElementById("generated")?.textContent ?? "";
  const source = new EventSource(path);
  source.addEventListener(event, (message) => {
    const data = JSON.parse(message.data);
    arrived = performance.now();
    told = (data.generated_at ?? data.at ?? "").slice(11, 19) || told;
    put(document.getElementById("generated"), told);
    show(data);
    check();
  });
  function check() {
    const old = performance.now() - arrived > maxAgeSeconds * 1000;
    const broken = source.readyState !== EventSource.OPEN;
    stale.hidden = !(old || (broken && performance.now() - arrived > 5000));
    if (!stale.hidden) put(stale, old ? say("Stale: data of {time}", { time: told }) : say("No connection; trying again"));
  }
  setInterval(check, 1000);
}
