// Writes vectors.json with circomlibjs 0.1.7: `node generate.mjs > vectors.json`, with circomlibjs on the module path.
// Keys are derived by BLAKE-512 there, so only what follows from A is comparable with zkrelay.
import { createHash } from "node:crypto";
import { buildEddsa } from "circomlibjs";

const R = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const eddsa = await buildEddsa();
const { babyJub, poseidon, F } = eddsa;
const text = (x) => F.toObject(x).toString();
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const tag = (name) => BigInt("0x" + createHash("sha256").update("zkrelay/v1/" + name).digest("hex")) % R;
const seed = (i) => createHash("sha256").update(`circomlibjs vector ${i}`).digest();

const hashes = [];
for (let n = 1; n <= 16; n++) {
  const inputs = Array.from({ length: n }, (_, i) => (i % 3 === 2 ? R - BigInt(i + n) : BigInt(i + 1) ** BigInt(n)));
  hashes.push({ inputs: inputs.map(String), hash: text(poseidon(inputs)) });
}

const points = [];
for (let i = 0; i < 8; i++) {
  const p = babyJub.mulPointEscalar(babyJub.Base8, BigInt("0x" + hex(seed(i))));
  points.push({ x: text(p[0]), y: text(p[1]), packed: hex(babyJub.packPoint(p)) });
}

const signatures = [];
for (const [i, message] of [0n, 1n, R - 1n, BigInt("0x" + hex(seed(99))) % R].entries()) {
  const A = eddsa.prv2pub(seed(i));
  const s = eddsa.signPoseidon(seed(i), F.e(message));
  signatures.push({
    ax: text(A[0]), ay: text(A[1]), message: message.toString(),
    r8x: text(s.R8[0]), r8y: text(s.R8[1]), s: s.S.toString(),
  });
}

const cm = 5797070473645590691617807760415842312606836986154355389045229965636784423887n;
const bytes = 123456789n, ctx = 987654321n;
const A = eddsa.prv2pub(seed(7));
const message = poseidon([tag("receipt"), cm, bytes, ctx]);
const receipt = {
  cm: cm.toString(), bytes: bytes.toString(), ctx: ctx.toString(),
  ax: text(A[0]), ay: text(A[1]), message: text(message),
  signature: hex(eddsa.packSignature(eddsa.signPoseidon(seed(7), message))),
};

console.log(JSON.stringify({ source: "circomlibjs 0.1.7, tests/vectors/circomlibjs/generate.mjs", hashes, points, signatures, receipt }, null, 1));
process.exit(0);
