"""AGIEval: Chinese and American admission and licence examinations. https://arxiv.org/abs/2304.06364"""

import re

from evalscope.benchmarks._answer_keys import key_letter
from evalscope.benchmarks.general_mcq import is_chinese
from evalscope.core.benchmark import Benchmark, FewShot, Source
from evalscope.core.generation import Generation
from evalscope.core.sample import Record, Sample
from evalscope.core.template import Template
from evalscope.extractors.boxed import final_expression
from evalscope.extractors.letter_sets import SEVERAL, letter_set
from evalscope.metrics.mean import Mean
from evalscope.prompts.choices import REASONED_ANSWER
from evalscope.scorers.expressions.or_letters import LettersOrExpression
from evalscope.solvers.ask_once import ask_once

ENGLISH = {
    "lsat-ar": 230,
    "lsat-lr": 510,
    "lsat-rc": 269,
    "logiqa-en": 651,
    "sat-math": 220,
    "sat-en": 206,
    "sat-en-without-passage": 206,
    "aqua-rat": 254,
    "math": 1000,
}
CHINESE = {
    "gaokao-chinese": 246,
    "gaokao-english": 306,
    "gaokao-geography": 199,
    "gaokao-history": 235,
    "gaokao-biology": 210,
    "gaokao-chemistry": 207,
    "gaokao-physics": 200,
    "gaokao-mathqa": 351,
    "gaokao-mathcloze": 118,
    "logiqa-zh": 651,
    "jec-qa-kd": 1000,
    "jec-qa-ca": 1000,
}

REASONED_ZH = (
    "请逐步思考下面的{kind}，最后单独用一行写出“答案：{form}”，其中 {form} 是{what}。\n"
    "\n"
    "{{examples}}问题：{{question}}\n"
    "{{choices}}\n"
    "分析："
)
WORDINGS = {
    "zh": Template(REASONED_ZH.format(kind="单项选择题", form="X", what="正确选项的字母")),
    f"{SEVERAL}_zh": Template(
        REASONED_ZH.format(kind="不定项选择题", form="XY", what="全部正确选项的字母，正确选项可能有一个或多个")
    ),
    "cloze": Template(
        "Solve the problem step by step. Put the final answer, and nothing else, into \\boxed{}.\n"
        "\n"
        "{examples}Problem: {question}\n"
        "Solution:"
    ),
    "cloze_zh": Template(
        "请逐步解答下面的填空题，并把最终答案（只写答案）放在 \\boxed{} 中。\n\n{examples}题目：{question}\n解答："
    ),
}


def to_sample(record: Record) -> Sample:
    """Choices bear their letters, as in "(A)x"; a key may be a list of right ones, and is text where there are none."""
    passage, question = (record.get("passage") or "").strip(), record["question"].strip()
    choices = tuple(re.sub(r"^\s*\(?[A-H][).．、]\s*", "", option).strip() for option in record.get("options") or ())
    zh = is_chinese(passage, question, *choices)
    text = "\n\n".join(filter(None, (passage, question)))
    if not choices:
        return Sample(input=text, target=str(record["answer"]).strip(), wording="cloze_zh" if zh else "cloze")
    label = record["label"]
    keys = label if isinstance(label, list) else re.findall("[A-H]", label or "")
    letters = [key_letter(key, len(choices)) for key in keys]
    if not letters:
        raise ValueError(f"the label {label!r} names none of the {len(choices)} choices")
    is_several = isinstance(label, list) or len(letters) > 1
    wording = f"{SEVERAL}_zh" if is_several else "zh" if zh else ""
    return Sample(input=text, choices=choices, target="".join(sorted(letters)), wording=wording)


def letters_or_expression(text: str, sample: Sample) -> str | None:
    """The letters of the last explicit statement; where a question has no choices, the last box or marked answer."""
    return letter_set(text, sample) if sample.choices else final_expression(text, sample)


def show_answer(sample: Sample) -> str:
    """The answer alone, marked as the wording asks for it."""
    if not sample.choices:
        return f"\\boxed{{{sample.target}}}"
    return f"答案：{sample.target}" if sample.wording else f"ANSWER: {sample.target}"


BENCHMARK = Benchmark(
    name="agieval",
    about="Chinese and American admission and licence examinations in 21 parts. https://arxiv.org/abs/2304.06364",
    about_zh="中国高考、司法考试与美国 LSAT、SAT 等 21 项标准化考试题。",
    source=Source(
        id="opencompass/agieval",
        subsets=(*ENGLISH, *CHINESE),
        patterns=tuple(f"{folder}{{subset}}" for folder in ("v1_1/", "data/v1_1/", "", "v1/", "data/v1/")),
        num_records={**ENGLISH, **CHINESE},
        licence="MIT",
    ),
    to_sample=to_sample,
    prompt=REASONED_ANSWER,
    wordings=WORDINGS,
    few_shot=FewShot(num=0, answer=show_answer),
    solver=ask_once,
    extract=letters_or_expression,
    scorer=LettersOrExpression(),
    metrics=(Mean("AverageAccuracy"),),
    categories={**dict.fromkeys(ENGLISH, "English"), **dict.fromkeys(CHINESE, "Chinese")},
    generation=Generation(max_tokens=2048, temperature=0.0),
    tags=("knowledge", "reasoning", "chinese", "multiple-choice"),
)

# longer than most, for it is four kinds of question in two languages
