// Works on gnark's files, over the curve that is named: encode writes a key and a proof, decode verifies what it reads.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"

	"github.com/consensys/gnark-crypto/ecc"
	"github.com/consensys/gnark/backend/groth16"
	"github.com/consensys/gnark/backend/witness"
	"github.com/consensys/gnark/frontend"
	"github.com/consensys/gnark/frontend/cs/r1cs"
)

// cubic has two public inputs, y = x^3 + x + 5 and z = x^2.
type cubic struct {
	Y frontend.Variable `gnark:",public"`
	Z frontend.Variable `gnark:",public"`
	X frontend.Variable
}

func (c *cubic) Define(api frontend.API) error {
	api.AssertIsEqual(c.Z, api.Mul(c.X, c.X))
	api.AssertIsEqual(c.Y, api.Add(api.Mul(c.Z, c.X), c.X, 5))
	return nil
}

func (r request) curve() (ecc.ID, error) {
	name, err := r.text("curve")
	if err != nil {
		return ecc.UNKNOWN, err
	}
	return ecc.IDFromString(name)
}

// prepareEncode writes with x = 3: the public inputs are 35 and 9.
func prepareEncode(r request) (*work, error) {
	curve, err := r.curve()
	if err != nil {
		return nil, err
	}
	outputs := make([]string, 2)
	for i, name := range []string{"vk_out", "proof_out"} {
		if outputs[i], err = r.text(name); err != nil {
			return nil, err
		}
	}
	system, err := frontend.Compile(curve.ScalarField(), r1cs.NewBuilder, &cubic{})
	if err != nil {
		return nil, err
	}
	pk, vk, err := groth16.Setup(system)
	if err != nil {
		return nil, err
	}
	full, err := frontend.NewWitness(&cubic{Y: 35, Z: 9, X: 3}, curve.ScalarField())
	if err != nil {
		return nil, err
	}
	public, err := full.Public()
	if err != nil {
		return nil, err
	}
	var proof groth16.Proof
	run := func() error {
		if proof, err = groth16.Prove(system, pk, full); err != nil {
			return err
		}
		for i, part := range []io.WriterTo{vk, proof} {
			var out bytes.Buffer
			if _, err := part.WriteTo(&out); err != nil {
				return err
			}
			if err := os.WriteFile(outputs[i], out.Bytes(), 0o666); err != nil {
				return err
			}
		}
		return nil
	}
	return &work{items: 1, run: run, check: func() error { return groth16.Verify(proof, vk, public) }}, nil
}

func prepareDecode(r request) (*work, error) {
	curve, err := r.curve()
	if err != nil {
		return nil, err
	}
	vk, proof := groth16.NewVerifyingKey(curve), groth16.NewProof(curve)
	for name, part := range map[string]io.ReaderFrom{"vk": vk, "proof": proof} {
		path, err := r.text(name)
		if err != nil {
			return nil, err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		read, err := part.ReadFrom(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if read != int64(len(data)) {
			return nil, fmt.Errorf("%s: %d of %d bytes were read", name, read, len(data))
		}
	}
	public, err := r.publicInputs(curve)
	if err != nil {
		return nil, err
	}
	verify := func() error { return groth16.Verify(proof, vk, public) }
	return &work{items: 1, run: verify, check: verify}, nil
}

// publicInputs are decimal strings in the parameter of that name.
func (r request) publicInputs(curve ecc.ID) (witness.Witness, error) {
	texts, ok := r.Params["public"].([]any)
	if !ok {
		return nil, errors.New("parameter \"public\" is missing")
	}
	values := make(chan any, len(texts))
	for _, text := range texts {
		value, ok := new(big.Int).SetString(fmt.Sprint(text), 10)
		if !ok {
			return nil, fmt.Errorf("%v is no number", text)
		}
		values <- value
	}
	close(values)
	public, err := witness.New(curve.ScalarField())
	if err != nil {
		return nil, err
	}
	return public, public.Fill(len(texts), 0, values)
}
