"""The page that asks for the token."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from evalscope.app.rendering import page


def sign_in_page(*, was_wrong: bool) -> "SignIn":
    """What answers a request that brought no token, or a wrong one."""
    return SignIn(was_wrong=was_wrong)


class SignIn:
    """Answers any request with the page that asks for the token."""

    def __init__(self, *, was_wrong: bool) -> None:
        """Says whether a token was given that is not right."""
        self.was_wrong = was_wrong

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the page."""
        response: Response = page(Request(scope), "sign_in.html", status=401, was_wrong=self.was_wrong)
        await response(scope, receive, send)
