//! What can go wrong, in a sentence, and the exit status that it has.

use std::fmt;

/// The kinds of errors of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    InvalidInput,
    Unavailable,
    BrokenArtifact,
    LoadFailed,
    OptionNotHonoured,
}

impl Kind {
    /// The exit status: 2 where the user can correct what was given, else 3.
    pub fn status(self) -> i32 {
        match self {
            Kind::InvalidInput => 2,
            _ => 3,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

/// An error: its kind, and a sentence that says what is wrong, with which value, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub kind: Kind,
    pub sentence: String,
}

impl Failure {
    /// Make one; a message of several lines, as libraries have them, becomes one line.
    pub fn new(kind: Kind, sentence: impl AsRef<str>) -> Self {
        let words: Vec<&str> = sentence.as_ref().split_whitespace().collect();
        Failure {
            kind,
            sentence: words.join(" "),
        }
    }

    /// What the user gave is wrong.
    pub fn invalid(sentence: impl AsRef<str>) -> Self {
        Failure::new(Kind::InvalidInput, sentence)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sentence)
    }
}

/// Either what was wanted or a [`Failure`].
pub type Result<T> = std::result::Result<T, Failure>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_two_for_what_the_user_can_correct_alone() {
        assert_eq!(Kind::InvalidInput.status(), 2);
        assert_eq!(Kind::Unavailable.status(), 3);
        assert_eq!(Kind::LoadFailed.to_string(), "LoadFailed");
    }

    #[test]
    fn message_of_several_lines_becomes_one() {
        let failure = Failure::invalid("one\n  two\n");
        assert_eq!(failure.to_string(), "one two");
    }
}
