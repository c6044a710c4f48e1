"""Functions and classes, some in a process of their own."""

from parsers import numbers, words

TEXT = "one 22 three 4444 five 6 "


def time_numbers():
    numbers(40 * TEXT)


def time_words():
    words(40 * TEXT)


def timeraw_numbers():
    return "numbers(4000 * 'one 22 ')", "from parsers import numbers"


def track_words():
    return sum(words(40 * TEXT).values())


track_words.unit = "words"


class Long:
    """Texts of several lengths."""

    params = [[100, 200, 400, 800, 1600], ["numbers", "words"]]
    param_names = ["lines", "of"]

    def setup(self, lines, of):
        if lines == 1600 and of == "words":
            raise NotImplementedError("too long for words")
        self.text = lines * TEXT
        self.parse = {"numbers": numbers, "words": words}[of]

    def time_parse(self, lines, of):
        self.parse(self.text)

    def teardown(self, lines, of):
        del self.text
