"""Who judges the answers to a data set, and by which rubric: decided before the first question."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

from evalscope.config.judge import JudgeArgs
from evalscope.constants import JudgeStrategy, RubricName
from evalscope.core.benchmark import Benchmark
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.core.metric import Metric
from evalscope.core.model import Model
from evalscope.core.rubric import Rubric, Shown
from evalscope.core.sample import LETTERS, Sample
from evalscope.core.template import fill, placeholders
from evalscope.engine.correcting import correction_of, refuse_unfit
from evalscope.engine.decisive import generation_settings
from evalscope.engine.rubrics import PAIRWISE, QUALITY, RIGHT_OR_WRONG
from evalscope.errors import ConfigError, nearest
from evalscope.metrics.corrected import CorrectedShare
from evalscope.metrics.mean import Mean
from evalscope.prompts.choices import list_choices
from evalscope.scorers.judging.fence import fenced
from evalscope.scorers.judging.verdicts import values_of

GREEDY = Generation(max_tokens=2048, temperature=0.0)
"""How a judge replies unless the user says otherwise."""

PLACEHOLDERS = ("question", "target", "answer")
COMPARED = ("question", "first", "second")
"""Those of a rubric that compares two answers."""

SYNONYMS: Mapping[str, str] = {"query": "question", "gold": "target", "reference": "target", "pred": "answer"}
"""Other names that templates written for other programs use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Somebody who judges.

    Attributes:
        name: in reports and folders.
        model: who it is.
        generation: how its replies are made.
        args: what the user changed about the rubric.
    """

    name: str
    model: Model
    generation: Generation
    args: JudgeArgs

    @property
    def decisive(self) -> bytes:
        """The model and the way it is asked: in another way it may say something else."""
        return orjson.dumps(
            [dict(self.model.identity), generation_settings(self.generation)], option=orjson.OPT_SORT_KEYS
        )

    @property
    def digest(self) -> str:
        """The same as long as it must be taken for the same judge, whatever its name and address."""
        return hashlib.blake2b(self.decisive, digest_size=8).hexdigest()

    def rubric(self, common: Rubric) -> Rubric:
        """The rubric as this judge is given it."""
        args = self.args
        changes: dict[str, Any] = {
            "template": None if args.prompt_template is None else _own_names(args.prompt_template),
            "open_template": None if args.prompt_template is None else "",
            "system_prompt": args.system_prompt,
            "pattern": args.score_pattern,
        }
        return replace(common, **{name: value for name, value in changes.items() if value is not None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """How the answers to one data set are judged.

    Attributes:
        strategy: LLM, or LLM_RECALL.
        judges: one or several; several vote.
        rubric: the common one, which a judge's own settings go over.
        correction: the score corrected for the judge's known errors; None where they are not known.
    """

    strategy: JudgeStrategy
    judges: tuple[Judge, ...]
    rubric: Rubric
    correction: CorrectedShare | None = None
    _rubrics: Mapping[str, Rubric] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_rubrics", {judge.name: judge.rubric(self.rubric) for judge in self.judges})

    @property
    def is_second_look(self) -> bool:
        """Whether judges are asked only about what the benchmark's own way calls wrong."""
        return self.strategy is JudgeStrategy.LLM_RECALL

    def rubric_of(self, judge: Judge) -> Rubric:
        """The rubric as a judge is given it."""
        return self._rubrics[judge.name]

    def question(self, judge: Judge, sample: Sample, answer: str) -> tuple[Message, ...]:
        """What a judge is asked about an answer."""
        rubric = self.rubric_of(judge)
        shown = rubric.show(sample, answer) if rubric.show else _whole(sample, answer)
        asked, target = _said(shown), shown.target
        values = {"question": asked, "target": target, "answer": fenced(shown.answer, f"{asked}\0{target}")}
        template = rubric.template if target else rubric.open_template or rubric.template
        return (*_system(rubric), Message("user", fill(template, values)))

    def comparison(self, judge: Judge, sample: Sample, answer: str, *, is_second: bool) -> tuple[Message, ...]:
        """Which of two answers is better, asked of a judge; `is_second` puts the model's own behind the other."""
        rubric = self.rubric_of(judge)
        asked, other = _question(sample), sample.targets[0]
        shown = [fenced(answer, asked), fenced(other, f"{asked}\0other")]
        first, second = reversed(shown) if is_second else shown
        values = {"question": asked, "first": first, "second": second}
        return (*_system(rubric), Message("user", fill(rubric.template, values)))

    @property
    def values_of_nothing(self) -> dict[str, float]:
        """What an empty answer is worth, which no judge is asked about."""
        values = values_of(self.rubric.empty, self.rubric)
        return values | {"consistent": 1.0} if self.rubric.compares else values

    @property
    def own_metrics(self) -> dict[str, Metric]:
        """Where several judge and alone decide, the first metric of the rubric under each judge's name."""
        first = self.rubric.metrics[0]
        if len(self.judges) == 1 or self.is_second_look or not isinstance(first, Mean):
            return {}
        return {judge.name: replace(first, name=f"{first.name} ({judge.name})") for judge in self.judges}

    def described(self) -> dict[str, Any]:
        """For the report: who judged, by which rubric, and the check that corrects the score, where there is one."""
        rubrics = {judge.name: self._rubrics[judge.name] for judge in self.judges}
        return {
            "strategy": str(self.strategy),
            "judges": [judge.name for judge in self.judges],
            "rubric": self.rubric.name,
            "rubric_digests": {name: digest_of(rubric) for name, rubric in rubrics.items()},
            **({} if self.correction is None else {"check": asdict(self.correction.check)}),
        }


def choose_judging(
    benchmark: Benchmark, strategy: JudgeStrategy, judges: Sequence[Judge], *, has_targets: bool
) -> Judging | None:
    """How a benchmark's answers are judged; None where its own scorer does.

    Args:
        benchmark: whose answers.
        strategy: the user's.
        judges: the user's.
        has_targets: whether every sample has a right answer to compare with.

    Raises:
        ConfigError: there is nothing that a rubric needs.
    """
    if not needs_judge(benchmark, strategy):
        return None
    rubric = _rubric(benchmark, judges, has_targets=has_targets)
    for judge in judges:
        _check(judge.rubric(rubric), judge.name, rubric)
    is_second_look = strategy is JudgeStrategy.LLM_RECALL
    refuse_unfit([(judge.name, judge.args.check) for judge in judges], is_second_look=is_second_look)
    return Judging(
        strategy=JudgeStrategy.LLM if strategy is JudgeStrategy.AUTO else strategy,
        judges=tuple(judges),
        rubric=rubric,
        correction=_correction(judges[0], rubric),
    )


def check_judges(benchmark: Benchmark, strategy: JudgeStrategy, judges: Sequence[Judge]) -> None:
    """Refuses a benchmark that cannot be graded as the user wants.

    Raises:
        ConfigError: a judge is needed and none is named, or the strategy does not fit the benchmark.
    """
    if needs_judge(benchmark, strategy) and not judges:
        why = "only a judge can grade it" if benchmark.scorer is None else f"judge_strategy is {strategy}"
        raise ConfigError(
            f"{benchmark.name}: {why}, and no judge is named; "
            """--judge-model-args '{"model_id": "…", "api_url": "…/v1"}' names one"""
        )


def needs_judge(benchmark: Benchmark, strategy: JudgeStrategy) -> bool:
    """Whether a strategy asks a judge about a benchmark's answers.

    Raises:
        ConfigError: the benchmark has no way of its own, and the strategy wants it.
    """
    if benchmark.scorer is None and strategy in {JudgeStrategy.RULE, JudgeStrategy.LLM_RECALL}:
        raise ConfigError(
            f"{benchmark.name}: judge_strategy {strategy} grades by the benchmark's own rule, and it has none; "
            "judge_strategy auto or llm is needed"
        )
    if benchmark.ranks and strategy in {JudgeStrategy.LLM, JudgeStrategy.LLM_RECALL}:
        raise ConfigError(
            f"{benchmark.name}: options are ranked by likelihood, so there is no answer that a judge could read; "
            "leave scoring out of dataset_args, or judge_strategy"
        )
    return strategy in {JudgeStrategy.LLM, JudgeStrategy.LLM_RECALL} or benchmark.scorer is None


def _rubric(benchmark: Benchmark, judges: Sequence[Judge], *, has_targets: bool) -> Rubric:
    """The rubric that the judges name, else the benchmark's own, else the one that its data allows.

    Raises:
        ConfigError: they name different ones.
    """
    named = {judge.args.rubric for judge in judges}
    if len(named) > 1:
        raise ConfigError("judges who vote need the same rubric; give each of judge_model_args the same, or none")
    (name,) = named
    by_name = {RubricName.CORRECTNESS: RIGHT_OR_WRONG, RubricName.QUALITY: QUALITY, RubricName.PAIRWISE: PAIRWISE}
    fitting = benchmark.rubric or (RIGHT_OR_WRONG if has_targets else QUALITY)
    rubric = fitting if name is None else replace(by_name[name], show=fitting.show)
    if rubric.needs_target and not has_targets:
        raise ConfigError(
            f"{benchmark.name}: the rubric {rubric.name!r} compares answers with right ones, and not every record has "
            "one; judge_model_args rubric quality needs none"
        )
    return rubric


def _check(rubric: Rubric, judge: str, common: Rubric) -> None:
    """Refuses a template that would ask the same about every answer, or names what is not there."""
    where = f"prompt_template of judge {judge!r}"
    names, known = placeholders(rubric.template), COMPARED if common.compares else PLACEHOLDERS
    for name in names:
        if name not in known:
            raise ConfigError(f"{where} names the placeholder {{{name}}}; {nearest(name, known)}")
    for needed in known[1:] if common.compares else ("answer",):
        if needed not in names:
            raise ConfigError(f"{where} has no {{{needed}}}, so every answer would be judged alike")


def _correction(judge: Judge, rubric: Rubric) -> CorrectedShare | None:
    if judge.args.check is None:
        return None
    used = judge.rubric(rubric)
    expected = {
        "judge": judge.name,
        "judge_digest": judge.digest,
        "rubric": used.name,
        "rubric_digest": digest_of(used),
    }
    return correction_of(judge.args.check, used, expected=expected)


def _own_names(template: str) -> str:
    for other, own in SYNONYMS.items():
        template = template.replace(f"{{{other}}}", f"{{{own}}}")
    return template


def _system(rubric: Rubric) -> tuple[Message, ...]:
    return (Message("system", rubric.system_prompt),) if rubric.system_prompt else ()


def _whole(sample: Sample, answer: str) -> Shown:
    return Shown(question=_question(sample), target=_target(sample), answer=answer)


def _said(shown: Shown) -> str:
    """The question with what was said before it; whoever wrote an earlier answer may have meant it for the judge."""
    if not shown.earlier:
        return shown.question
    said = ""
    for message in shown.earlier:
        content = fenced(message.content, said) if message.role == "assistant" else message.content
        said += f"{message.role}:\n{content}\n\n"
    return f"{said}user:\n{shown.question}"


def _question(sample: Sample) -> str:
    """The question as a judge reads it: a conversation turn by turn, and the options."""
    if isinstance(sample.input, str):
        asked = sample.input
    else:
        asked = "\n\n".join(f"{message.role}: {message.content}" for message in sample.input)
    return f"{asked}\n{list_choices(sample.choices)}" if sample.choices else asked


def _target(sample: Sample) -> str:
    """The right answer: of a letter the option that it names, of several the one or the other."""
    return " / ".join(_spelled_out(target, sample) for target in sample.targets)


def _spelled_out(target: str, sample: Sample) -> str:
    letters = [letter for letter in target if letter in LETTERS[: len(sample.choices)]]
    if not sample.choices or len(letters) != len(target):
        return target
    return "; ".join(f"{letter}. {sample.choices[LETTERS.index(letter)]}" for letter in letters)


def digest_of(rubric: Rubric) -> str:
    """The same as long as a rubric asks the same and takes the same for a verdict."""
    decisive = [rubric.system_prompt, rubric.template, rubric.repair, rubric.pattern, rubric.scale]
    decisive += [rubric.open_template] if rubric.open_template else []
    grades = {grade: dict(values) for grade, values in rubric.grades.items()}
    return hashlib.blake2b(orjson.dumps([decisive, grades], option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()
