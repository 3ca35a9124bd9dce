"""Markdown with formulas, as models write it, becomes HTML without any tag, image or script of theirs."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from markupsafe import Markup, escape

from evalscope.core.hidden import named
from evalscope.reports.marked import find_answer, mark_raw

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MOST_CHARS = 60_000
"""Longer texts are shown raw."""

MOST_FORMULA = 2_000
MOST_FORMULAS = 300
"""Formulas past it are shown as they were written: each takes about a millisecond."""

MATH_KINDS = frozenset({"math_inline", "math_inline_double", "math_block", "math_single", "amsmath"})

MATH_TAGS = frozenset(
    {
        "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "ms", "mfrac", "msqrt", "mroot", "mstyle", "merror",
        "mpadded", "mphantom", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts",
        "mprescripts", "none", "mtable", "mtr", "mtd", "menclose",
    }
)  # fmt: skip
MATH_ATTRIBUTES = frozenset(
    {
        "display", "mathvariant", "stretchy", "fence", "separator", "lspace", "rspace", "width", "height", "depth",
        "linethickness", "displaystyle", "scriptlevel", "accent", "accentunder", "columnalign", "rowspacing",
        "columnspacing", "form", "movablelimits", "minsize", "maxsize", "notation", "columnlines", "rowlines",
    }
)  # fmt: skip

_XMLNS = "{http://www.w3.org/1998/Math/MathML}"


def can_be_rendered(text: str) -> bool:
    """Whether the text is short enough to be rendered at once."""
    return len(text) <= MOST_CHARS


def render(text: str, answer: str | None = None) -> Markup:
    """The text as HTML; the last place that holds the answer is marked."""
    tokens = _parser().parse(named(text))
    pieces = list(_pieces(tokens))
    if answer and (held := _last_holding(pieces, named(answer))) is not None:
        held.meta = {**held.meta, "answer": named(answer)}
    for number, token in enumerate(token for token in pieces if token.type in MATH_KINDS):
        token.meta = {**token.meta, "number": number}
    return Markup(_parser().renderer.render(tokens, _parser().options, {}))


def formula(source: str, *, is_block: bool) -> Markup:
    """A formula as MathML; as it was written where it cannot be read, or would hold anything but MathML."""
    if len(source) <= MOST_FORMULA:
        written = _mathml(source, is_block=is_block)
        if written is not None:
            return written
    return Markup('<code class="formula">{}</code>').format(source)


def _mathml(source: str, *, is_block: bool) -> Markup | None:
    from latex2mathml.converter import convert

    try:
        tree = ElementTree.fromstring(convert(source, display="block" if is_block else "inline"))
    except Exception:  # noqa: BLE001 - it falls over hostile or broken LaTeX in many ways, and the source is shown then
        return None
    for element in tree.iter():
        tag = element.tag.removeprefix(_XMLNS) if isinstance(element.tag, str) else ""
        if tag not in MATH_TAGS or any(name not in MATH_ATTRIBUTES for name in element.attrib):
            return None
        element.tag = tag
    return Markup(ElementTree.tostring(tree, encoding="unicode", short_empty_elements=False))


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin
    from mdit_py_plugins.texmath import texmath_plugin

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    parser.disable("image")
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    parser.use(texmath_plugin, delimiters="brackets")
    for kind in MATH_KINDS:
        parser.add_render_rule(kind, _render_formula)
    parser.add_render_rule("text", _render_text)
    parser.add_render_rule("code_inline", _render_code)
    parser.add_render_rule("link_open", _render_link)
    return parser


def _pieces(tokens: Sequence["Token"]) -> Iterator["Token"]:
    """Every token that shows text of its own."""
    for token in tokens:
        if token.children:
            yield from _pieces(token.children)
        elif token.content and token.type != "inline":
            yield token


def _last_holding(pieces: Sequence["Token"], answer: str) -> "Token | None":
    return next((token for token in reversed(pieces) if find_answer(token.content, answer)), None)


def _render_text(renderer: Any, tokens: Sequence["Token"], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    return str(mark_raw(token.content, token.meta.get("answer")))


def _render_code(renderer: Any, tokens: Sequence["Token"], index: int, options: Any, env: Any) -> str:
    return f"<code>{_render_text(renderer, tokens, index, options, env)}</code>"


def _render_formula(renderer: Any, tokens: Sequence["Token"], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    is_block = token.block or token.type == "math_inline_double"
    source = token.content.strip()
    if token.meta.get("number", 0) >= MOST_FORMULAS:
        return str(escape(source))
    written = formula(source, is_block=is_block)
    return str(Markup("<mark>{}</mark>").format(written) if "answer" in token.meta else written)


def _render_link(renderer: Any, tokens: Sequence["Token"], index: int, options: Any, env: Any) -> str:
    href = str(tokens[index].attrGet("href") or "")
    if not href.startswith(("http://", "https://")):
        href = ""  # what is no address of the web would lead into this dashboard
    return (
        str(Markup('<a rel="noopener noreferrer nofollow" target="_blank" href="{}">').format(href)) if href else "<a>"
    )
