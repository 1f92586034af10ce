//! Keys and proofs as arkworks writes them, and arkworks's opinion of ours (../README.md).
//!
//! Without arguments: prints a JSON object by curve, each with `vk`, `proof` (hex) and `public` of y = x^3 + x + 5,
//! z = x^2 for x = 3, made from a fixed seed.  With the path of such a file: reads it and verifies it, and tells whether
//! the proof also passes for other public inputs.
use std::{env, fs, process};

use ark_bls12_381::Bls12_381;
use ark_bn254::Bn254;
use ark_ec::pairing::Pairing;
use ark_groth16::{Groth16, Proof, VerifyingKey};
use ark_relations::gr1cs::{ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, SynthesisError, Variable};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use ark_snark::SNARK;
use ark_std::rand::{rngs::StdRng, SeedableRng};
use ark_std::One;
use serde_json::{json, Map, Value};

const X: u64 = 3;
const PUBLIC: [u64; 2] = [X * X * X + X + 5, X * X];

struct Cubic;

impl<F: ark_ff::PrimeField> ConstraintSynthesizer<F> for Cubic {
    fn generate_constraints(self, cs: ConstraintSystemRef<F>) -> Result<(), SynthesisError> {
        let y = cs.new_input_variable(|| Ok(F::from(PUBLIC[0])))?;
        let z = cs.new_input_variable(|| Ok(F::from(PUBLIC[1])))?;
        let x = cs.new_witness_variable(|| Ok(F::from(X)))?;
        let one = |variable| LinearCombination::from(variable);
        cs.enforce_r1cs_constraint(|| one(x), || one(x), || one(z))?;
        let rest = one(y) - one(x) - (F::from(5u64), Variable::One);
        cs.enforce_r1cs_constraint(|| one(z), || one(x), || rest)
    }
}

fn encode<E: Pairing>() -> Value {
    let mut rng = StdRng::seed_from_u64(1);
    let (pk, vk) = Groth16::<E>::circuit_specific_setup(Cubic, &mut rng).expect("setup");
    let proof = Groth16::<E>::prove(&pk, Cubic, &mut rng).expect("prove");
    let hexadecimal = |part: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        part(&mut out);
        hex::encode(out)
    };
    json!({
        "vk": hexadecimal(&|out| vk.serialize_compressed(out).expect("vk")),
        "proof": hexadecimal(&|out| proof.serialize_compressed(out).expect("proof")),
        "public": PUBLIC.map(|value| value.to_string()),
    })
}

fn decode<E: Pairing>(value: &Value) -> Result<bool, String> {
    let bytes = |name: &str| hex::decode(value[name].as_str().unwrap_or("-")).map_err(|error| format!("{name}: {error}"));
    let vk = VerifyingKey::<E>::deserialize_compressed(&bytes("vk")?[..]).map_err(|error| format!("vk: {error}"))?;
    let proof = Proof::<E>::deserialize_compressed(&bytes("proof")?[..]).map_err(|error| format!("proof: {error}"))?;
    let texts = value["public"].as_array().ok_or("public inputs are missing")?;
    let numbers: Option<Vec<E::ScalarField>> = texts.iter().map(|text| text.as_str()?.parse().ok()).collect();
    let mut public = numbers.ok_or("a public input is no number")?;
    let verify = |public: &[E::ScalarField]| Groth16::<E>::verify(&vk, public, &proof).map_err(|error| error.to_string());
    let valid = verify(&public)?;
    public[0] += E::ScalarField::one();
    Ok(valid && !verify(&public)?)
}

fn main() {
    let Some(path) = env::args().nth(1) else {
        let all = Map::from_iter([("bn254".into(), encode::<Bn254>()), ("bls12_381".into(), encode::<Bls12_381>())]);
        println!("{}", serde_json::to_string_pretty(&all).expect("JSON"));
        return;
    };
    let all: Value = serde_json::from_str(&fs::read_to_string(path).expect("a file")).expect("JSON");
    let verdicts = [("bn254", decode::<Bn254>(&all["bn254"])), ("bls12_381", decode::<Bls12_381>(&all["bls12_381"]))];
    for (curve, verdict) in &verdicts {
        println!("{curve}: {verdict:?}");
    }
    process::exit(if verdicts.iter().all(|(_, verdict)| verdict == &Ok(true)) { 0 } else { 1 });
}
