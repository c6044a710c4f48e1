package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestLongestTextsComeFirstAndEqualsKeepTheirOrder(t *testing.T) {
	found := makeBatches([][]int{{1}, {2, 3}, {4}, {5, 6, 7}}, 2, 9)
	first := found[0]
	if !slices.Equal(first.Rows, []int{3, 1}) || !slices.Equal(first.IDs, []int64{5, 6, 7, 2, 3, 9}) {
		t.Fatalf("%+v", first)
	}
	if !slices.Equal(first.Mask, []int64{1, 1, 1, 1, 1, 0}) || first.tokens() != 5 {
		t.Fatalf("%+v", first)
	}
	if !slices.Equal(found[1].Rows, []int{0, 2}) || found[1].Length != 1 {
		t.Fatalf("%+v", found[1])
	}
}

func TestTokensAreCutAndTheLastOneStays(t *testing.T) {
	if found := truncate([]int{1, 2, 3, 4, 9}, 3); !slices.Equal(found, []int{1, 2, 9}) {
		t.Fatal(found)
	}
	if found := truncate([]int{1, 9}, 3); !slices.Equal(found, []int{1, 9}) {
		t.Fatal(found)
	}
}

func TestCharactersThatTheTokenizerLeavesInAreRemoved(t *testing.T) {
	if found := clean("a\u200bb\u2028c\ue000d é"); found != "ab cd é" {
		t.Fatalf("%q", found)
	}
}

func TestPaddingCountsForNothing(t *testing.T) {
	batch := &Batch{Rows: []int{0, 1}, Length: 2, IDs: make([]int64, 4), Mask: []int64{1, 1, 1, 0}}
	states := []float32{1, 2, 3, 4, 5, 6, 70, 80}
	if found := pool(states, 2, batch, "mean"); !slices.Equal(found, []float32{2, 3, 5, 6}) {
		t.Fatal(found)
	}
	if found := pool(states, 2, batch, "cls"); !slices.Equal(found, []float32{1, 2, 5, 6}) {
		t.Fatal(found)
	}
	rows := []float32{3, 4, 0, 0}
	normalize(rows, 2)
	if !slices.Equal(rows, []float32{0.6, 0.8, 0, 0}) {
		t.Fatal(rows)
	}
}

func TestFirstOfEqualsIsFoundUnlessItIsLeftOut(t *testing.T) {
	documents := []float32{0, 1, 1, 0, 1, 0}
	if found := topDocuments([]float32{1, 0}, documents, 2, nil, 2); found[0] != 1 {
		t.Fatal(found)
	}
	if found := topDocuments([]float32{1, 0}, documents, 2, []int{1}, 1); found[0] != 2 {
		t.Fatal(found)
	}
	if hits := countHits([]int{3, 4}, []map[int]bool{{3: true}, {1: true}}); hits != 1 {
		t.Fatal(hits)
	}
	long := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9}
	if found := dot(long, long); found != 285 {
		t.Fatal(found)
	}
}

func TestBucketsAreThoseOfTheBackendInPython(t *testing.T) {
	for _, each := range [][5]int{{1, 5, 256, 1, 8}, {3, 17, 256, 4, 24}, {16, 130, 256, 16, 160}, {20, 250, 256, 24, 256}, {33, 9, 256, 40, 16}} {
		if texts, tokens := bucket(each[0], each[1], each[2]); texts != each[3] || tokens != each[4] {
			t.Errorf("%v: %d x %d", each, texts, tokens)
		}
	}
}

func TestPaddedBatchIsTakenApartAgain(t *testing.T) {
	batch := &Batch{Rows: []int{0}, Length: 1, IDs: []int64{7}, Mask: []int64{1}}
	ids, mask := fill(batch, 2, 2)
	if !slices.Equal(ids, []int64{7, 0, 0, 0}) || !slices.Equal(mask, []int64{1, 0, 1, 0}) {
		t.Fatal(ids, mask)
	}
	if found := strip([]float32{1, 2, 3, 4, 5, 6, 7, 8}, batch, 2, 2); !slices.Equal(found, []float32{1, 2}) {
		t.Fatal(found)
	}
}

func TestFileThatIsNoWholeLibraryIsRefused(t *testing.T) {
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := requireLibrary(own); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(own)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.so")
	if err := os.WriteFile(cut, whole[:len(whole)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	if requireLibrary(cut) == nil || requireLibrary("texts_test.go") == nil {
		t.Fatal("it is taken for a library")
	}
}
