"""The many spellings of an expression, brought to one: tidy LaTeX."""

import re
import unicodedata

_SIGNS = {
    "−": "-", "–": "-", "‐": "-", "—": "-", "×": r"\times ", "⋅": r"\cdot ", "·": r"\cdot ", "∙": r"\cdot ",
    "÷": r"\div ", "⁄": "/", "∕": "/", "∶": ":", "±": r"\pm ", "∓": r"\mp ", "∞": r"\infty ", "≤": r"\le ",
    "⩽": r"\le ", "≥": r"\ge ", "⩾": r"\ge ", "≠": r"\ne ", "≈": r"\approx ", "∈": r"\in ", "∪": r"\cup ",
    "∩": r"\cap ", "∅": r"\emptyset ", "ℝ": r"\mathbb{R}", "°": r"^\circ ", "º": r"^\circ ", "√": r"\sqrt ",
    "∛": r"\sqrt[3]", "π": r"\pi ", "θ": r"\theta ", "α": r"\alpha ", "β": r"\beta ", "γ": r"\gamma ",
    "φ": r"\phi ", "ϕ": r"\phi ", "λ": r"\lambda ", "μ": r"\mu ", "ω": r"\omega ", "σ": r"\sigma ", "Δ": r"\Delta ",
    "“": "", "”": "", "‘": "'", "’": "'", "、": ",", "。": ".", "⟨": r"\langle ", "⟩": r"\rangle ", "〈": r"\langle ",
    "〉": r"\rangle ", "\u200b": "", "\ufeff": "", "\u00a0": " ", "\u2009": " ", "\u202f": " ",
    **{sign: rf"\frac{{{top}}}{{{bottom}}}" for sign, top, bottom in (
        ("½", 1, 2), ("⅓", 1, 3), ("⅔", 2, 3), ("¼", 1, 4), ("¾", 3, 4), ("⅕", 1, 5), ("⅖", 2, 5), ("⅗", 3, 5),
        ("⅘", 4, 5), ("⅙", 1, 6), ("⅚", 5, 6), ("⅛", 1, 8), ("⅜", 3, 8), ("⅝", 5, 8), ("⅞", 7, 8),
    )},
}  # fmt: skip
_TABLE = str.maketrans(_SIGNS)
_RAISED = {
    sign: plain
    for signs, plains in (("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n"),)
    for sign, plain in zip(signs, plains, strict=True)
}
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
_HALF_PAIRS = re.compile("[\ud800-\udfff]")  # no characters by themselves
_RAISED_RUN = re.compile(f"[{''.join(_RAISED)}]+")
_LOWERED_RUN = re.compile(f"[{''.join(_LOWERED)}]+")

_ORNAMENT = re.compile(r"\*\*|^\s*\*(?=\S)|(?<=\S)\*\s*$|`")
_MATHS = re.compile(r"(?<!\\)\$|(?<!\\)\\[()\[\]]")
_SIZES = re.compile(r"\\(?:left|right|[bB]igg?[lrm]?|middle)(?![A-Za-z])\.?")
_STYLES = re.compile(r"\\(?:displaystyle|textstyle|limits|nolimits|rm|bf|it|boldsymbol|bm|hline|phantom)(?![A-Za-z])")
_THIN = re.compile(r"(?<!\\)\\[!,;:> ]|\\(?:q?quad|thinspace|hspace\{[^{}]*\})(?![A-Za-z])|~")
_TEXTS = re.compile(
    r"\\(?:text(?:bf|it|rm|sf|tt|normal|sc)?|mbox|hbox|math(?:rm|bf|it|sf|tt|normal)|operatorname\*?|underline)\s*\{"
)
_THOUSANDS = re.compile(r"(?<=\d)(?:\{,\}|,\s*\\!|\\,|\\!)\s*(?=\d{3}(?!\d))")
_DEGREES = re.compile(r"\^\s*(?:\{\s*(?:\\circ|\\degree|o)\s*\}|\\circ|\\degree)|\\degree(?![A-Za-z])")
_NUMBER_OF_DEGREES = re.compile(r"(\d+(?:\.\d+)?|\\frac\{\d+\}\{\d+\})\s*°")
_TRIGONOMETRY = re.compile(r"\\?(?:sin|cos|tan|cot|sec|csc)(?![a-z])")
_PLAIN_NAMES = re.compile(
    r"\\text\{[^{}]*\}|(?<![\\A-Za-z])(?P<name>sqrt|pi|infty|infinity|inf|oo|sin|cos|tan|cot|sec|csc|log|ln|theta|alpha|beta)(?![A-Za-z])",
    re.IGNORECASE,
)
_PLAIN_SQRT = re.compile(r"\\sqrt\s*\(")
_SAME = (
    (re.compile(r"\\[dtc]frac(?![A-Za-z])"), r"\\frac"),
    (re.compile(r"\\[dt]binom(?![A-Za-z])"), r"\\binom"),
    (re.compile(r"\\(?:leqslant|leqq|leq)(?![A-Za-z])|<=|≦"), r"\\le "),
    (re.compile(r"\\(?:geqslant|geqq|geq)(?![A-Za-z])|>=|≧"), r"\\ge "),
    (re.compile(r"\\neq(?![A-Za-z])|!="), r"\\ne "),
    (re.compile(r"\\lt(?![A-Za-z])"), "<"),
    (re.compile(r"\\gt(?![A-Za-z])"), ">"),
    (re.compile(r"\\(?:lbrace)(?![A-Za-z])"), r"\\{"),
    (re.compile(r"\\(?:rbrace)(?![A-Za-z])"), r"\\}"),
    (re.compile(r"\\(?:lbrack)(?![A-Za-z])"), "["),
    (re.compile(r"\\(?:rbrack)(?![A-Za-z])"), "]"),
    (re.compile(r"\\(?:l|r)?vert(?![A-Za-z])|\\mid(?![A-Za-z])"), "|"),
    (re.compile(r"\\(?:dots|ldots|cdots)(?![A-Za-z])"), "..."),
    (re.compile(r"\\ast(?![A-Za-z])"), "*"),
    (re.compile(r"(?<![\w.\\])(\d+(?:\.\d*)?|\.\d+)[eE]([+-]?\d{1,3})(?![\w.^{])"), r"\1\\times 10^{\2}"),
    (re.compile(r"(?<=\d)\.(?=\s*(?:/|\\times))"), ""),
    (re.compile(r"\\colon(?![A-Za-z])"), ":"),
    (re.compile(r"\*\*"), "^"),
    (re.compile(r"\\(?:overline|overrightarrow|vec|widehat|hat)\s*\{\s*([A-Za-z]{1,3})\s*\}"), r" \1 "),
    (re.compile(r"(?<![\d.^_}])(\d+)\s+(\d+)\s*/\s*(\d+)(?![\d.])"), r"\1\\frac{\2}{\3}"),
    (re.compile(r"\{\s*\}"), ""),
    (re.compile(r"\\frac\s*(\\[A-Za-z]+|[A-Za-z\d])"), r"\\frac{\1}"),
    (re.compile(r"\\frac\s*(\{[^{}]*\})\s*(\\pi(?![A-Za-z])|[A-Za-z\d])"), r"\\frac\1{\2}"),
)  # fmt: skip
_INFINITE = {"infinity": "infty", "inf": "infty", "oo": "infty"}
_LONGEST = 4000


def tidy(text: str) -> str:
    r"""The expression in plain LaTeX.

    Without math signs, sizes and fine spaces; \\frac for all fractions, \\text{…} for all texts; Unicode signs and
    plain names (sqrt(2), pi) as commands; no signs of degrees, but inside of sines and their kin they become radians.
    """
    text = text[:_LONGEST].strip()
    if not text.isascii():
        text = _from_unicode(text)
    text = _ORNAMENT.sub("", text) if "*" in text or "`" in text else text
    text = _THOUSANDS.sub("", text)
    text = _MATHS.sub(" ", text)
    if "\\" in text:
        text = _SIZES.sub("", text)
        text = _THIN.sub(" ", text)
        text = _STYLES.sub(" ", text)
        text = _unify_texts(text)
    for pattern, plain in _SAME:
        text = pattern.sub(plain, text)
    text = _name_plainly(text)
    text = _without_degrees(text)
    return " ".join(text.split()).rstrip(" .;:,").strip()


def _from_unicode(text: str) -> str:
    text = _HALF_PAIRS.sub("", text)
    text = _RAISED_RUN.sub(lambda run: "^{" + "".join(_RAISED[sign] for sign in run.group()) + "}", text)
    text = _LOWERED_RUN.sub(lambda run: "_{" + "".join(_LOWERED[sign] for sign in run.group()) + "}", text)
    text = unicodedata.normalize("NFKC", text.translate(_TABLE))
    return text.translate(_TABLE)


def _unify_texts(text: str) -> str:
    r"""Every kind of text command as \\text{…}; one letter in bold or upright is that letter."""
    kept = []
    at = 0
    while found := _TEXTS.search(text, at):
        end = _closing_brace(text, found.end())
        inside = text[found.end() : end]
        kept.append(text[at : found.start()])
        is_symbol = "text" not in found.group() and "box" not in found.group() and len(inside.strip()) == 1
        is_maths = "\\" in inside or inside.strip().replace(".", "").isdigit()
        kept.append(f"{inside}" if is_symbol or is_maths else f"\\text{{{inside}}}")
        at = end + 1
    return "".join(kept) + text[at:]


def _closing_brace(text: str, start: int) -> int:
    """Where the group ends that was opened before `start`; the text's end where it does not."""
    depth = 1
    for brace in re.compile(r"(?<!\\)[{}]").finditer(text, start):
        depth += 1 if brace.group() == "{" else -1
        if not depth:
            return brace.start()
    return len(text)


def _name_plainly(text: str) -> str:
    def command(found: re.Match[str]) -> str:
        name = found["name"]
        return f"\\{_INFINITE.get(name.lower(), name.lower())} " if name else found.group()

    text = _PLAIN_NAMES.sub(command, text)
    while found := _PLAIN_SQRT.search(text):
        depth, end = 1, len(text)
        for bracket in re.compile(r"[()]").finditer(text, found.end()):
            depth += 1 if bracket.group() == "(" else -1
            if not depth:
                end = bracket.start()
                break
        text = f"{text[: found.start()]}\\sqrt{{{text[found.end() : end]}}}{text[end + 1 :]}"
    return text


def _without_degrees(text: str) -> str:
    if "circ" not in text and "degree" not in text:
        return text
    if _TRIGONOMETRY.search(text):
        text = _NUMBER_OF_DEGREES.sub(r"(\\frac{\1\\pi}{180})", _DEGREES.sub("°", text))
        return text.replace("°", "")
    return _DEGREES.sub(" ", text)  # a space, or 45°,135° would become one number
