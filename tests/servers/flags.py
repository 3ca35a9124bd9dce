"""The flags of the stub server."""

import argparse

ANSWER_TEMPLATE = "{rationale}\n#### {target}\n\nThe answer is \\boxed{{target}}.\nANSWER: {target}"


def parse_flags(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A fast stand-in for an OpenAI-compatible chat server.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="0: a free one; the address is printed")
    parser.add_argument("--model", default="mock", help="the name that /v1/models lists")
    parser.add_argument("--seed", type=int, default=0)
    _add_answers(parser)
    _add_time(parser)
    _add_faults(parser)
    _add_refusals(parser)
    flags = parser.parse_args(argv)
    faults = (
        ("error_500", flags.error_rate),
        ("error_429", flags.rate_429),
        ("dropped", flags.drop_rate),
        ("malformed", flags.malformed_rate),
        ("empty", flags.empty_rate),
        ("hung", flags.hang_rate),
    )
    flags.fault_rates = [(name, rate) for name, rate in faults if rate]
    shares = (("empty", flags.share_empty), ("rambling", flags.share_rambling), ("cut_off", flags.share_cut_off))
    flags.shares = [(verdict, share) for verdict, share in shares if share]
    return flags


def _add_answers(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("answers, decided by the prompt").add_argument
    add("--gsm8k", action="append", default=[], help="jsonl with question and answer; may be repeated")
    add("--arc", action="append", default=[], help="jsonl of multiple-choice questions; may be repeated")
    add("--mcq", action="append", default=[], help="jsonl with question, choices, answer (from 0); may be repeated")
    add("--known", action="append", default=[], help="jsonl with question, right and wrong reply, choices, shuffled")
    add("--p-correct", type=float, default=0.7, help="share of right answers to known questions")
    add("--share-empty", type=float, default=0, help="share of questions answered with nothing")
    add("--share-rambling", type=float, default=0, help="share answered with a text that states no answer")
    add("--share-cut-off", type=float, default=0, help="share ended by length before the answer")
    add("--answer-tokens", type=int, default=60, help="words in an answer to an unknown prompt")
    add("--answer-template", default=ANSWER_TEMPLATE)
    add("--reasoning", action="store_true", help="think apart from the text, in reasoning_content")
    add("--answers-by-seed", action="store_true", help="another answer for another seed in the request")
    add("--log-verdicts", metavar="FILE", help="jsonl: what each prompt's answer should be found to be")


def _add_time(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("time").add_argument
    add("--latency-ms", type=float, default=0, help="mean service time")
    add("--jitter", type=float, default=0, help="sigma of a lognormal service time; 0: constant")
    add("--slow-share", type=float, default=0, help="share of requests that take --slow-ms longer")
    add("--slow-ms", type=float, default=1500)
    add("--max-concurrency", type=int, default=0, help="requests served at once; more wait in line")
    add("--stream-chunks", type=int, default=32)
    add("--ttft-share", type=float, default=0.2, help="share of the service time before the first chunk")


def _add_faults(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("faults, drawn for each attempt").add_argument
    add("--error-rate", type=float, default=0, help="share of attempts answered 500")
    add("--rate-429", type=float, default=0, help="share of attempts answered 429 with Retry-After")
    add("--retry-after", type=float, default=1)
    add("--drop-rate", type=float, default=0, help="share closed in the middle of the response")
    add("--malformed-rate", type=float, default=0, help="share answered 200 with cut-off JSON")
    add("--empty-rate", type=float, default=0, help="share answered with an empty text")
    add("--hang-rate", type=float, default=0, help="share that first hangs for --hang-s")
    add("--hang-s", type=float, default=3600)


def _add_refusals(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("refusals").add_argument
    add("--allow-per-second", type=float, default=0, help="more requests than these are answered 429 with Retry-After")
    add("--allow-kind", choices=("window", "bucket"), default="window", help="in any second, or filled all the time")
    add("--allow-headers", choices=("openai", "seconds", "epoch"), help="tell what is left in x-ratelimit-… headers")
    add("--api-key", metavar="KEY", help="401 for requests without it")
    add("--known-model", metavar="NAME", action="append", default=[], help="404 for other models; may be repeated")
    add("--refuse-400", metavar="TEXT", help="every question is refused with this message")
