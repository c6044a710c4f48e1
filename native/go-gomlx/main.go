// Command emch-go-gomlx does tasks of emch with GoMLX, on XLA or on its own engine: see
// docs/native-runners.md.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gomlx/go-huggingface/tokenizers/hftokenizer"
)

const (
	name    = "emch-go-gomlx"
	version = "0.1.0"
	usage   = "give --describe, or JOB and RESULT: two paths"
)

func main() {
	began := time.Now()
	if len(os.Args) == 2 && os.Args[1] == "--describe" {
		text, _ := json.Marshal(describe())
		fmt.Println(string(text))
		return
	}
	if len(os.Args) != 3 {
		fmt.Fprintf(os.Stderr, "%s: %s\n", name, usage)
		os.Exit(2)
	}
	found, err := guarded(os.Args[1], began)
	os.Exit(finish(os.Args[2], found, err))
}

// describe returns what --describe prints.
func describe() map[string]any {
	libraries := map[string]string{"go": strings.TrimPrefix(runtime.Version(), "go"), "simd": simd}
	if built, known := debug.ReadBuildInfo(); known {
		for _, each := range built.Deps {
			if strings.HasPrefix(each.Path, "github.com/gomlx/") {
				libraries[strings.TrimPrefix(each.Path, "github.com/gomlx/")] = each.Version
			}
		}
	}
	return map[string]any{
		"contract": contract, "name": name, "version": version, "tasks": tasks, "poolings": poolings,
		"backends": backendNames(), "libraries": libraries, "until": true,
	}
}

// guarded does a job; a panic is a failure in one sentence.
func guarded(path string, began time.Time) (found map[string]any, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fail(LoadFailed, "the engine failed inside (%s): take another release of it", firstLine(cause))
		}
	}()
	job, err := readJob(path)
	if err != nil {
		return nil, err
	}
	os.Stdout = nil // GoMLX's own engine writes there how many threads it has
	return work(job, began)
}

// work loads, does the task, answers the probes, and returns the result.
func work(job *Job, began time.Time) (map[string]any, error) {
	tokenizer, err := loadTokenizer(job)
	if err != nil {
		return nil, err
	}
	if job.Task.Name == "tokens" {
		return map[string]any{"contract": contract, "tokens": tokenizer.tokenize(job.Task.Texts)}, nil
	}
	if _, err := os.Stat(job.Model.Network); err != nil {
		return nil, fail(Unavailable, "there is no network %s: run 'emch prepare'", job.Model.Network)
	}
	open, err := engines[job.Backend](job)
	if err != nil {
		return nil, err
	}
	first, err := open(job.Task.Until)
	if err != nil {
		return nil, err
	}
	loadS := time.Since(began).Seconds()
	resident, err := residentBytes()
	if err != nil {
		return nil, err
	}
	encoders := []*Encoder{{first, tokenizer, &job.Model}}
	for len(encoders) < job.callers() {
		engine, err := open(job.Task.Until)
		if err != nil {
			return nil, err
		}
		encoders = append(encoders, &Encoder{engine, tokenizer, &job.Model})
	}
	outcome, err := runTask(job, encoders)
	if err != nil {
		return nil, err
	}
	outcome.addCompilations(encoders)
	before, err := soFar(began)
	if err != nil {
		return nil, err
	}
	answers := [][][]float32{}
	for _, encoder := range encoders {
		if job.Task.Until != "" { // a part of the network gives no embeddings
			break
		}
		found, err := answer(encoder, job.Probes, job.Task.BatchSize)
		if err != nil {
			return nil, err
		}
		answers = append(answers, found)
	}
	after, err := soFar(began)
	if err != nil {
		return nil, err
	}
	samples := append([]Pair{{"load_s", []float64{loadS}}, {"rss_after_load_bytes", []int64{resident}}}, outcome.Samples...)
	session := first.Account()
	session["threads"], session["streams"], session["device"] = tokenizer.threads, 1, "cpu"
	session["precision"] = job.Precision
	return map[string]any{
		"contract": contract, "counts": append([]Pair{}, outcome.Counts...), "samples": samples, "session": session,
		"answers": answers, "before_check": before, "after_check": after,
	}, nil
}

// addCompilations adds how often, and for how long, the engines have compiled.
func (outcome *Outcome) addCompilations(encoders []*Encoder) {
	count, sum := 0, 0.0
	for _, encoder := range encoders {
		for _, seconds := range encoder.Engine.CompileS() {
			count++
			sum += seconds
		}
	}
	if count > 0 {
		outcome.Counts = append(outcome.Counts, Pair{"compilations", count})
		outcome.Samples = append(outcome.Samples, Pair{"compile_s", []float64{sum}})
	}
}

// loadTokenizer loads the model's tokenizer.
func loadTokenizer(job *Job) (*Tokenizer, error) {
	path, most := job.Model.Tokenizer, job.Model.MaxTokens
	if _, err := os.Stat(path); err != nil {
		return nil, fail(Unavailable, "there is no tokenizer %s: run 'emch prepare'", path)
	}
	own, err := hftokenizer.NewFromFile(nil, path)
	if err != nil {
		return nil, fail(BrokenArtifact, "%s is no tokenizer (%s): run 'emch prepare'", path, firstLine(err))
	}
	threads, err := job.threads()
	if err != nil {
		return nil, err
	}
	if most < 2 {
		return nil, fail(InvalidInput, "max_tokens is %d: give the model's limit", most)
	}
	return &Tokenizer{own, most, threads}, nil
}

// finish writes the result or the error, and returns the exit status.
func finish(target string, found map[string]any, err error) int {
	status := 0
	if err != nil {
		var failure *Failure
		if !errors.As(err, &failure) {
			failure = fail(LoadFailed, "%s", firstLine(err))
		}
		status = failure.Kind.Status()
		found = map[string]any{"contract": contract, "error": failure.Sentence, "kind": failure.Kind}
		fmt.Fprintf(os.Stderr, "%s: %s\n", name, failure.Sentence)
	}
	if err := writeWhole(target, found); err != nil && status == 0 {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return InvalidInput.Status()
	}
	return status
}

// writeWhole writes a result to a name beside its place, and moves it there.
func writeWhole(path string, content map[string]any) error {
	text, err := json.Marshal(content)
	if err != nil {
		return fail(LoadFailed, "the result is no JSON (%v): the network gives what is no number", err)
	}
	part := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d", filepath.Base(path), os.Getpid()))
	if err := os.WriteFile(part, text, 0o644); err != nil {
		return fail(InvalidInput, "the result %s cannot be written (%v): give a path in a folder that is there", path, err)
	}
	if err := os.Rename(part, path); err != nil {
		os.Remove(part)
		return fail(InvalidInput, "the result %s cannot be written (%v)", path, err)
	}
	return nil
}
