"""The one family of errors that a user can mend; the scripts print them and exit with code 2."""


class InputError(ValueError):
    """Something that the user gave cannot be used. The message names it and the remedy."""
