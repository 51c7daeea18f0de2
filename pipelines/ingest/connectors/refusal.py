"""Why a connection or an answer is not taken; `transport` words these as errors of a pull."""


class RefusedError(Exception):
    """A connection or an answer is refused; the message has no address in it.

    `passing` is true where another try in a minute may end otherwise.
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class CutError(RefusedError):
    """A body broke off; it is worth asking again at once."""

    def __init__(self, message: str) -> None:
        super().__init__(message, passing=True)


class LateError(Exception):
    """A transfer took longer than its contract allows."""
