// Works on single kernels of gnark-crypto, over BN254, on random data; each is checked by another way to the result.
package main

import (
	"errors"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark-crypto/ecc/bn254"
	"github.com/consensys/gnark-crypto/ecc/bn254/fp"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark-crypto/ecc/bn254/fr/fft"
)

const products = 1 << 20 // products of one run of field_mul and field_chain

var errDiffers = errors.New("two ways to the result differ")

// Eight independent chains: what the multiplier can do when nothing waits.
func prepareFieldMul(request) (*work, error) {
	var start, state [8]fp.Element
	var factor fp.Element
	factor.MustSetRandom()
	for i := range start {
		start[i].MustSetRandom()
	}
	run := func() error {
		state = start
		for i := 0; i < products/8; i++ {
			state[0].Mul(&state[0], &factor)
			state[1].Mul(&state[1], &factor)
			state[2].Mul(&state[2], &factor)
			state[3].Mul(&state[3], &factor)
			state[4].Mul(&state[4], &factor)
			state[5].Mul(&state[5], &factor)
			state[6].Mul(&state[6], &factor)
			state[7].Mul(&state[7], &factor)
		}
		return nil
	}
	check := func() error {
		power := factor
		for i := 1; i < products/8; i <<= 1 {
			power.Square(&power)
		}
		for i := range start {
			var expected fp.Element
			if expected.Mul(&start[i], &power); !expected.Equal(&state[i]) {
				return errDiffers
			}
		}
		return nil
	}
	return &work{items: products, run: run, check: check}, nil
}

// One chain: how long a product takes when the next waits for it.
func prepareFieldChain(request) (*work, error) {
	var start, state, factor fp.Element
	start.MustSetRandom()
	factor.MustSetRandom()
	run := func() error {
		state = start
		for i := 0; i < products; i++ {
			state.Mul(&state, &factor)
		}
		return nil
	}
	check := func() error {
		power := factor
		for i := 1; i < products; i <<= 1 {
			power.Square(&power)
		}
		if power.Mul(&power, &start); !power.Equal(&state) {
			return errDiffers
		}
		return nil
	}
	return &work{items: products, run: run, check: check}, nil
}

func randomScalars(n int) []fr.Element {
	values := make([]fr.Element, n)
	for i := range values {
		values[i].MustSetRandom()
	}
	return values
}

func prepareVectorMul(r request) (*work, error) {
	logSize, err := r.number("log_size")
	if err != nil {
		return nil, err
	}
	n := 1 << logSize
	a, b, out := fr.Vector(randomScalars(n)), fr.Vector(randomScalars(n)), make(fr.Vector, n)
	check := func() error {
		for i := range out {
			var expected fr.Element
			if expected.Mul(&a[i], &b[i]); !expected.Equal(&out[i]) {
				return errDiffers
			}
		}
		return nil
	}
	return &work{items: n, run: func() error { out.Mul(a, b); return nil }, check: check}, nil
}

// The sum over i of k_i * (l_i * G) is the inner product of k and l times G.
func innerProduct(k, l []fr.Element) (sum fr.Element) {
	for i := range k {
		var term fr.Element
		sum.Add(&sum, term.Mul(&k[i], &l[i]))
	}
	return
}

func prepareG1MSM(r request) (*work, error) {
	logSize, err := r.number("log_size")
	if err != nil {
		return nil, err
	}
	_, _, g1, _ := bn254.Generators()
	scalars, logarithms := randomScalars(1<<logSize), randomScalars(1<<logSize)
	bases := bn254.BatchScalarMultiplicationG1(&g1, logarithms)
	var out bn254.G1Affine
	run := func() error {
		_, err := out.MultiExp(bases, scalars, ecc.MultiExpConfig{NbTasks: r.Threads})
		return err
	}
	check := func() error {
		expected := bn254.BatchScalarMultiplicationG1(&g1, []fr.Element{innerProduct(scalars, logarithms)})
		if !expected[0].Equal(&out) {
			return errDiffers
		}
		return nil
	}
	return &work{items: 1, run: run, check: check}, nil
}

func prepareG2MSM(r request) (*work, error) {
	logSize, err := r.number("log_size")
	if err != nil {
		return nil, err
	}
	_, _, _, g2 := bn254.Generators()
	scalars, logarithms := randomScalars(1<<logSize), randomScalars(1<<logSize)
	bases := bn254.BatchScalarMultiplicationG2(&g2, logarithms)
	var out bn254.G2Affine
	run := func() error {
		_, err := out.MultiExp(bases, scalars, ecc.MultiExpConfig{NbTasks: r.Threads})
		return err
	}
	check := func() error {
		expected := bn254.BatchScalarMultiplicationG2(&g2, []fr.Element{innerProduct(scalars, logarithms)})
		if !expected[0].Equal(&out) {
			return errDiffers
		}
		return nil
	}
	return &work{items: 1, run: run, check: check}, nil
}

// Natural order in, bit-reversed out: the fastest transform that gnark's prover uses.
func prepareNTT(r request) (*work, error) {
	logSize, err := r.number("log_size")
	if err != nil {
		return nil, err
	}
	n := 1 << logSize
	domain := fft.NewDomain(uint64(n))
	start, values := randomScalars(n), make([]fr.Element, n)
	run := func() error {
		copy(values, start)
		domain.FFT(values, fft.DIF, fft.WithNbTasks(r.Threads))
		return nil
	}
	check := func() error {
		back := append([]fr.Element(nil), values...)
		domain.FFTInverse(back, fft.DIT, fft.WithNbTasks(r.Threads))
		var sum fr.Element // the transform at 1, so that doing nothing twice is not accepted
		for i := range back {
			if !back[i].Equal(&start[i]) {
				return errDiffers
			}
			sum.Add(&sum, &start[i])
		}
		if !sum.Equal(&values[0]) {
			return errDiffers
		}
		return nil
	}
	return &work{items: 1, run: run, check: check}, nil
}

func randomPairs(n int) ([]bn254.G1Affine, []bn254.G2Affine) {
	_, _, g1, g2 := bn254.Generators()
	return bn254.BatchScalarMultiplicationG1(&g1, randomScalars(n)), bn254.BatchScalarMultiplicationG2(&g2, randomScalars(n))
}

func preparePairing(request) (*work, error) {
	p, q := randomPairs(1)
	var out bn254.GT
	run := func() (err error) { out, err = bn254.Pair(p, q); return }
	check := func() error { // e(P, Q) * e(-P, Q) = 1, and e(P, Q) is not 1
		p[0].Neg(&p[0])
		inverse, err := bn254.Pair(p, q)
		if p[0].Neg(&p[0]); err != nil {
			return err
		}
		if out.IsOne() || !inverse.Mul(&inverse, &out).IsOne() {
			return errDiffers
		}
		return nil
	}
	return &work{items: 1, run: run, check: check}, nil
}

// A product of n pairings, which is what a batch of n proofs costs at least: n Miller loops and one final exponentiation.
func prepareMillerLoops(r request) (*work, error) {
	n, err := r.number("count")
	if err != nil {
		return nil, err
	}
	p, q := randomPairs(n)
	var out bn254.GT
	run := func() error {
		product, err := bn254.MillerLoop(p, q)
		out = bn254.FinalExponentiation(&product)
		return err
	}
	check := func() error {
		expected, err := bn254.Pair(p, q)
		if err == nil && (!expected.Equal(&out) || out.IsOne()) {
			return errDiffers
		}
		return err
	}
	return &work{items: 1, run: run, check: check}, nil
}
