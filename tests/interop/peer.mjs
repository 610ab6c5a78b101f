// @noble/curves as a peer: reads one request a line from standard input, writes one reply a line.
// A request names a mode ("oprf", "voprf"), an action and its hex fields; so does the reply.
import { createInterface } from "node:readline";
import { ristretto255_oprf } from "@noble/curves/ed25519.js";

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const raw = (text) => new Uint8Array(Buffer.from(text, "hex"));

const actions = {
  derive: (suite, { seed, info }) => {
    const { secretKey, publicKey } = suite.deriveKeyPair(raw(seed), raw(info));
    return { secret: hex(secretKey), public: hex(publicKey) };
  },
  blind: (suite, { inputs }) => {
    const blinds = inputs.map((input) => suite.blind(raw(input)));
    return { blinds: blinds.map((b) => hex(b.blind)), blinded: blinds.map((b) => hex(b.blinded)) };
  },
  evaluate: (suite, { mode, secret, public: key, blinded }) => {
    if (mode === "oprf") {
      return { evaluated: blinded.map((b) => hex(suite.blindEvaluate(raw(secret), raw(b)))) };
    }
    const { evaluated, proof } = suite.blindEvaluateBatch(raw(secret), raw(key), blinded.map(raw));
    return { evaluated: evaluated.map(hex), proof: hex(proof) };
  },
  finalize: (suite, { mode, inputs, blinds, blinded, evaluated, public: key, proof }) => {
    if (mode === "oprf") {
      const one = (input, i) => hex(suite.finalize(raw(input), raw(blinds[i]), raw(evaluated[i])));
      return { outputs: inputs.map(one) };
    }
    const items = inputs.map((input, i) => ({
      input: raw(input),
      blind: raw(blinds[i]),
      blinded: raw(blinded[i]),
      evaluated: raw(evaluated[i]),
    }));
    return { outputs: suite.finalizeBatch(items, raw(key), raw(proof)).map(hex) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let reply;
  try {
    reply = actions[request.action](ristretto255_oprf[request.mode], request);
  } catch (error) {
    reply = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
