// Groth16 with @noble/curves: an independent verifier of snarkjs-style JSON files, over the curve that the key names.
// usage: node noble_verify.mjs verification_key.json public.json proof.json
// prints "valid" (exit 0) or "invalid" (exit 1); malformed points or inputs throw (exit 3).  Without arguments, each line
// of standard input is a JSON list of the three, answered by such an exit code.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bn254 } from '@noble/curves/bn254.js';

const CURVES = { bn128: bn254, bls12381: bls12_381 };
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

function verify(vk, inputs, proof) {
  const curve = CURVES[vk.curve];
  if (!curve || proof.curve !== vk.curve) throw new Error('key and proof name no common curve');
  const { Fp2, Fp12, Fr } = curve.fields;
  const g1 = ([x, y]) => checked(curve.G1.Point.fromAffine({ x: BigInt(x), y: BigInt(y) }));
  const fp2 = (c) => Fp2.fromBigTuple(c.map(BigInt));
  const g2 = ([x, y]) => checked(curve.G2.Point.fromAffine({ x: fp2(x), y: fp2(y) }));

  const ic = vk.IC.map(g1);
  const x = inputs.map(BigInt);
  if (x.length !== ic.length - 1) throw new Error('wrong number of public inputs');
  if (x.some((value) => value < 0n || value >= Fr.ORDER)) throw new Error('public input out of range');
  const statement = x.reduce((sum, value, i) => (value === 0n ? sum : sum.add(ic[i + 1].multiply(value))), ic[0]);
  const product = curve.pairingBatch([
    { g1: g1(proof.pi_a).negate(), g2: g2(proof.pi_b) },
    { g1: g1(vk.vk_alpha_1), g2: g2(vk.vk_beta_2) },
    { g1: statement, g2: g2(vk.vk_gamma_2) },
    { g1: g1(proof.pi_c), g2: g2(vk.vk_delta_2) },
  ]);
  return Fp12.eql(product, Fp12.ONE);
}

function checked(point) {
  point.assertValidity(); // on the curve and in the subgroup
  return point;
}

function verdict(paths) {
  try {
    return verify(...paths.map(read)) ? 0 : 1;
  } catch (error) {
    console.error(`malformed: ${error.message}`);
    return 3;
  }
}

if (process.argv.length > 2) {
  process.exitCode = verdict(process.argv.slice(2, 5));
  if (process.exitCode < 3) console.log(process.exitCode ? 'invalid' : 'valid');
} else {
  for await (const line of createInterface({ input: process.stdin })) console.log(verdict(JSON.parse(line)));
}
