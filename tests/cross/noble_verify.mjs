// Groth16 over BN254 with @noble/curves: an independent verifier of snarkjs-style JSON files.
// usage: node noble_verify.mjs verification_key.json public.json proof.json
// prints "valid" (exit 0) or "invalid" (exit 1); malformed points or inputs throw (exit 3).
import { readFileSync } from 'node:fs';
import { bn254 } from '@noble/curves/bn254.js';

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const { Fp2, Fp12, Fr } = bn254.fields;
const g1 = ([x, y]) => checked(bn254.G1.Point.fromAffine({ x: BigInt(x), y: BigInt(y) }));
const fp2 = (c) => Fp2.fromBigTuple(c.map(BigInt));
const g2 = ([x, y]) => checked(bn254.G2.Point.fromAffine({ x: fp2(x), y: fp2(y) }));
function checked(point) {
  point.assertValidity(); // on the curve and in the subgroup
  return point;
}

function verify(vk, inputs, proof) {
  const ic = vk.IC.map(g1);
  const x = inputs.map(BigInt);
  if (x.length !== ic.length - 1) throw new Error('wrong number of public inputs');
  if (x.some((value) => value < 0n || value >= Fr.ORDER)) throw new Error('public input out of range');
  const statement = x.reduce((sum, value, i) => (value === 0n ? sum : sum.add(ic[i + 1].multiply(value))), ic[0]);
  const product = bn254.pairingBatch([
    { g1: g1(proof.pi_a).negate(), g2: g2(proof.pi_b) },
    { g1: g1(vk.vk_alpha_1), g2: g2(vk.vk_beta_2) },
    { g1: statement, g2: g2(vk.vk_gamma_2) },
    { g1: g1(proof.pi_c), g2: g2(vk.vk_delta_2) },
  ]);
  return Fp12.eql(product, Fp12.ONE);
}

try {
  const ok = verify(...process.argv.slice(2, 5).map(read));
  console.log(ok ? 'valid' : 'invalid');
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  console.error(`malformed: ${error.message}`);
  process.exitCode = 3;
}
