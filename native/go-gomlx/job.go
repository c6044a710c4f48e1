package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
)

// contract is the version of the contract that this program keeps.
const contract = 1

var tasks = []string{"semantic-search", "sentence-encoding", "startup", "tokens"}

var poolings = []string{"mean", "cls"}

// Job is a task with its model and options; see docs/native-runners.md.
type Job struct {
	Contract  int                        `json:"contract"`
	Backend   string                     `json:"backend"`
	Precision string                     `json:"precision"`
	Task      Task                       `json:"task"`
	Model     Model                      `json:"model"`
	Options   map[string]json.RawMessage `json:"options"`
	Libraries map[string]string          `json:"libraries"`
	Probes    []Probe                    `json:"probes"`
}

// Task has the parameters and inputs of all tasks; those of other tasks are zero.
type Task struct {
	Name        string   `json:"name"`
	BatchSize   int      `json:"batch_size"`
	Folder      string   `json:"folder"`
	Limit       *int     `json:"limit"`
	ExcludeSelf bool     `json:"exclude_self"`
	Callers     int      `json:"callers"`
	MinCalls    int      `json:"min_calls"`
	MinSeconds  float64  `json:"min_seconds"`
	MaxSeconds  float64  `json:"max_seconds"`
	Batches     []Arrays `json:"batches"`
	Until       string   `json:"until"`
	Texts       []string `json:"texts"`
}

// Arrays is a batch that is tokens already; both have the shape [batch, tokens].
type Arrays struct {
	InputIDs      [][]int64 `json:"input_ids"`
	AttentionMask [][]int64 `json:"attention_mask"`
	Flop          uint64    `json:"flop"`
}

// Model is what a runner has to know of a model.
type Model struct {
	Network       string            `json:"network"`
	Tokenizer     string            `json:"tokenizer"`
	MaxTokens     int               `json:"max_tokens"`
	PadID         int64             `json:"pad_id"`
	LinearSize    uint64            `json:"linear_size"`
	AttentionSize uint64            `json:"attention_size"`
	Pooling       string            `json:"pooling"`
	Normalize     bool              `json:"normalize"`
	Prompts       map[string]string `json:"prompts"`
}

// Probe is a text in its role.
type Probe struct {
	Text string `json:"text"`
	Role string `json:"role"`
}

// readJob reads a job from a file, and refuses what this program cannot do.
func readJob(path string) (*Job, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fail(InvalidInput, "the job cannot be read (%v): give a job file", err)
	}
	return parseJob(text)
}

// parseJob reads a job from JSON.
func parseJob(text []byte) (*Job, error) {
	var job Job
	if err := json.Unmarshal(text, &job); err != nil {
		return nil, fail(InvalidInput, "the job is not what the contract says (%v): see docs/native-runners.md", err)
	}
	if job.Contract != contract {
		return nil, fail(InvalidInput, "the job has version %d of the contract, and this runner reads version %d: "+
			"take an emch and a runner of one version", job.Contract, contract)
	}
	if !slices.Contains(tasks, job.Task.Name) {
		return nil, fail(InvalidInput, "unknown task '%s'; known are: %s", job.Task.Name, strings.Join(tasks, ", "))
	}
	if job.Task.Name != "tokens" && job.Task.BatchSize < 1 {
		return nil, fail(InvalidInput, "the batch size is %d: give 1 or more", job.Task.BatchSize)
	}
	return &job, job.require()
}

// require refuses options and models that there is no code for.
func (job *Job) require() error {
	for name, value := range job.Options {
		if name != "threads" && name != "streams" {
			return fail(InvalidInput, "there is no option %s, of which %s was asked for: leave it out", name, value)
		}
	}
	if streams, asked := job.Options["streams"]; asked && string(streams) != "1" {
		return fail(OptionNotHonoured, "%s streams were asked for, and there is one: leave streams out", streams)
	}
	if job.Model.Pooling == "" {
		job.Model.Pooling = "mean"
	}
	if !slices.Contains(poolings, job.Model.Pooling) {
		return fail(Unavailable, "there is no code for the pooling '%s', but for %s: take another backend",
			job.Model.Pooling, strings.Join(poolings, " and "))
	}
	if job.Task.Name == "tokens" {
		return nil
	}
	if _, known := engines[job.Backend]; !known {
		return fail(InvalidInput, "unknown backend '%s'; known are: %s", job.Backend, strings.Join(backendNames(), ", "))
	}
	_, err := job.threads()
	return err
}

// threads returns the threads of a session.
func (job *Job) threads() (int, error) {
	var threads int
	if err := json.Unmarshal(job.Options["threads"], &threads); err != nil || threads < 1 {
		return 0, fail(InvalidInput, "threads is '%s', which is no whole number from 1 on", job.Options["threads"])
	}
	return threads, nil
}

// callers returns how many callers there are, each with a session.
func (job *Job) callers() int { return max(job.Task.Callers, 1) }

// cpus returns how many CPUs the sessions of all callers may keep busy: they share an engine's pool.
func (job *Job) cpus() (int, error) {
	threads, err := job.threads()
	return threads * job.callers(), err
}
