// A receiver of Callboard's webhooks in Node 18 or newer, with the public library: npm install standardwebhooks
//
//   CALLBOARD_SECRET=whsec_... PORT=8002 node node.js
//
// Stands behind a proxy that speaks TLS. What it has seen lies in memory here: keep it in your database.
"use strict";

const http = require("node:http");
const { Webhook } = require("standardwebhooks");

// While a secret is exchanged for another both stand here, with a space between.
const webhooks = process.env.CALLBOARD_SECRET.trim().split(/\s+/).map((secret) => new Webhook(secret));
const LARGEST = 1_000_000; // bytes; messages have a few hundred

const seen = new Set();
const things = new Map();

// The message, if Callboard sent exactly this within the last five minutes. The body is bytes as they came:
// parsed and written again it would be other ones.
function genuine(body, headers) {
  for (const webhook of webhooks) {
    try {
      return webhook.verify(body, headers);
    } catch {
      continue;
    }
  }
  return null;
}

// Each message once; and of two about the same thing never the older one after the newer one.
async function take(id, { type, data }) {
  if (seen.has(id)) return; // sent again because our answer was lost
  const thing = data.session ?? data.event_uid ?? "all";
  if (data.seq > (things.get(thing) ?? 0)) {
    await refresh(type, data); // if this fails we answer 500, and Callboard sends it again
    things.set(thing, data.seq);
  }
  seen.add(id);
}

// Yours: read data.url, which says what is so now, and show it.
async function refresh(type, data) {
  console.log(JSON.stringify({ type, seq: data.seq, url: data.url }));
}

const server = http.createServer(async (request, response) => {
  const answer = (status) => response.writeHead(status).end();
  try {
    const chunks = [];
    let length = 0;
    for await (const chunk of request) {
      length += chunk.length;
      if (length > LARGEST) return answer(413);
      chunks.push(chunk);
    }
    const message = request.method === "POST" ? genuine(Buffer.concat(chunks), request.headers) : null;
    if (message === null) return answer(401);
    await take(request.headers["webhook-id"], message);
    answer(204);
  } catch (problem) {
    console.error(problem);
    answer(500);
  }
});

server.listen(Number(process.env.PORT ?? 8002), "127.0.0.1", () => {
  console.error(`listening on ${server.address().port}`);
});
