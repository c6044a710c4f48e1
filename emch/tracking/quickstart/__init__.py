"""What `emch quickstart` finds in a repository, and the files that it writes there."""
