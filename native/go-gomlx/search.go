package main

import "sync"

// dot returns the dot product of two vectors of one size.
func dot(one, other []float32) float32 {
	var sums [8]float32
	place := 0
	for ; place+8 <= len(one); place += 8 {
		for lane := range sums {
			sums[lane] += one[place+lane] * other[place+lane]
		}
	}
	var sum float32
	for ; place < len(one); place++ {
		sum += one[place] * other[place]
	}
	for _, each := range sums {
		sum += each
	}
	return sum
}

// topDocuments finds the most similar document of each query, of equals the first one.
//
// Both are rows of unit vectors of one size. leftOut has for each query the document that it must
// not find, or -1; it may be nil.
func topDocuments(queries, documents []float32, size int, leftOut []int, threads int) []int {
	top := make([]int, len(queries)/size)
	var work sync.WaitGroup
	for part := range threads {
		work.Go(func() {
			for query := part; query < len(top); query += threads {
				own, best := queries[query*size:(query+1)*size], float32(-2)
				for document := range len(documents) / size {
					if leftOut != nil && leftOut[query] == document {
						continue
					}
					if found := dot(own, documents[document*size:(document+1)*size]); found > best {
						top[query], best = document, found
					}
				}
			}
		})
	}
	work.Wait()
	return top
}

// countHits counts the queries whose top document is relevant.
func countHits(top []int, relevant []map[int]bool) int {
	hits := 0
	for query, document := range top {
		if relevant[query][document] {
			hits++
		}
	}
	return hits
}
