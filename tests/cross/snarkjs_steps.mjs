// Steps of snarkjs, in one process: each line of standard input is a JSON list [object, method, ...arguments],
// answered by one line: {"value": ...}, with hashes as hexadecimal digits, or {"error": ...}.  Curves are given by name;
// the object G1 is the group of a curve, its arguments points as they lie in files.
import { createInterface } from 'node:readline';
import * as snarkjs from 'snarkjs';

const CURVES = { bn254: 'bn128', bls12_381: 'bls12381' };
const plain = (value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : (value ?? null));
const answer = (result) => process.stdout.write(`${JSON.stringify(result)}\n`);
console.log = () => {}; // snarkjs prints there why a key is invalid

for await (const line of createInterface({ input: process.stdin })) {
  const [object, method, ...parts] = JSON.parse(line);
  try {
    if (object === 'G1') {
      const group = (await snarkjs.curves.getCurveFromName(CURVES[parts[0]])).G1;
      const [a, b] = parts.slice(1).map((hex) => new Uint8Array(Buffer.from(hex, 'hex')));
      answer({ value: plain(group.toAffine(group[method](a, b))) });
      continue;
    }
    const named = await Promise.all(parts.map((p) => (p in CURVES ? snarkjs.curves.getCurveFromName(CURVES[p]) : p)));
    answer({ value: plain(await snarkjs[object][method](...named)) });
  } catch (error) {
    answer({ error: String(error.message ?? error) });
  }
}
process.exit(0);
