"""An answer between marks that it cannot know, so that nothing in it passes for an instruction or a verdict."""

import hashlib
import re
import unicodedata

MOST_CHARACTERS = 40_000
"""Of a longer answer the judge sees the beginning and the end."""

# all that moves the cursor, hides text or turns it round; a tab and a newline are text
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\U000e0000-\U000e007f]"
)


def fenced(answer: str, about: str) -> str:
    """The answer with a line before and a line after it, which bear a code.

    The code is a digest of the answer itself and of what it is about. Whoever writes the answer cannot write the code
    into it, for that would change it; and the same answer to the same question gets the same code, so a judgement made
    earlier is found again.

    Args:
        answer: hostile text.
        about: the question and the target.
    """
    code = hashlib.blake2b(f"{about}\0{answer}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"[answer {code} begins]\n{_harmless(answer)}\n[answer {code} ends]"


def _harmless(answer: str) -> str:
    """Text that a judge sees as it is: nothing hidden, nothing endless."""
    shown = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", unicodedata.normalize("NFC", answer.replace("\r\n", "\n")))
    if len(shown) <= MOST_CHARACTERS:
        return shown
    half = MOST_CHARACTERS // 2
    return f"{shown[:half]}\n[{len(shown) - 2 * half} characters left out]\n{shown[-half:]}"
