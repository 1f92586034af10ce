// The snarkjs peer: answers one JSON object a line on standard output for each on standard input (../README.md).
//
// Reads the same .zkey and .wtns as zkrelay, from memory.  Its workers are as many as the threads asked for.
import fs from "node:fs";
import os from "node:os";
import { createRequire } from "node:module";
import readline from "node:readline";

const threads = Number(process.env.ZKRELAY_PEER_THREADS ?? "1");
const all = os.cpus();
os.cpus = () => Array.from({ length: threads }, (_, i) => all[i % all.length]); // ffjavascript makes a worker for each
const snarkjs = await import("snarkjs");

const require = createRequire(import.meta.url);
const { version } = JSON.parse(fs.readFileSync(require.resolve("snarkjs").replace(/build.main\.cjs$/, "package.json")));

const memory = (path) => ({ type: "mem", data: new Uint8Array(fs.readFileSync(path)) });
const json = (path) => JSON.parse(fs.readFileSync(path, "utf8"));

// A work: {run, check}; the last result is checked after the runs.
const works = {
  async prove({ zkey, wtns, vkey, proof_out }) {
    const [key, witness, verifyingKey] = [memory(zkey), memory(wtns), json(vkey)];
    let made;
    return {
      run: async () => {
        made = await snarkjs.groth16.prove(key, witness);
      },
      check: async () => {
        if (!(await snarkjs.groth16.verify(verifyingKey, made.publicSignals, made.proof))) throw new Error("the proof is false");
        fs.writeFileSync(proof_out, JSON.stringify(made.proof));
      },
    };
  },

  // of the proof that zkrelay made
  async verify({ vkey, public: statement, proof }) {
    const [verifyingKey, inputs, made] = [json(vkey), json(statement), json(proof)];
    const verify = (p) => snarkjs.groth16.verify(verifyingKey, inputs, p);
    return {
      run: async () => {
        if (!(await verify(made))) throw new Error("the proof is false");
      },
      check: async () => {
        if (await verify({ ...made, pi_a: made.pi_c, pi_c: made.pi_a })) throw new Error("a false proof was accepted");
      },
    };
  },
};

let current = null;

async function answer(request) {
  if (request.op === "prepare") {
    if (!(request.work in works)) throw new Error(`unknown work ${request.work}`);
    if (request.threads !== threads) throw new Error(`${request.threads} threads asked for, ZKRELAY_PEER_THREADS gives ${threads}`);
    current = null;
    const start = performance.now();
    current = await works[request.work](request.params);
    return { items: 1, prepare_ms: performance.now() - start, notes: {} };
  }
  if (current === null) throw new Error("nothing is prepared");
  if (request.op === "run") {
    if (!(request.count >= 1)) throw new Error("count must be at least 1");
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    for (let i = 0; i < request.count; i++) await current.run();
    const used = process.cpuUsage(cpu);
    return { wall_ms: performance.now() - start, cpu_ms: (used.user + used.system) / 1e3 };
  }
  if (request.op === "check") {
    await current.check();
    return {};
  }
  throw new Error(`unknown op ${request.op}`);
}

const say = (object) => process.stdout.write(JSON.stringify(object) + "\n");
say({ peer: "snarkjs", version, toolchain: `node ${process.version}`, works: Object.keys(works) });
for await (const line of readline.createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (request.op === "quit") break;
  let reply;
  try {
    reply = { ok: true, ...(await answer(request)) };
  } catch (error) {
    reply = { ok: false, error: String(error?.message ?? error) };
  }
  say(reply);
}
process.exit(0); // the workers would keep it alive
