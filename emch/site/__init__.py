"""What is made of the asv results: pages inside asv's site, a report in one file, pictures."""
