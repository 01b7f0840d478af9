// What the receiver in Node needs of the public library, by the same algorithm, for machines that do not have it.
"use strict";

const crypto = require("node:crypto");

class Webhook {
  constructor(secret) {
    this.key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  }

  verify(payload, headers) {
    const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signatures } = headers;
    if (!id || !at || !signatures) throw new Error("Missing required headers");
    if (!(Math.abs(Date.now() / 1000 - parseInt(at, 10)) <= 300)) throw new Error("Message timestamp too old");
    const signed = Buffer.concat([Buffer.from(`${id}.${at}.`), payload]);
    const expected = crypto.createHmac("sha256", this.key).update(signed).digest();
    for (const signature of signatures.split(" ")) {
      const [version, written] = signature.split(",");
      const given = Buffer.from(written ?? "", "base64");
      if (version === "v1" && given.length === 32 && crypto.timingSafeEqual(expected, given)) {
        return JSON.parse(payload.toString());
      }
    }
    throw new Error("No matching signature found");
  }
}

module.exports = { Webhook };
