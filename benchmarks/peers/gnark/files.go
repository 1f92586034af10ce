// Reading iden3's .r1cs and .wtns (docs/formats.md); the prime must be BN254's r.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/consensys/gnark-crypto/ecc/bn254/fr"
	"github.com/consensys/gnark/constraint"
	cs "github.com/consensys/gnark/constraint/bn254"
)

type cursor struct {
	data []byte
	err  error
}

func (c *cursor) take(n int) []byte {
	if c.err != nil || n < 0 || n > len(c.data) {
		if c.err == nil {
			c.err = errors.New("the file ends early")
		}
		return make([]byte, max(n, 0)&0xff)
	}
	head := c.data[:n]
	c.data = c.data[n:]
	return head
}

func (c *cursor) u32() int {
	b := c.take(4)
	if c.err != nil {
		return 0
	}
	return int(binary.LittleEndian.Uint32(b))
}

func (c *cursor) u64() int {
	b := c.take(8)
	if c.err != nil {
		return 0
	}
	return int(binary.LittleEndian.Uint64(b))
}

// element reads a canonical number.
func (c *cursor) element() fr.Element {
	b := c.take(fr.Bytes)
	if c.err != nil {
		return fr.Element{}
	}
	value, err := fr.LittleEndian.Element((*[fr.Bytes]byte)(b))
	if err != nil {
		c.err = err
	}
	return value
}

// sections of an iden3 file by type.
func sections(path, magic string) (map[int]*cursor, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	all := &cursor{data: data}
	if string(all.take(4)) != magic {
		return nil, fmt.Errorf("%s is no %s file", path, magic)
	}
	all.u32() // version
	found := map[int]*cursor{}
	for count := all.u32(); count > 0 && all.err == nil; count-- {
		kind, size := all.u32(), all.u64()
		found[kind] = &cursor{data: all.take(size)}
	}
	for kind := 1; kind <= 2; kind++ {
		if found[kind] == nil {
			return nil, fmt.Errorf("%s has no section %d", path, kind)
		}
	}
	return found, all.err
}

func checkPrime(c *cursor) error {
	if size := c.u32(); size != fr.Bytes {
		return fmt.Errorf("a field of %d bytes", size)
	}
	modulus := fr.Modulus().FillBytes(make([]byte, fr.Bytes))
	for i, b := range c.take(fr.Bytes) {
		if b != modulus[fr.Bytes-1-i] {
			return errors.New("not over the scalar field of BN254")
		}
	}
	return c.err
}

// loadR1CS puts every wire in as an input, so that the solver checks the assignment and computes nothing.
func loadR1CS(path string) (*cs.R1CS, error) {
	found, err := sections(path, "r1cs")
	if err != nil {
		return nil, err
	}
	header, rows := found[1], found[2]
	if err := checkPrime(header); err != nil {
		return nil, err
	}
	wires, outputs, publics, _ := header.u32(), header.u32(), header.u32(), header.u32()
	header.u64() // labels
	count := header.u32()
	if header.err != nil {
		return nil, header.err
	}
	system := cs.NewR1CS(count)
	for wire := 0; wire < wires; wire++ {
		if wire <= outputs+publics {
			system.AddPublicVariable(fmt.Sprintf("p%d", wire)) // wire 0 is the constant one, in gnark as in circom
		} else {
			system.AddSecretVariable(fmt.Sprintf("s%d", wire))
		}
	}
	blueprint := system.AddBlueprint(&constraint.BlueprintGenericR1C{})
	for row := 0; row < count; row++ {
		var sides [3]constraint.LinearExpression
		for side := range sides {
			sides[side] = make(constraint.LinearExpression, 0, 4)
			for terms := rows.u32(); terms > 0 && rows.err == nil; terms-- {
				wire, value := rows.u32(), rows.element()
				var coefficient constraint.U64
				copy(coefficient[:], value[:])
				sides[side] = append(sides[side], system.MakeTerm(coefficient, wire))
			}
		}
		if rows.err != nil {
			return nil, rows.err
		}
		system.AddR1C(constraint.R1C{L: sides[0], R: sides[1], O: sides[2]}, blueprint)
	}
	return system, nil
}

// loadWitness gives the whole assignment without the leading one.
func loadWitness(path string) ([]fr.Element, error) {
	found, err := sections(path, "wtns")
	if err != nil {
		return nil, err
	}
	if err := checkPrime(found[1]); err != nil {
		return nil, err
	}
	count := found[1].u32()
	if found[1].err != nil || count < 1 || len(found[2].data) != count*fr.Bytes {
		return nil, errors.New("the witness has a wrong length")
	}
	values := make([]fr.Element, count)
	for i := range values {
		values[i] = found[2].element()
	}
	if !values[0].IsOne() {
		return nil, errors.New("the witness does not begin with one")
	}
	return values[1:], found[2].err
}
