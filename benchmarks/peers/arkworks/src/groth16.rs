//! Works on whole circuits: prove and verify.
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use ark_bn254::{Bn254, Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_circom::{index::NPIndex, read_zkey, CircomReduction};
use ark_ff::{PrimeField, UniformRand};
use ark_groth16::{prepare_verifying_key, Groth16, PreparedVerifyingKey, Proof, ProvingKey};
use ark_std::rand::rngs::OsRng;
use serde_json::{json, Value};

use crate::{Outcome, Request, Work};

type Prover = Groth16<Bn254, CircomReduction>;

fn text<E: std::fmt::Display>(error: E) -> String {
    error.to_string()
}

/// The values of a `.wtns` over BN254's scalar field.
fn read_wtns(path: &Path) -> Outcome<Vec<Fr>> {
    let data = fs::read(path).map_err(text)?;
    let word = |at: usize| -> Outcome<usize> {
        let bytes = data.get(at..at + 4).ok_or("the witness ends early")?;
        Ok(u32::from_le_bytes(bytes.try_into().unwrap()) as usize)
    };
    if data.get(..4) != Some(b"wtns") || word(8)? != 2 {
        return Err("not a witness of two sections".into());
    }
    // header: magic, version, sections; section 1: type, size (u64), n8, prime, count; section 2: type, size, values
    let (width, count) = (word(24)?, word(60)?);
    let values = data.get(76..).ok_or("the witness ends early")?;
    if word(12)? != 1 || word(64)? != 2 || width != 32 || values.len() != count * 32 {
        return Err("the witness has another shape".into());
    }
    Ok(values.chunks_exact(32).map(Fr::from_le_bytes_mod_order).collect())
}

struct Instance {
    key: ProvingKey<Bn254>,
    verifier: PreparedVerifyingKey<Bn254>,
    matrices: NPIndex<Fr>,
    assignment: Vec<Fr>,
}

impl Instance {
    fn load(request: &Request) -> Outcome<Self> {
        let mut file = BufReader::new(File::open(request.path("zkey")?).map_err(text)?);
        let (key, matrices) = read_zkey(&mut file).map_err(text)?;
        let assignment = read_wtns(request.path("wtns")?)?;
        if assignment.len() != key.a_query.len() {
            return Err("the witness is of another circuit".into());
        }
        let verifier = prepare_verifying_key(&key.vk);
        Ok(Self { key, verifier, matrices, assignment })
    }

    fn public(&self) -> &[Fr] {
        &self.assignment[1..self.matrices.num_instance_variables]
    }

    fn verify(&self, proof: &Proof<Bn254>) -> Outcome<()> {
        match Prover::verify_proof(&self.verifier, proof, self.public()).map_err(text)? {
            true => Ok(()),
            false => Err("the proof is false".into()),
        }
    }
}

struct Prove {
    instance: Instance,
    matrices: [Vec<Vec<(Fr, usize)>>; 2],
    proof: Option<Proof<Bn254>>,
    proof_out: PathBuf,
}

impl Work for Prove {
    fn run(&mut self) -> Outcome<()> {
        let (r, s) = (Fr::rand(&mut OsRng), Fr::rand(&mut OsRng));
        let index = &self.instance.matrices;
        let proof = Prover::create_proof_with_reduction_and_matrices(
            &self.instance.key,
            r,
            s,
            &self.matrices,
            index.num_instance_variables,
            index.num_constraints,
            &self.instance.assignment,
        );
        self.proof = Some(proof.map_err(text)?);
        Ok(())
    }

    /// Verified here, and written for another verifier.
    fn check(&mut self) -> Outcome<()> {
        let proof = self.proof.as_ref().ok_or("no proof was made")?;
        self.instance.verify(proof)?;
        fs::write(&self.proof_out, proof_json(proof).to_string()).map_err(text)
    }
}

pub fn prepare_prove(request: &Request) -> Outcome<Box<dyn Work>> {
    let mut instance = Instance::load(request)?;
    let matrices = [std::mem::take(&mut instance.matrices.a), std::mem::take(&mut instance.matrices.b)];
    let proof_out = request.path("proof_out")?.to_path_buf();
    Ok(Box::new(Prove { instance, matrices, proof: None, proof_out }))
}

/// Verifies the proof that zkrelay made under the same key.
struct Verify {
    instance: Instance,
    proof: Proof<Bn254>,
}

impl Work for Verify {
    fn run(&mut self) -> Outcome<()> {
        self.instance.verify(&self.proof)
    }

    fn check(&mut self) -> Outcome<()> {
        let swapped = Proof { a: self.proof.c, b: self.proof.b, c: self.proof.a };
        match self.instance.verify(&swapped) {
            Ok(()) => Err("a false proof was accepted".into()),
            Err(_) => Ok(()),
        }
    }
}

pub fn prepare_verify(request: &Request) -> Outcome<Box<dyn Work>> {
    let text_of_proof = fs::read_to_string(request.path("proof")?).map_err(text)?;
    let proof = proof_from_json(&serde_json::from_str(&text_of_proof).map_err(text)?)?;
    Ok(Box::new(Verify { instance: Instance::load(request)?, proof }))
}

fn decimal(value: &Fq) -> String {
    value.into_bigint().to_string()
}

fn proof_json(proof: &Proof<Bn254>) -> Value {
    let g1 = |p: &G1Affine| json!([decimal(&p.x), decimal(&p.y), "1"]);
    let pair = |c: &Fq2| json!([decimal(&c.c0), decimal(&c.c1)]);
    let b = json!([pair(&proof.b.x), pair(&proof.b.y), ["1", "0"]]);
    json!({"pi_a": g1(&proof.a), "pi_b": b, "pi_c": g1(&proof.c), "protocol": "groth16", "curve": "bn128"})
}

fn proof_from_json(value: &Value) -> Outcome<Proof<Bn254>> {
    let number = |v: &Value| -> Outcome<Fq> {
        v.as_str().and_then(|s| s.parse().ok()).ok_or("a coordinate is no number".into())
    };
    let g1 = |v: &Value| -> Outcome<G1Affine> {
        let point = G1Affine::new_unchecked(number(&v[0])?, number(&v[1])?);
        if point.is_on_curve() { Ok(point) } else { Err("a point is off the curve".into()) }
    };
    let pair = |v: &Value| -> Outcome<Fq2> { Ok(Fq2::new(number(&v[0])?, number(&v[1])?)) };
    let b = G2Affine::new_unchecked(pair(&value["pi_b"][0])?, pair(&value["pi_b"][1])?);
    if !b.is_on_curve() || !b.is_in_correct_subgroup_assuming_on_curve() {
        return Err("pi_b is not in its group".into());
    }
    Ok(Proof { a: g1(&value["pi_a"])?, b, c: g1(&value["pi_c"])? })
}
