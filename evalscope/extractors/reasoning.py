"""Thinking aloud, cut away before an answer is looked for."""

import re

# as models mark it: Qwen, DeepSeek and many others; Seed; Kimi; Magistral; Sky-T1; Command A
_TAG = re.compile(
    r"</?(?:think|thinking|thought|reasoning|seed:think)>|◁/?think▷|\[/?THINK\]"
    r"|<\|(?:begin|end)_of_thought\|>|<\|(?:START|END)_THINKING\|>",
    re.IGNORECASE,
)
_CLOSES = re.compile(r".(?:/|\|end_)", re.IGNORECASE)
# gpt-oss: each message names its channel, and only "final" is meant for the reader
_CHANNEL = re.compile(r"<\|channel\|>(?P<name>\w{1,20})[^<\n]{0,80}<\|message\|>")
# the same where a server dropped the signs: "analysisWe need …assistantfinalThe answer is 18."
_BARE_CHANNEL = re.compile(r"\s*analysis.*assistantfinal", re.DOTALL)
_SIGNS = ("<", "◁", "[THINK]", "[/THINK]")
_NOTHING_MORE = re.compile(r"\s*\Z")


def cut_reasoning(text: str) -> str:
    """The text without its <think>…</think> parts, in whichever form a model marks them.

    Tags may be nested. A closing tag without an opening one (templates that open it in the prompt) ends a reasoning
    that began with the text; behind a reasoning already closed, and with nothing after it, it is one too many and
    changes nothing. An opening tag that is never closed runs to the end: the thinking was cut off, so nothing in it
    counts as an answer. Where messages name their channel, the last counts if it is the final one, and nothing else.
    """
    if text.startswith("analysis") and (bare := _BARE_CHANNEL.match(text)):
        return text[bare.end() :]
    if not any(sign in text for sign in _SIGNS):
        return text
    if "<|channel|>" in text and (channels := list(_CHANNEL.finditer(text))):
        return text[channels[-1].end() :] if channels[-1].group("name") == "final" else ""
    return _cut_tags(text)


def _cut_tags(text: str) -> str:
    kept: list[str] = []
    depth = start = 0
    for tag in _TAG.finditer(text):
        is_closing = bool(_CLOSES.match(tag.group()))
        if depth == 0:
            if is_closing and kept and _NOTHING_MORE.match(text, tag.end()):
                return "".join(kept) + text[start : tag.start()]
            if is_closing:
                kept = [""]
            else:
                kept.append(text[start : tag.start()])
        depth = max(0, depth - 1) if is_closing else depth + 1
        start = tag.end()
    if depth == 0:
        kept.append(text[start:])
    return "".join(kept)
