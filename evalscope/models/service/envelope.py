"""Everything of a request but its messages, made once for each way of asking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yarl import URL

from evalscope.core.generation import Generation
from evalscope.models.service.address import Address, shown, with_parameters
from evalscope.models.service.body import Body, make_body
from evalscope.models.service.connections import check_extra_headers
from evalscope.models.service.refusals import Asked
from evalscope.models.service.secrecy import Secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What the messages are put into.

    Attributes:
        config: the settings it was made from.
        body: the constant halves of the body.
        url: the address, extra_query included.
        headers: those that extra_headers adds; None for none.
        asked: what a message about a refusal says.
    """

    config: Generation
    body: Body
    url: URL
    headers: Mapping[str, str] | None
    asked: Asked


def make_envelope(model: str, config: Generation, address: Address, hidden: Sequence[str], *, stream: bool) -> Envelope:
    """The envelope of all requests with these settings; `hidden` are secrets besides those in the settings.

    Raises:
        ConfigError: a setting cannot be sent.
    """
    check_extra_headers(config)
    return Envelope(
        config=config,
        body=make_body(model, config, stream=stream),
        url=with_parameters(address.chat, config.extra_query),
        headers=dict(config.extra_headers) or None,
        asked=Asked(
            model=model,
            url=shown(address.chat),
            secrets=Secrets.of_request(config, hidden),
        ),
    )
