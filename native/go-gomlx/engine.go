package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend" // the engine in Go, by the name "go"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/onnx-gomlx/onnx"
	"github.com/gomlx/onnx-gomlx/onnx/parser"
)

// Engine is a loaded network; one caller calls it at a time.
type Engine interface {
	// Run runs one batch and returns the hidden states, of shape [texts, tokens, hidden], and the
	// length of a hidden state.
	Run(batch *Batch) (states []float32, hidden int, err error)
	// CompileS returns the seconds of each compilation so far.
	CompileS() []float64
	// Account returns what it really uses, by the names of the contract.
	Account() map[string]any
}

// Open loads the network once more, up to the output of a node; an empty name is all of it.
type Open func(until string) (Engine, error)

// engines has what makes the engine of each backend ready.
var engines = map[string]func(job *Job) (Open, error){
	"gomlx-go":  openGo,
	"gomlx-xla": openXLA,
}

// backendNames returns the backends in order.
func backendNames() []string { return []string{"gomlx-xla", "gomlx-go"} }

// GoMLX is a network on one of GoMLX's backends.
type GoMLX struct {
	exec     *model.Exec
	inputs   int
	known    map[[2]int]bool
	compileS []float64
	account  map[string]any
	// buckets says whether the backend compiles for each shape, so that batches are padded.
	buckets   bool
	positions int
}

// openGo makes the engine in Go ready. It takes its threads from Go's scheduler. The operations of a
// network come one after another, each on all threads: where several run at once, each holds a worker
// while it waits for one, and with as many of them as there are threads none goes on.
func openGo(job *Job) (Open, error) {
	cpus, err := job.cpus()
	if err != nil {
		return nil, err
	}
	runtime.GOMAXPROCS(cpus)
	backend, err := compute.NewWithConfig(fmt.Sprintf("go:parallelism=%d,ops_sequential", cpus))
	if err != nil {
		return nil, fail(LoadFailed, "GoMLX's own engine cannot be made ready (%s)", firstLine(err))
	}
	account := map[string]any{"provider": "go", "library": "gomlx " + gomlxVersion() + ", simd " + simd}
	return opener(job, backend, account, false), nil
}

// openXLA loads the PJRT plugin that the job names. Its threads come from the environment, which is
// read when it is loaded.
func openXLA(job *Job) (Open, error) {
	path := job.Libraries["pjrt"]
	unusable := func(cause any) error {
		return fail(Unavailable, "%s cannot be used as a PJRT plugin (%s): run 'make native' again", path, firstLine(cause))
	}
	cpus, err := job.cpus()
	if err != nil {
		return nil, err
	}
	if err := requireLibrary(path); err != nil {
		return nil, unusable(err)
	}
	for variable, value := range map[string]string{
		"GOMLX_NO_AUTO_INSTALL": "1", "PJRT_NPROC": fmt.Sprint(cpus), "NPROC": fmt.Sprint(cpus),
	} {
		if err := os.Setenv(variable, value); err != nil {
			return nil, unusable(err)
		}
	}
	runtime.GOMAXPROCS(cpus)
	if err := confine(cpus); err != nil {
		return nil, fail(Unavailable, "this process cannot be kept on %d CPUs (%s): ask for as many threads as there are", cpus, firstLine(err))
	}
	backend, err := xla.NewWithOptions(path, pjrt.NamedValuesMap{"cpu_device_count": int64(1)})
	if err != nil {
		return nil, unusable(err)
	}
	account := map[string]any{"provider": "XLA by PJRT, one CPU device", "library": "gomlx " + gomlxVersion() + " on " + backend.Description()}
	return opener(job, backend, account, true), nil
}

// opener returns what loads the network on a backend.
func opener(job *Job, backend compute.Backend, account map[string]any, buckets bool) Open {
	return func(until string) (Engine, error) {
		broken := func(cause any) error {
			return fail(LoadFailed, "%s could not be loaded (%s): run 'emch prepare', or take another backend",
				job.Model.Network, firstLine(cause))
		}
		network, err := parser.ParseFile(job.Model.Network)
		if err != nil {
			return nil, broken(err)
		}
		store := model.NewStore()
		if err := network.VariablesToScope(store.RootScope()); err != nil {
			return nil, broken(err)
		}
		names, _ := network.Inputs()
		exec, err := model.NewExec(backend, store, program(network, names, until))
		if err != nil {
			return nil, broken(err)
		}
		exec.SetMaxCache(-1)
		return &GoMLX{
			exec: exec, inputs: len(names), known: map[[2]int]bool{}, account: account,
			buckets: buckets, positions: job.Model.MaxTokens,
		}, nil
	}
}

// program returns what builds the network's graph for inputs in the order of names.
func program(network onnx.Model, names []string, until string) func(*model.Scope, []*graph.Node) *graph.Node {
	return func(scope *model.Scope, given []*graph.Node) *graph.Node {
		inputs := map[string]*graph.Node{}
		for place, name := range names {
			inputs[name] = given[place]
		}
		var outputs []string
		if until != "" {
			outputs = []string{until}
		}
		return network.CallGraph(scope, given[0].Graph(), inputs, outputs...)[0]
	}
}

// Run pads a batch to its bucket, runs it, and takes the padding off again.
func (engine *GoMLX) Run(batch *Batch) ([]float32, int, error) {
	texts, length := len(batch.Rows), batch.Length
	if engine.buckets {
		texts, length = bucket(texts, length, engine.positions)
	}
	began := time.Now()
	ids, mask := fill(batch, texts, length)
	types := make([]int64, texts*length)
	arrays := []*tensors.Tensor{
		tensors.FromFlatDataAndDimensions(ids, texts, length),
		tensors.FromFlatDataAndDimensions(mask, texts, length),
		tensors.FromFlatDataAndDimensions(types, texts, length),
	}[:engine.inputs]
	given := make([]any, len(arrays))
	for place, array := range arrays {
		given[place] = array
	}
	shape := [2]int{texts, length}
	if !engine.known[shape] {
		if err := engine.exec.PreCompile(given...); err != nil {
			return nil, 0, fail(LoadFailed, "the network cannot be compiled (%s)", firstLine(err))
		}
		engine.known[shape] = true
		engine.compileS = append(engine.compileS, time.Since(began).Seconds())
	}
	found, err := engine.exec.Call1(given...)
	if err != nil {
		return nil, 0, fail(LoadFailed, "the network cannot be run (%s)", firstLine(err))
	}
	dimensions := found.Shape().Dimensions
	hidden := dimensions[len(dimensions)-1]
	var states []float32
	err = tensors.ConstFlatData(found, func(flat []float32) { states = strip(flat, batch, length, hidden) })
	for _, each := range append(arrays, found) {
		each.FinalizeAll()
	}
	if err != nil {
		return nil, 0, fail(LoadFailed, "the states cannot be read (%s)", firstLine(err))
	}
	return states, hidden, nil
}

// fill returns the ids and the mask of a batch with padding up to a shape. A row of padding has one
// token: without any, attention divides by zero.
func fill(batch *Batch, texts, length int) (ids, mask []int64) {
	ids, mask = make([]int64, texts*length), make([]int64, texts*length)
	for row := range texts {
		mask[row*length] = 1
		if row < len(batch.Rows) {
			copy(ids[row*length:], batch.IDs[row*batch.Length:(row+1)*batch.Length])
			copy(mask[row*length:], batch.Mask[row*batch.Length:(row+1)*batch.Length])
		}
	}
	return ids, mask
}

// strip copies the states of a batch, of shape [texts, length, hidden], without the padding.
func strip(flat []float32, batch *Batch, length, hidden int) []float32 {
	if length == batch.Length {
		return slices.Clone(flat[:len(batch.Rows)*length*hidden])
	}
	states := make([]float32, 0, len(batch.IDs)*hidden)
	for row := range batch.Rows {
		start := row * length * hidden
		states = append(states, flat[start:start+batch.Length*hidden]...)
	}
	return states
}

// CompileS returns the seconds of each compilation so far; the engine in Go compiles too, quickly.
func (engine *GoMLX) CompileS() []float64 { return engine.compileS }

// Account returns what it uses.
func (engine *GoMLX) Account() map[string]any { return engine.account }

// gomlxVersion returns the version of GoMLX that this program was built with.
var gomlxVersion = sync.OnceValue(func() string {
	libraries, _ := describe()["libraries"].(map[string]string)
	return libraries["gomlx"]
})
