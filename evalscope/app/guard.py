"""Who may ask what: every request passes here first, and every response takes the rules for the browser with it."""

import hmac
import ipaddress
import socket
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from evalscope.app.sign_in import sign_in_page

COOKIE = "evalscope_token"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""No inline script or style, and nothing from another host."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Guard:
    """Lets through what asks for this very host, only reads, and brings the token where one is needed."""

    def __init__(self, app: ASGIApp, *, host: str, token: str) -> None:
        """Stands before the app.

        Args:
            app: what is guarded.
            host: that the server listens on.
            token: that a browser has to bring; empty where none is needed.
        """
        self.app = app
        self.token = token
        self.hosts = {host.lower(), "localhost", "127.0.0.1", "::1"}
        if not is_loopback(host):
            self.hosts |= {socket.gethostname().lower(), socket.getfqdn().lower()}
        self.takes_addresses = not is_loopback(host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request, or refuses it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_rules(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self.app)(scope, receive, send_with_rules)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if len(headers.getlist("host")) != 1 or not self._is_own(headers.get("host", "")):
            return PlainTextResponse("this dashboard does not answer to that host name", 421)
        if scope["method"] not in {"GET", "HEAD"}:
            return PlainTextResponse("this dashboard is only read", 405, headers={"Allow": "GET, HEAD"})
        return self._asks_for_token(scope, headers) if self.token else None

    def _is_own(self, host: str) -> bool:
        """Whether the host is this server's: a name that leads here from elsewhere may be another site's trick."""
        name = _without_port(host).lower()
        if name in self.hosts:
            return True
        return self.takes_addresses and _address(name) is not None

    def _asks_for_token(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        words = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = next((value for name, value in words if name == "token"), None)
        if given is not None and self._is_right(given):
            rest = urlencode([(name, value) for name, value in words if name != "token"])
            path = "/" if scope["path"].startswith("//") else scope["path"]
            response = RedirectResponse(f"{path}?{rest}" if rest else path, 303)
            response.set_cookie(COOKIE, self.token, httponly=True, samesite="strict")
            return response
        if self._is_right(cookie_parser(headers.get("cookie", "")).get(COOKIE, "")):
            return None
        if scope["path"].startswith("/static/"):
            return None
        return sign_in_page(was_wrong=given is not None)

    def _is_right(self, token: str) -> bool:
        return hmac.compare_digest(token.encode("utf-8", "replace"), self.token.encode())


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that host."""
    address = _address(host)
    return host.lower() == "localhost" or (address is not None and address.is_loopback)


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
