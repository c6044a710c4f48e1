//! Search by cosine similarity, and how many searches hit.

use std::collections::HashSet;

const BLOCK: usize = 1024;

/// Find the most similar document of each query; of equals the first one.
///
/// Both are rows of unit vectors of one size. `left_out` has for each query the document that it
/// must not find.
pub fn top_documents(
    queries: &[f32],
    documents: &[f32],
    size: usize,
    left_out: &[Option<usize>],
) -> Vec<usize> {
    let count = queries.len() / size;
    let mut best = vec![(0, f32::NEG_INFINITY); count];
    let mut similarities = vec![0.0; count * BLOCK];
    for (block, rows) in documents.chunks(BLOCK * size).enumerate() {
        let width = rows.len() / size;
        // queries [count, size] times documents [width, size] transposed, row by row.
        unsafe {
            matrixmultiply::sgemm(
                count,
                size,
                width,
                1.0,
                queries.as_ptr(),
                size as isize,
                1,
                rows.as_ptr(),
                1,
                size as isize,
                0.0,
                similarities.as_mut_ptr(),
                width as isize,
                1,
            );
        }
        for (query, row) in similarities.chunks_exact(width).take(count).enumerate() {
            for (offset, &similarity) in row.iter().enumerate() {
                let document = block * BLOCK + offset;
                if similarity > best[query].1 && left_out.get(query) != Some(&Some(document)) {
                    best[query] = (document, similarity);
                }
            }
        }
    }
    best.into_iter().map(|(document, _)| document).collect()
}

/// Count the queries whose top document is relevant.
pub fn count_hits(top: &[usize], relevant: &[HashSet<usize>]) -> u64 {
    top.iter()
        .zip(relevant)
        .filter(|(document, wanted)| wanted.contains(document))
        .count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_of_equals_is_found_unless_it_is_left_out() {
        let documents = [0.0, 1.0, 1.0, 0.0, 1.0, 0.0];
        assert_eq!(top_documents(&[1.0, 0.0], &documents, 2, &[None]), [1]);
        assert_eq!(top_documents(&[1.0, 0.0], &documents, 2, &[Some(1)]), [2]);
    }

    #[test]
    fn document_of_a_later_block_is_found() {
        let mut documents = vec![0.0; 2 * (BLOCK + 3)];
        documents[2 * (BLOCK + 1)] = 1.0;
        assert_eq!(
            top_documents(&[1.0, 0.0, 1.0, 0.0], &documents, 2, &[]),
            [BLOCK + 1; 2]
        );
    }

    #[test]
    fn hits_are_queries_whose_document_is_relevant() {
        assert_eq!(
            count_hits(&[3, 4], &[HashSet::from([3]), HashSet::from([1])]),
            1
        );
    }
}
