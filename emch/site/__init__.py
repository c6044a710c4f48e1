"""What is made of the asv results: the summary, as a table and as a page of asv's site."""
