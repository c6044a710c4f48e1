"""What every backend owes its user, as checks that return what fails in sentences."""
