package main

import (
	"fmt"
	"strings"
)

// Kind is one of the kinds of errors of the contract.
type Kind string

// The kinds that this program has.
const (
	InvalidInput       Kind = "InvalidInput"
	Unavailable        Kind = "Unavailable"
	BrokenArtifact     Kind = "BrokenArtifact"
	LoadFailed         Kind = "LoadFailed"
	OptionNotHonoured  Kind = "OptionNotHonoured"
	CompiledWhileTimed Kind = "CompiledWhileTimed"
)

// Status returns the exit status: 2 where the user can correct what was given, else 3.
func (kind Kind) Status() int {
	if kind == InvalidInput {
		return 2
	}
	return 3
}

// Failure is an error: a sentence that says what is wrong, with which value, and what to do.
type Failure struct {
	Kind     Kind
	Sentence string
}

// Error returns the sentence.
func (failure *Failure) Error() string { return failure.Sentence }

// fail makes a failure; a message of several lines, as libraries have them, becomes one line.
func fail(kind Kind, format string, values ...any) *Failure {
	sentence := strings.Join(strings.Fields(fmt.Sprintf(format, values...)), " ")
	return &Failure{kind, sentence}
}

// firstLine returns the first line of an error's message, since libraries add stack traces.
func firstLine(value any) string {
	line, _, _ := strings.Cut(strings.TrimSpace(fmt.Sprint(value)), "\n")
	return line
}
