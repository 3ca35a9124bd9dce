"""Programs in replies."""

import time

import pytest

from evalscope.core.sample import Sample
from evalscope.extractors.code import code_block

ADD = Sample(input="def add(a, b):\n", target="", metadata={"entry_point": "add"})
SOLUTION = "def add(a, b):\n    return a + b"
BODY = "    total = a + b\n    return total"

CASES = {
    "one block": (f"```python\n{SOLUTION}\n```", SOLUTION),
    "prose around it": (f"Here it is:\n\n```python\n{SOLUTION}\n```\nIt adds.", SOLUTION),
    "no language": (f"```\n{SOLUTION}\n```", SOLUTION),
    "language in capitals": (f"```Python\n{SOLUTION}\n```", SOLUTION),
    "an attribute behind the language": (f"```python title=x\n{SOLUTION}\n```", SOLUTION),
    "tildes": (f"~~~py\n{SOLUTION}\n~~~", SOLUTION),
    "no closing fence": (f"```python\n{SOLUTION}", SOLUTION),
    "carriage returns": (f"```python\r\n{SOLUTION}\r\n```".replace("\n    ", "\r\n    "), SOLUTION),
    "a block of usage behind": (f"```python\n{SOLUTION}\n```\n```python\nprint(add(1, 2))\n```", SOLUTION),
    "a first try that is mended": (
        f"```python\ndef add(a, b):\n    return a\n```\nNo, wrong:\n```python\n{SOLUTION}\n```",
        SOLUTION,
    ),
    "a shell block before": (f"```bash\npip install x\n```\n```python\n{SOLUTION}\n```", SOLUTION),
    "output shown behind": (f"```python\n{SOLUTION}\n```\nOutput:\n```text\n3\n```", SOLUTION),
    "indented in a list": ("1. So:\n   ```python\n   def add(a, b):\n       return a + b\n   ```", SOLUTION),
    "longer fences around fences": (f"````python\n{SOLUTION}\n````", SOLUTION),
    "a body without its signature": (BODY, BODY),
    "a body whose first line was stripped": (BODY.strip(), BODY.strip()),
    "a longer one": (
        "total = a\n    total += b\n    return total\n\nThat is all.",
        "total = a\n    total += b\n    return total\n",
    ),
    "a loop that was stripped": ("for i in a:\n        return i", "for i in a:\n        return i"),
    "prose that begins like one": ("if you add them, it works.\n    return a", None),
    "an equation in prose": ("Answer = 5", None),
    "a body in a block": (f"```python\n{BODY}\n```", BODY),
    "a body, then another function": (f"{BODY}\n\ndef sub(a, b):\n    return a - b", f"{BODY}\n"),
    "bare code": (SOLUTION, SOLUTION),
    "bare code behind prose": (f"Sure, here you are.\n\n{SOLUTION}\n\nThis adds two numbers.", f"{SOLUTION}\n"),
    "imports first": (
        f"import math\nfrom typing import List\n\n{SOLUTION}",
        f"import math\nfrom typing import List\n\n{SOLUTION}",
    ),
    "a main guard": (
        f"{SOLUTION}\n\nif __name__ == '__main__':\n    print(add(1, 2))",
        f"{SOLUTION}\n\nif __name__ == '__main__':\n    print(add(1, 2))",
    ),
    "a class of that name": ("```python\nclass add:\n    pass\n```", "class add:\n    pass"),
    "blank lines inside": (
        "```python\ndef add(a, b):\n\n\n    return a + b\n```",
        "def add(a, b):\n\n\n    return a + b",
    ),
    "a fence at the end only": (f"{SOLUTION}\n```", SOLUTION),
    "Chinese around it": (f"代码如下：\n```python\n{SOLUTION}\n```\n以上。", SOLUTION),
    "an inline mention of the name": ("Call `add(1, 2)`.", None),
    "a refusal": ("I cannot help with that.", None),
    "nothing": ("", None),
    "an empty block": ("```python\n```", None),
    "prose only": ("To add two numbers, use the plus sign.\nThat is all.", None),
}


@pytest.mark.parametrize(("reply", "code"), CASES.values(), ids=CASES.keys())
def test_the_program_of_a_reply(reply, code):
    assert code_block(reply, ADD) == code


def test_a_megabyte_of_fences_is_read_in_time_that_grows_with_its_length():
    started = time.perf_counter()
    code_block("```\n" * 250_000, ADD)
    code_block("def add(\n" * 100_000, ADD)
    assert time.perf_counter() - started < 20  # the square of its length would take hours
