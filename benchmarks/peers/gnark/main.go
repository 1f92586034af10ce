// The gnark peer: answers one JSON object a line on standard output for each on standard input (../README.md).
//
// Loads circom's .r1cs and .wtns; its own setup, since gnark reads no .zkey.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"syscall"
	"time"

	"github.com/consensys/gnark/logger"
)

// A work is prepared once, run many times, and its last result is checked.
// One run makes `items` results; the driver divides.
type work struct {
	items int
	run   func() error
	check func() error
	// facts of the preparation, such as the time of a setup
	notes map[string]float64
}

type request struct {
	Op      string         `json:"op"`
	Work    string         `json:"work"`
	Threads int            `json:"threads"`
	Count   int            `json:"count"`
	Params  map[string]any `json:"params"`
}

type response map[string]any

var works = map[string]func(request) (*work, error){
	"prove":           prepareProve,
	"verify":          prepareVerify,
	"check_witness":   prepareSolve,
	"witness":         prepareSolve,       // the assignment is given: gnark only checks it
	"verify_many":     prepareMillerLoops, // gnark has no batch verification: what one would cost at least
	"pairing_product": prepareMillerLoops,
	"field_mul":       prepareFieldMul,
	"field_chain":     prepareFieldChain,
	"vector_mul":      prepareVectorMul,
	"g1_msm":          prepareG1MSM,
	"g2_msm":          prepareG2MSM,
	"ntt":             prepareNTT,
	"pairing":         preparePairing,
	"encode":          prepareEncode,
	"decode":          prepareDecode,
}

func (r request) text(name string) (string, error) {
	value, ok := r.Params[name].(string)
	if !ok {
		return "", fmt.Errorf("parameter %q is missing", name)
	}
	return value, nil
}

func (r request) number(name string) (int, error) {
	value, ok := r.Params[name].(float64)
	if !ok || value != float64(int(value)) || value < 0 {
		return 0, fmt.Errorf("parameter %q is missing or no natural number", name)
	}
	return int(value), nil
}

func cpuMilliseconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	text := ""
	for _, module := range info.Deps {
		if module.Path == "github.com/consensys/gnark" {
			text = module.Version + text
		}
		if module.Path == "github.com/consensys/gnark-crypto" {
			text += ", gnark-crypto " + module.Version
		}
	}
	return text
}

func main() {
	logger.Disable()
	names := make([]string, 0, len(works))
	for name := range works {
		names = append(names, name)
	}
	sort.Strings(names)
	out := json.NewEncoder(os.Stdout)
	reply := func(r response) {
		if err := out.Encode(r); err != nil {
			os.Exit(1)
		}
	}
	reply(response{"peer": "gnark", "version": version(), "toolchain": runtime.Version(), "works": names})
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	var current *work
	for in.Scan() {
		var r request
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			reply(response{"ok": false, "error": err.Error()})
			continue
		}
		if r.Op == "quit" {
			return
		}
		answer, err := answer(r, &current)
		if err != nil {
			answer = response{"ok": false, "error": err.Error()}
		}
		reply(answer)
	}
}

func answer(r request, current **work) (result response, err error) {
	defer func() { // a library that panics is an error of this work, named, not a dead peer
		if caught := recover(); caught != nil {
			err = fmt.Errorf("panic: %v", caught)
		}
	}()
	if r.Op == "prepare" {
		prepare, known := works[r.Work]
		if !known {
			return nil, fmt.Errorf("unknown work %q", r.Work)
		}
		runtime.GOMAXPROCS(r.Threads)
		*current = nil
		start := time.Now()
		prepared, err := prepare(r)
		if err != nil {
			return nil, err
		}
		*current = prepared
		runtime.GC()
		debug.FreeOSMemory() // what only the preparation needed is not the proof's
		return response{"ok": true, "items": prepared.items, "prepare_ms": milliseconds(start), "notes": prepared.notes}, nil
	}
	if *current == nil {
		return nil, errors.New("nothing is prepared")
	}
	switch r.Op {
	case "run":
		if r.Count < 1 {
			return nil, errors.New("count must be at least 1")
		}
		cpu, start := cpuMilliseconds(), time.Now()
		for i := 0; i < r.Count; i++ {
			if err := (*current).run(); err != nil {
				return nil, err
			}
		}
		return response{"ok": true, "wall_ms": milliseconds(start), "cpu_ms": cpuMilliseconds() - cpu}, nil
	case "check":
		if err := (*current).check(); err != nil {
			return nil, fmt.Errorf("wrong result: %w", err)
		}
		return response{"ok": true}, nil
	}
	return nil, fmt.Errorf("unknown op %q", r.Op)
}

func milliseconds(since time.Time) float64 { return float64(time.Since(since).Nanoseconds()) / 1e6 }
