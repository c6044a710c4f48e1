package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// job returns a job for texts as JSON, with parts of it replaced.
func job(edit func(content map[string]any)) []byte {
	content := map[string]any{
		"contract": 1, "backend": "gomlx-go",
		"task":    map[string]any{"name": "startup", "batch_size": 2, "texts": []string{"a"}, "dataset": "mini"},
		"model":   map[string]any{"tokenizer": "tokenizer.json", "max_tokens": 8},
		"options": map[string]any{"threads": 2, "streams": 1},
	}
	edit(content)
	text, _ := json.Marshal(content)
	return text
}

// refused returns the kind and the sentence of a failure.
func refused(t *testing.T, err error) (Kind, string) {
	t.Helper()
	var failure *Failure
	if !errors.As(err, &failure) {
		t.Fatalf("it is no refusal: %v", err)
	}
	return failure.Kind, failure.Sentence
}

func TestJobHasItsTaskAndDefaults(t *testing.T) {
	found, err := parseJob(job(func(map[string]any) {}))
	if err != nil {
		t.Fatal(err)
	}
	threads, err := found.threads()
	if err != nil || threads != 2 || found.Model.Pooling != "mean" || found.callers() != 1 {
		t.Fatalf("%+v, %d threads, %v", found, threads, err)
	}
}

func TestWhatThereIsNoCodeForIsRefused(t *testing.T) {
	part := func(name, key string, value any) func(map[string]any) {
		return func(content map[string]any) { content[name].(map[string]any)[key] = value }
	}
	cases := map[string]struct {
		edit  func(map[string]any)
		kind  Kind
		words string
	}{
		"contract": {func(content map[string]any) { content["contract"] = 9 }, InvalidInput, "has version 9 of the contract"},
		"task":     {part("task", "name", "sort"), InvalidInput, "unknown task 'sort'; known are: semantic-search"},
		"batch":    {part("task", "batch_size", 0), InvalidInput, "the batch size is 0"},
		"option":   {part("options", "colour", "red"), InvalidInput, "no option colour"},
		"threads":  {part("options", "threads", 0), InvalidInput, "threads is '0'"},
		"streams":  {part("options", "streams", 2), OptionNotHonoured, "2 streams were asked for"},
		"pooling":  {part("model", "pooling", "max"), Unavailable, "the pooling 'max'"},
		"backend":  {func(content map[string]any) { content["backend"] = "other" }, InvalidInput, "unknown backend 'other'"},
	}
	for name, each := range cases {
		_, err := parseJob(job(each.edit))
		kind, sentence := refused(t, err)
		if kind != each.kind || !strings.Contains(sentence, each.words) {
			t.Errorf("%s: %s: %s", name, kind, sentence)
		}
	}
}

func TestResultIsWholeAndNothingLiesBesideIt(t *testing.T) {
	folder := t.TempDir()
	if err := writeWhole(filepath.Join(folder, "result.json"), map[string]any{"contract": 1}); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(folder, "*"))
	hidden, _ := filepath.Glob(filepath.Join(folder, ".*"))
	if err != nil || len(names) != 1 || len(hidden) != 0 {
		t.Fatal(names, hidden, err)
	}
	kind, _ := refused(t, writeWhole(filepath.Join(folder, "no", "result.json"), nil))
	if kind != InvalidInput {
		t.Fatal(kind)
	}
}

const corpus = "\ufeff{\"_id\": \"d1\", \"title\": \"Aspirin\"}\n\n{\"_id\": \"q2\", \"title\": \"Ice\"}\n"

func dataset(t *testing.T, corpus, qrels string) string {
	t.Helper()
	folder := t.TempDir()
	files := map[string]string{
		"corpus.jsonl":   corpus,
		"queries.jsonl":  "{\"_id\": \"q1\", \"text\": \"a stroke\"}\n{\"_id\": \"q2\", \"text\": \"cold\"}\n{\"_id\": \"q3\", \"text\": \"no\"}\n",
		"qrels/test.tsv": qrels,
	}
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestJudgedQueriesAreKeptInTheirOrder(t *testing.T) {
	found, err := readDataset(dataset(t, corpus, "h\nq2\tq2\t1\nq1\td1\t2\nq1\tq2\t0\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(found.Queries, []string{"a stroke", "cold"}) || !slices.Equal(found.SameID, []int{-1, 1}) {
		t.Fatalf("%+v", found)
	}
	if !found.Relevant[0][0] || found.Relevant[0][1] || !found.Relevant[1][1] {
		t.Fatalf("%+v", found.Relevant)
	}
}

func TestBrokenFileIsNamedWithItsLine(t *testing.T) {
	for words, qrels := range map[string]string{
		"test.tsv, line 2: there is no document 'd9'": "h\nq1\td9\t1\n",
		"test.tsv, line 2: there is no query 'q9'":    "h\nq9\td1\t1\n",
		"test.tsv, line 2: the score 'x'":             "h\nq1\td1\tx\n",
		"test.tsv, line 2: not three fields":          "h\nq1 d1 1\n",
		"no query has a judgement":                    "h\nq1\td1\t0\n",
	} {
		_, err := readDataset(dataset(t, corpus, qrels), nil)
		if _, sentence := refused(t, err); !strings.Contains(sentence, words) {
			t.Error(sentence)
		}
	}
}
