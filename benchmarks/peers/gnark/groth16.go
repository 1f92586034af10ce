// Works on whole circuits: prove, verify, check_witness (gnark's solver on a full assignment: it only checks).
package main

import (
	"fmt"
	"time"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/backend"
	groth16 "github.com/consensys/gnark/backend/groth16/bn254"
	"github.com/consensys/gnark/backend/witness"
	cs "github.com/consensys/gnark/constraint/bn254"
	"github.com/consensys/gnark/constraint/solver"
)

type instance struct {
	system *cs.R1CS
	full   witness.Witness
	public fr.Vector
}

func loadInstance(r request) (*instance, error) {
	r1csPath, err := r.text("r1cs")
	if err != nil {
		return nil, err
	}
	wtnsPath, err := r.text("wtns")
	if err != nil {
		return nil, err
	}
	system, err := loadR1CS(r1csPath)
	if err != nil {
		return nil, err
	}
	values, err := loadWitness(wtnsPath)
	if err != nil {
		return nil, err
	}
	public, secret := system.GetNbPublicVariables()-1, system.GetNbSecretVariables()
	if len(values) != public+secret {
		return nil, fmt.Errorf("the witness has %d values, the circuit %d", len(values), public+secret)
	}
	full, err := witness.New(fr.Modulus())
	if err != nil {
		return nil, err
	}
	stream := make(chan any)
	go func() {
		for _, value := range values {
			stream <- value
		}
		close(stream)
	}()
	if err := full.Fill(public, secret, stream); err != nil {
		return nil, err
	}
	return &instance{system, full, values[:public]}, nil
}

func (i *instance) prover(threads int) (*groth16.VerifyingKey, func() (*groth16.Proof, error), float64, error) {
	var pk groth16.ProvingKey
	var vk groth16.VerifyingKey
	start := time.Now()
	if err := groth16.Setup(i.system, &pk, &vk); err != nil {
		return nil, nil, 0, err
	}
	return &vk, func() (*groth16.Proof, error) {
		return groth16.Prove(i.system, &pk, i.full, backend.WithSolverOptions(solver.WithNbTasks(threads)))
	}, milliseconds(start), nil
}

func prepareProve(r request) (*work, error) {
	loaded, err := loadInstance(r)
	if err != nil {
		return nil, err
	}
	vk, prove, setup, err := loaded.prover(r.Threads)
	if err != nil {
		return nil, err
	}
	var proof *groth16.Proof
	return &work{
		items: 1,
		run:   func() (err error) { proof, err = prove(); return },
		check: func() error { return groth16.Verify(proof, vk, loaded.public) },
		notes: map[string]float64{"setup_ms": setup},
	}, nil
}

func prepareVerify(r request) (*work, error) {
	loaded, err := loadInstance(r)
	if err != nil {
		return nil, err
	}
	vk, prove, setup, err := loaded.prover(r.Threads)
	if err != nil {
		return nil, err
	}
	proof, err := prove()
	if err != nil {
		return nil, err
	}
	verify := func() error { return groth16.Verify(proof, vk, loaded.public) }
	refuse := func() error { // a verifier that accepts everything is fast
		wrong := *proof
		wrong.Ar, wrong.Krs = proof.Krs, proof.Ar
		if groth16.Verify(&wrong, vk, loaded.public) == nil {
			return fmt.Errorf("a false proof was accepted")
		}
		return nil
	}
	return &work{items: 1, run: verify, check: refuse, notes: map[string]float64{"setup_ms": setup}}, nil
}

func prepareSolve(r request) (*work, error) {
	loaded, err := loadInstance(r)
	if err != nil {
		return nil, err
	}
	solve := func() error {
		_, err := loaded.system.Solve(loaded.full, solver.WithNbTasks(r.Threads))
		return err
	}
	return &work{items: 1, run: solve, check: solve}, nil
}
