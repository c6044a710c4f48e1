package main

import (
	"slices"
	"sync"
	"time"
)

// warmRounds is how often a caller goes through all batches before it is timed.
const warmRounds = 2

// Encoder is a loaded engine with what is around it.
type Encoder struct {
	Engine    Engine
	Tokenizer *Tokenizer
	Model     *Model
}

// Spent has tokens and operations that were counted, and seconds of the parts.
type Spent struct {
	Tokens    uint64
	Flop      uint64
	TokenizeS float64
	PoolS     float64
	BatchS    []float64
}

// Pair is a name with a value, which JSON has as a list of two.
type Pair [2]any

// Outcome is what a task found: counts, and raw values by the names of the metrics.
type Outcome struct {
	Counts  []Pair
	Samples []Pair
}

// encode returns the embeddings of texts of a role one behind another, and their size; unit scales
// them to length 1 also where the model does not.
func (encoder *Encoder) encode(texts []string, role string, batchSize int, unit bool, spent *Spent) ([]float32, int, error) {
	began := time.Now()
	prompt := encoder.Model.Prompts[role]
	prompted := make([]string, len(texts))
	for place, text := range texts {
		prompted[place] = prompt + text
	}
	tokens := encoder.Tokenizer.tokenize(prompted)
	spent.TokenizeS += time.Since(began).Seconds()
	for _, text := range tokens {
		count := uint64(len(text))
		spent.Tokens += count
		// As count_flop in emch/models/settings.py.
		spent.Flop += 2 * count * (encoder.Model.LinearSize + 2*encoder.Model.AttentionSize*count)
	}
	var found []float32
	size := 0
	for _, batch := range makeBatches(tokens, batchSize, encoder.Model.PadID) {
		began := time.Now()
		states, hidden, err := encoder.Engine.Run(batch)
		if err != nil {
			return nil, 0, err
		}
		ran := time.Now()
		pooled := pool(states, hidden, batch, encoder.Model.Pooling)
		if unit || encoder.Model.Normalize {
			normalize(pooled, hidden)
		}
		if size == 0 {
			size = hidden
			found = make([]float32, len(texts)*size)
		}
		for place, row := range batch.Rows {
			copy(found[row*size:(row+1)*size], pooled[place*size:(place+1)*size])
		}
		spent.BatchS = append(spent.BatchS, ran.Sub(began).Seconds())
		spent.PoolS += time.Since(ran).Seconds()
	}
	if size == 0 {
		return nil, 0, fail(InvalidInput, "there are no texts to encode: give some")
	}
	return found, size, nil
}

// runTask does the task of a job with loaded encoders, one for each caller.
func runTask(job *Job, encoders []*Encoder) (*Outcome, error) {
	switch job.Task.Name {
	case "semantic-search":
		return search(job, encoders[0])
	case "sentence-encoding":
		return encodeSentences(job, encoders)
	}
	began := time.Now()
	_, _, err := encoders[0].encode(job.Task.Texts, "text", job.Task.BatchSize, false, &Spent{})
	return &Outcome{Samples: []Pair{{"first_call_s", []float64{time.Since(began).Seconds()}}}}, err
}

// search encodes documents and queries, finds each query's top document, and counts the hits.
func search(job *Job, encoder *Encoder) (*Outcome, error) {
	texts, err := readDataset(job.Task.Folder, job.Task.Limit)
	if err != nil {
		return nil, err
	}
	spent, began := &Spent{}, time.Now()
	documents, size, err := encoder.encode(texts.Documents, "document", job.Task.BatchSize, true, spent)
	if err != nil {
		return nil, err
	}
	queries, _, err := encoder.encode(texts.Queries, "query", job.Task.BatchSize, true, spent)
	if err != nil {
		return nil, err
	}
	encoded := time.Now()
	var leftOut []int
	if job.Task.ExcludeSelf {
		leftOut = texts.SameID
	}
	hits := countHits(topDocuments(queries, documents, size, leftOut, encoder.Tokenizer.threads), texts.Relevant)
	return &Outcome{
		Counts: []Pair{
			{"queries", len(texts.Queries)}, {"documents", len(texts.Documents)}, {"hits", hits},
			{"tokens", spent.Tokens}, {"flop", spent.Flop},
		},
		Samples: []Pair{
			{"tokenize_s", []float64{spent.TokenizeS}}, {"pool_s", []float64{spent.PoolS}},
			{"encode_s", []float64{encoded.Sub(began).Seconds()}},
			{"search_s", []float64{time.Since(encoded).Seconds()}}, {"batch_s", spent.BatchS},
		},
	}, nil
}

// encodeSentences warms all engines up, and then times the calls of all callers at once.
func encodeSentences(job *Job, encoders []*Encoder) (*Outcome, error) {
	var batches []*Batch
	for _, arrays := range job.Task.Batches {
		batch, err := asBatch(arrays)
		if err != nil {
			return nil, err
		}
		batches = append(batches, batch)
	}
	compiled := 0
	for _, encoder := range encoders {
		for range warmRounds {
			for _, batch := range batches {
				if _, _, err := encoder.Engine.Run(batch); err != nil {
					return nil, err
				}
			}
		}
		compiled += len(encoder.Engine.CompileS())
	}
	callS, elapsedS, err := timeCalls(&job.Task, encoders, batches)
	if err != nil {
		return nil, err
	}
	for _, encoder := range encoders {
		compiled -= len(encoder.Engine.CompileS())
	}
	if compiled != 0 {
		return nil, fail(CompiledWhileTimed, "the engine compiled while it was timed: its times mean nothing")
	}
	var sentences, tokens, flop uint64
	for _, calls := range callS {
		for call := range calls {
			place := call % len(batches)
			sentences += uint64(len(batches[place].Rows))
			tokens += batches[place].tokens()
			flop += job.Task.Batches[place].Flop
		}
	}
	all := slices.Concat(callS...)
	return &Outcome{
		Counts:  []Pair{{"calls", len(all)}, {"sentences", sentences}, {"tokens", tokens}, {"flop", flop}},
		Samples: []Pair{{"call_s", all}, {"elapsed_s", []float64{elapsedS}}},
	}, nil
}

// timeCalls lets each encoder's caller call over and over, all at once; it returns the seconds of
// each call by caller, and from the common start to the last end.
func timeCalls(task *Task, encoders []*Encoder, batches []*Batch) ([][]float64, float64, error) {
	callS := make([][]float64, len(encoders))
	errs := make([]error, len(encoders))
	began := time.Now()
	var work sync.WaitGroup
	for caller, encoder := range encoders {
		work.Go(func() {
			defer func() {
				if cause := recover(); cause != nil {
					errs[caller] = fail(LoadFailed, "the engine failed inside (%s)", firstLine(cause))
				}
			}()
			before := time.Now()
			for call := 0; ; call++ {
				if _, _, errs[caller] = encoder.Engine.Run(batches[call%len(batches)]); errs[caller] != nil {
					return
				}
				now := time.Now()
				callS[caller] = append(callS[caller], now.Sub(before).Seconds())
				before = now
				passed := now.Sub(began).Seconds()
				enough := call+1 >= task.MinCalls && passed >= task.MinSeconds
				if enough || passed >= task.MaxSeconds {
					return
				}
			}
		})
	}
	work.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, 0, err
		}
	}
	return callS, time.Since(began).Seconds(), nil
}

// answer returns the embeddings of the probes in their order, role by role.
func answer(encoder *Encoder, probes []Probe, batchSize int) ([][]float32, error) {
	found := make([][]float32, len(probes))
	for _, role := range []string{"text", "query", "document"} {
		var places []int
		var texts []string
		for place, probe := range probes {
			if probe.Role == role {
				places, texts = append(places, place), append(texts, probe.Text)
			}
		}
		if len(texts) == 0 {
			continue
		}
		embeddings, size, err := encoder.encode(texts, role, batchSize, false, &Spent{})
		if err != nil {
			return nil, err
		}
		for row, place := range places {
			found[place] = embeddings[row*size : (row+1)*size]
		}
	}
	return found, nil
}
