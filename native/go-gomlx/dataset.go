package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Dataset has queries, titles, and which titles answer which query.
type Dataset struct {
	Queries   []string
	Documents []string
	// Relevant has for each query the positions of the documents with a score above 0.
	Relevant []map[int]bool
	// SameID has for each query the position of the document with its id, or -1.
	SameID []int
}

type row struct {
	ID    string `json:"_id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// readDataset reads a folder in BEIR's layout; the first limit queries alone, if there is one.
func readDataset(folder string, limit *int) (*Dataset, error) {
	corpus, err := readRows(filepath.Join(folder, "corpus.jsonl"))
	if err != nil {
		return nil, err
	}
	queries, err := readRows(filepath.Join(folder, "queries.jsonl"))
	if err != nil {
		return nil, err
	}
	places, known := map[string]int{}, map[string]bool{}
	found := &Dataset{}
	for place, each := range corpus {
		places[each.ID] = place
		found.Documents = append(found.Documents, each.Title)
	}
	for _, each := range queries {
		known[each.ID] = true
	}
	judged, err := readJudgements(filepath.Join(folder, "qrels", "test.tsv"), known, places)
	if err != nil {
		return nil, err
	}
	for _, each := range queries {
		relevant, wanted := judged[each.ID]
		if !wanted || (limit != nil && len(found.Queries) == *limit) {
			continue
		}
		place, same := places[each.ID]
		if !same {
			place = -1
		}
		found.Queries = append(found.Queries, each.Text)
		found.Relevant = append(found.Relevant, relevant)
		found.SameID = append(found.SameID, place)
	}
	if len(found.Queries) == 0 {
		return nil, fail(InvalidInput, "%s: no query has a judgement with a score above 0", folder)
	}
	return found, nil
}

type line struct {
	number int
	text   string
}

// readLines returns the lines of a file that are not blank, with their numbers.
func readLines(path string) ([]line, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fail(InvalidInput, "%v: give a folder in BEIR's layout", err)
	}
	var found []line
	for number, each := range strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n") {
		if strings.TrimSpace(each) != "" {
			found = append(found, line{number + 1, strings.TrimRight(each, "\r")})
		}
	}
	return found, nil
}

// readRows returns the objects of a JSON lines file, in its order.
func readRows(path string) ([]row, error) {
	lines, err := readLines(path)
	if err != nil {
		return nil, err
	}
	found := make([]row, len(lines))
	for place, each := range lines {
		if err := json.Unmarshal([]byte(each.text), &found[place]); err != nil {
			return nil, fail(InvalidInput, "%s, line %d: %v", path, each.number, err)
		}
	}
	return found, nil
}

// readJudgements returns the positions of the documents that answer each query, by its id.
func readJudgements(path string, queries map[string]bool, places map[string]int) (map[string]map[int]bool, error) {
	lines, err := readLines(path)
	if err != nil {
		return nil, err
	}
	found := map[string]map[int]bool{}
	for _, each := range lines[min(1, len(lines)):] {
		fields := strings.Split(each.text, "\t")
		if len(fields) != 3 {
			return nil, fail(InvalidInput, "%s, line %d: not three fields between tabs", path, each.number)
		}
		score, err := strconv.Atoi(strings.TrimSpace(fields[2]))
		if err != nil {
			return nil, fail(InvalidInput, "%s, line %d: the score '%s' is no whole number", path, each.number, fields[2])
		}
		if !queries[fields[0]] {
			return nil, fail(InvalidInput, "%s, line %d: there is no query '%s'", path, each.number, fields[0])
		}
		place, known := places[fields[1]]
		if !known {
			return nil, fail(InvalidInput, "%s, line %d: there is no document '%s'", path, each.number, fields[1])
		}
		if score > 0 {
			if found[fields[0]] == nil {
				found[fields[0]] = map[int]bool{}
			}
			found[fields[0]][place] = true
		}
	}
	return found, nil
}
