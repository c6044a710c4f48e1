package main

import (
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/gomlx/go-huggingface/tokenizers/hftokenizer"
)

// Tokenizer makes tokens of texts, as the model's own does: see clean and truncate.
type Tokenizer struct {
	own       *hftokenizer.Tokenizer
	maxTokens int
	threads   int
}

// clean does to a text what hftokenizer v0.4.0 leaves out of BERT's normalizer: format characters
// and those for private use go, and the separators of lines and paragraphs become spaces.
func clean(text string) string {
	return strings.Map(func(letter rune) rune {
		switch {
		case letter == '\u2028' || letter == '\u2029':
			return ' '
		case unicode.Is(unicode.Cf, letter) || unicode.Is(unicode.Co, letter):
			return -1
		}
		return letter
	}, text)
}

// truncate cuts tokens at the model's limit and keeps the last one, which is special.
func truncate(tokens []int, most int) []int {
	if len(tokens) <= most {
		return tokens
	}
	return append(slices.Clone(tokens[:most-1]), tokens[len(tokens)-1])
}

// tokenize returns the token ids of each text, the special ones included.
func (tokenizer *Tokenizer) tokenize(texts []string) [][]int {
	found := make([][]int, len(texts))
	var work sync.WaitGroup
	for part := range tokenizer.threads {
		work.Go(func() {
			for row := part; row < len(texts); row += tokenizer.threads {
				found[row] = truncate(tokenizer.own.Encode(clean(texts[row])), tokenizer.maxTokens)
			}
		})
	}
	work.Wait()
	return found
}

// Batch is some texts as arrays of shape [texts, tokens], one row behind another.
type Batch struct {
	// Rows are the positions of the texts in the input.
	Rows   []int
	Length int
	IDs    []int64
	// Mask is 1 on tokens and 0 on padding.
	Mask []int64
}

// tokens counts those that are no padding.
func (batch *Batch) tokens() uint64 {
	var sum uint64
	for _, one := range batch.Mask {
		sum += uint64(one)
	}
	return sum
}

// asBatch takes what a job has as a batch; its rows must have one length.
func asBatch(arrays Arrays) (*Batch, error) {
	refused := fail(InvalidInput, "a batch of the job has rows of several lengths, or none: give arrays of one shape")
	if len(arrays.InputIDs) == 0 || len(arrays.InputIDs) != len(arrays.AttentionMask) {
		return nil, refused
	}
	batch := &Batch{Length: len(arrays.InputIDs[0])}
	for place, ids := range arrays.InputIDs {
		if len(ids) != batch.Length || len(arrays.AttentionMask[place]) != batch.Length || batch.Length == 0 {
			return nil, refused
		}
		batch.Rows = append(batch.Rows, place)
		batch.IDs = append(batch.IDs, ids...)
		batch.Mask = append(batch.Mask, arrays.AttentionMask[place]...)
	}
	return batch, nil
}

// makeBatches groups texts of like length, the longest first; the last batch may have fewer.
func makeBatches(tokens [][]int, batchSize int, padID int64) []*Batch {
	order := make([]int, len(tokens))
	for row := range order {
		order[row] = row
	}
	slices.SortStableFunc(order, func(one, other int) int { return len(tokens[other]) - len(tokens[one]) })
	var found []*Batch
	for rows := range slices.Chunk(order, batchSize) {
		batch := &Batch{Rows: rows, Length: len(tokens[rows[0]])}
		for _, row := range rows {
			for place := range batch.Length {
				id, one := padID, int64(0)
				if place < len(tokens[row]) {
					id, one = int64(tokens[row][place]), 1
				}
				batch.IDs, batch.Mask = append(batch.IDs, id), append(batch.Mask, one)
			}
		}
		found = append(found, batch)
	}
	return found
}

// pool takes hidden states of shape [texts, tokens, hidden] to [texts, hidden].
func pool(states []float32, hidden int, batch *Batch, pooling string) []float32 {
	pooled := make([]float32, len(batch.Rows)*hidden)
	for text := range batch.Rows {
		sum := pooled[text*hidden : (text+1)*hidden]
		mask := batch.Mask[text*batch.Length : (text+1)*batch.Length]
		own := states[text*batch.Length*hidden : (text+1)*batch.Length*hidden]
		if pooling == "cls" {
			copy(sum, own[:hidden])
			continue
		}
		var count float32
		for token, one := range mask {
			if one == 0 {
				continue
			}
			count++
			for place, value := range own[token*hidden : (token+1)*hidden] {
				sum[place] += value
			}
		}
		for place := range sum {
			sum[place] /= max(count, 1e-9)
		}
	}
	return pooled
}

// normalize scales each row of [texts, size] to length 1; a row of zeros stays one.
func normalize(embeddings []float32, size int) {
	for row := range slices.Chunk(embeddings, size) {
		var sum float32
		for _, value := range row {
			sum += value * value
		}
		length := max(float32(math.Sqrt(float64(sum))), 1e-12)
		for place := range row {
			row[place] /= length
		}
	}
}
