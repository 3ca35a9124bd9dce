"""A chat template that the user gives, as text or as a file."""

from pathlib import Path

from evalscope.errors import ConfigError


def template_text(given: str) -> str:
    """The template itself.

    Args:
        given: the text, or the path of a file that holds it; anything with a brace or line break in it is text.

    Raises:
        ConfigError: a path that cannot be read, or a file with nothing in it.
    """
    if "{" in given or "\n" in given:
        return given
    path = Path(given).expanduser()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"model_args: chat_template {given!r} is neither a template (nothing in braces) nor a file that can be "
            f"read: {error}"
        ) from error
    if not text.strip():
        raise ConfigError(f"model_args: chat_template {given!r} is an empty file")
    return text
