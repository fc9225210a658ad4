"""What is put in the place of one of our calls so that it goes wrong."""

from collections.abc import Callable


def raising(error: BaseException) -> Callable[..., None]:
    """A call that raises `error`, whatever it is given."""

    def broken(*_: object, **__: object) -> None:
        raise error

    return broken
