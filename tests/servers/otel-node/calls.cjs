// A program that knows nothing of OpenTelemetry: it calls what stands on its command line, one after the other.
// Each argument is a way and a URL, and ends as it may: `fetch URL`, `http URL`, `timeout URL`, `abort URL`.
const http = require("node:http");

const IMPATIENCE_MS = 50;

function request(url) {
  return new Promise((resolve, reject) => {
    http.get(url, (answer) => answer.resume().on("end", resolve)).on("error", reject);
  });
}

function abortingSoon() {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), IMPATIENCE_MS);
  return controller.signal;
}

const ways = {
  fetch: (url) => fetch(url).then((answer) => answer.text()),
  http: request,
  timeout: (url) => fetch(url, { signal: AbortSignal.timeout(IMPATIENCE_MS) }),
  abort: (url) => fetch(url, { signal: abortingSoon() }),
};

async function main() {
  for (const call of process.argv.slice(2)) {
    const [way, url] = call.split(" ");
    await ways[way](url).catch(() => undefined);
  }
}

main();
