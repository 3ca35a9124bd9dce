"""The worker's side of instructions: one reply at a time."""

from collections.abc import Callable

from evalscope.workers import Json, serve


def load() -> Callable[[Json], Json]:
    """What says which instructions are followed, to [reply, instructions]."""
    from evalscope.scorers.instructions.following import followed

    def check(question: Json) -> Json:
        reply, instructions = question
        return list(followed(reply, instructions))

    return check


if __name__ == "__main__":
    serve(load)
