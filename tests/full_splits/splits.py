"""The splits that are run whole, with the official numbers of their records."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.full_splits import common_sense, mathematics, raw
from tests.full_splits.row import Row


@dataclass(frozen=True, slots=True)
class Split:
    """One benchmark on one split.

    Attributes:
        dataset: the name that a user types.
        read: the rows of its raw files.
        num_records: how many there are, officially, in all.
        num_subsets: how many parts they are in.
        path: its folder or file below that of all data.
        args: what else the user says of it.
        num_failed: how many records have nothing that is right.
        is_judged: its answers are judged by a model, so it is run by test_real_judged.py.
        classes: where the class of a reply is another than elsewhere: kind of reply → class; `why` says the reason.
    """

    dataset: str
    read: Callable[[Path], Iterator[Row]]
    num_records: int
    num_subsets: int = 1
    path: str = ""
    args: Mapping[str, object] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    num_failed: int = 0
    is_judged: bool = False


RACE_EXAMPLES = {"few_shot_split": "train_first300passages"}

SPLITS = {
    "gsm8k": Split("gsm8k", raw.gsm8k, 1319),
    "arc": Split("arc", raw.arc, 2376 + 1172, 2),
    "mmlu": Split("mmlu", raw.mmlu, 14042, 57),
    "mmlu_pro": Split("mmlu_pro", raw.mmlu_pro, 12032, 14),
    "ceval": Split("ceval", raw.ceval, 1346, 52),
    "cmmlu": Split("cmmlu", raw.cmmlu, 11582, 67),
    "bbh": Split("bbh", raw.bbh, 6511, 27),
    "hellaswag": Split("hellaswag", raw.hellaswag, 10042, path="hellaswag/hellaswag_val.jsonl"),
    "race middle": Split("race", raw.race_middle, 1436, args={"subset_list": ["middle"], **RACE_EXAMPLES}),
    "race high validation": Split(
        "race",
        raw.race_high_validation,
        3451,
        args={"subset_list": ["high"], "eval_split": "validation", **RACE_EXAMPLES},
    ),
    "trivia_qa": Split(
        "trivia_qa",
        raw.trivia_qa,
        11313,
        args={"few_shot_split": "train_dev"},
        classes={"rambling": "wrong", "cut_off": "wrong"},
        why="any text is an answer",
    ),
    "truthful_qa": Split("truthful_qa", raw.truthful_qa, 817),
    "simple_qa": Split("simple_qa", raw.simple_qa, 4326, is_judged=True),
    "chinese_simpleqa": Split("chinese_simpleqa", raw.chinese_simpleqa, 3000, 6, is_judged=True),
    "competition_math": Split("competition_math", raw.competition_math, 5000, 5),
    "humaneval": Split("humaneval", raw.humaneval, 164),
    "general_qa": Split(
        "general_qa",
        raw.general_qa,
        13,
        args={"subset_list": ["example"]},
        classes={"rambling": "wrong", "cut_off": "wrong"},
        why="the whole text is the answer",
    ),
    "general_mcq": Split("general_mcq", raw.general_mcq, 12, args={"subset_list": ["example"]}),
    "math_500": Split("math_500", mathematics.math_500, 500),
    "aime24": Split("aime24", mathematics.aime24, 30),
    "aime25": Split("aime25", mathematics.aime25, 30),
    "amc23": Split("amc23", mathematics.amc23, 40),
    "minerva_math": Split("minerva_math", mathematics.minerva_math, 272),
    "olympiadbench": Split("olympiadbench", mathematics.olympiadbench, 675),
    "college_math": Split("college_math", mathematics.college_math, 2818),
    "gaokao2023en": Split("gaokao2023en", mathematics.gaokao2023en, 385, num_failed=2),
    "sat_math": Split("sat_math", mathematics.sat_math, 32),
    "aqua": Split("aqua", mathematics.aqua, 254),
    "svamp": Split("svamp", mathematics.svamp, 1000),
    "cmath": Split("cmath", mathematics.cmath, 1098),
    "mgsm zh": Split("mgsm", mathematics.mgsm_zh, 250, args={"subset_list": ["zh"]}),
    "winogrande": Split("winogrande", common_sense.winogrande, 1267),
    "piqa": Split("piqa", common_sense.piqa, 1838),
    "boolq": Split("boolq", common_sense.boolq, 3270),
    "social_i_qa": Split("social_i_qa", common_sense.social_i_qa, 1954),
    "openbookqa validation": Split("openbookqa", common_sense.openbookqa, 500),
    "commonsense_qa": Split("commonsense_qa", common_sense.commonsense_qa, 1221),
    "sciq validation": Split("sciq", common_sense.sciq, 1000),
    "nq_open": Split(
        "nq_open",
        common_sense.nq_open,
        3610,
        classes={"rambling": "wrong", "cut_off": "wrong"},
        why="any text is an answer",
    ),
}
