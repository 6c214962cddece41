"""The refusal every room speaks in."""


class RuleError(Exception):
    """An act the rules do not allow now; shown to the officer as a 409 page.

    ``message`` says what is refused and why, ``basis`` names the article where there is one,
    ``remedy`` says what can be done instead. All three are Simplified Chinese for the screen.
    """

    def __init__(self, message: str, *, basis: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.basis = basis
        self.remedy = remedy
