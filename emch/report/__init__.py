"""Tables for people, in the terminal and in Markdown."""
