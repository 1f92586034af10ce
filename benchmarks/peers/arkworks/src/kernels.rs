//! Works on single kernels over BN254, on random data.
use std::hint::black_box;

use ark_bn254::{Bn254, Fq, Fr, G1Projective, G2Projective};
use ark_ec::{pairing::Pairing, scalar_mul::BatchMulPreprocessing, CurveGroup, PrimeGroup, VariableBaseMSM};
use ark_ff::{Field, PrimeField, UniformRand};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_std::rand::rngs::OsRng;
use ark_std::Zero;

use crate::{Outcome, Request, Work};

const PRODUCTS: usize = 1 << 20;
const DIFFERS: &str = "two ways to the result differ";

fn agree(same: bool) -> Outcome<()> {
    if same { Ok(()) } else { Err(DIFFERS.into()) }
}

fn random<T: UniformRand>(n: usize) -> Vec<T> {
    (0..n).map(|_| T::rand(&mut OsRng)).collect()
}

/// LANES independent chains of products.
struct Chains<const LANES: usize> {
    start: [Fq; LANES],
    state: [Fq; LANES],
    factor: Fq,
}

impl<const LANES: usize> Chains<LANES> {
    fn prepare() -> Outcome<Box<dyn Work>> {
        let start = std::array::from_fn(|_| Fq::rand(&mut OsRng));
        Ok(Box::new(Self { start, state: start, factor: Fq::rand(&mut OsRng) }))
    }
}

impl<const LANES: usize> Work for Chains<LANES> {
    fn items(&self) -> usize {
        PRODUCTS
    }
    fn run(&mut self) -> Outcome<()> {
        let factor = black_box(self.factor);
        let mut state = self.start;
        for _ in 0..PRODUCTS / LANES {
            for value in &mut state {
                *value *= &factor;
            }
        }
        self.state = black_box(state);
        Ok(())
    }
    fn check(&mut self) -> Outcome<()> {
        let power = self.factor.pow([(PRODUCTS / LANES) as u64]);
        agree(self.start.iter().zip(&self.state).all(|(start, state)| *start * power == *state))
    }
}

pub fn prepare_field_mul(_: &Request) -> Outcome<Box<dyn Work>> {
    Chains::<8>::prepare()
}

pub fn prepare_field_chain(_: &Request) -> Outcome<Box<dyn Work>> {
    Chains::<1>::prepare()
}

/// The sum over i of k_i * (l_i * G) is the inner product of k and l times G.
struct Msm<G: VariableBaseMSM> {
    bases: Vec<G::MulBase>,
    scalars: Vec<G::ScalarField>,
    expected: G,
    out: G,
}

impl<G: CurveGroup + VariableBaseMSM<MulBase = <G as CurveGroup>::Affine> + 'static> Msm<G> {
    fn prepare(request: &Request) -> Outcome<Box<dyn Work>> {
        let n = 1 << request.number("log_size")?;
        let (scalars, logarithms) = (random::<G::ScalarField>(n), random::<G::ScalarField>(n));
        let sum: G::ScalarField = scalars.iter().zip(&logarithms).map(|(k, l)| *k * l).sum();
        let bases = BatchMulPreprocessing::new(G::generator(), n).batch_mul(&logarithms);
        Ok(Box::new(Self { bases, scalars, expected: G::generator() * sum, out: G::zero() }))
    }
}

impl<G: CurveGroup + VariableBaseMSM<MulBase = <G as CurveGroup>::Affine>> Work for Msm<G> {
    fn run(&mut self) -> Outcome<()> {
        self.out = G::msm(&self.bases, &self.scalars).map_err(|_| "lengths differ")?;
        Ok(())
    }
    fn check(&mut self) -> Outcome<()> {
        agree(self.out == self.expected)
    }
}

pub fn prepare_g1_msm(request: &Request) -> Outcome<Box<dyn Work>> {
    Msm::<G1Projective>::prepare(request)
}

pub fn prepare_g2_msm(request: &Request) -> Outcome<Box<dyn Work>> {
    Msm::<G2Projective>::prepare(request)
}

struct Ntt {
    domain: Radix2EvaluationDomain<Fr>,
    start: Vec<Fr>,
    values: Vec<Fr>,
}

impl Work for Ntt {
    fn run(&mut self) -> Outcome<()> {
        self.values.copy_from_slice(&self.start);
        self.domain.fft_in_place(&mut self.values);
        Ok(())
    }
    fn check(&mut self) -> Outcome<()> {
        let sum: Fr = self.start.iter().sum();
        agree(self.values[0] == sum && self.domain.ifft(&self.values) == self.start)
    }
}

pub fn prepare_ntt(request: &Request) -> Outcome<Box<dyn Work>> {
    let n = 1 << request.number("log_size")?;
    let domain = Radix2EvaluationDomain::new(n).ok_or("no domain of that size")?;
    Ok(Box::new(Ntt { domain, start: random(n), values: vec![Fr::zero(); n] }))
}

struct OnePairing {
    p: <Bn254 as Pairing>::G1Affine,
    q: <Bn254 as Pairing>::G2Affine,
    out: <Bn254 as Pairing>::TargetField,
}

impl Work for OnePairing {
    fn run(&mut self) -> Outcome<()> {
        self.out = Bn254::pairing(self.p, self.q).0;
        Ok(())
    }
    fn check(&mut self) -> Outcome<()> {
        let inverse = Bn254::pairing(-self.p, self.q).0;
        agree(self.out != Field::ONE && self.out * inverse == Field::ONE)
    }
}

pub fn prepare_pairing(_: &Request) -> Outcome<Box<dyn Work>> {
    let p = (G1Projective::generator() * Fr::rand(&mut OsRng)).into_affine();
    let q = (G2Projective::generator() * Fr::rand(&mut OsRng)).into_affine();
    debug_assert!(Fr::MODULUS_BIT_SIZE == 254);
    Ok(Box::new(OnePairing { p, q, out: Field::ONE }))
}
