"""What half a billion parameters in bfloat16 do on a GPU, ours beside others: python -m perf_checks.local --gpu.

Ours, our own loop even where continuous batching is faster, generate, generate_batch, and lm-eval where --vs-lm-eval
names its Python: new tokens a second, peak memory (pages that are set aside included), and how busy the GPU was by
nvidia-smi.
"""

import argparse
import logging
import math
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

from evalscope.models.checkpoint import Checkpoint
from evalscope.models.checkpoint.decoder import Decoder
from perf_checks.local import HALF_A_BILLION, Ours, Questions, Way, make_model, records, run_lm_eval, to_generate


def on_gpu(folder: Path, flags: argparse.Namespace) -> None:
    """Tokens per second, peak memory and busy share of half a billion parameters, beside what transformers does."""
    if not torch.cuda.is_available():
        sys.exit(
            "no CUDA device is visible: new tokens a second, peak memory and busy share of a GPU were not measured, "
            "neither ours nor those of generate, generate_batch and lm-eval"
        )
    logging.basicConfig(level=logging.INFO, format="  %(message)s")  # whether continuous batching was chosen
    make_model(folder / "model", records("train", 2000), HALF_A_BILLION)
    tokenizer = AutoTokenizer.from_pretrained(folder / "model")
    asked = to_generate(tokenizer, flags.rows)
    for name, kind in (("ours", Checkpoint), ("our own loop", OwnLoop)):
        ours = Ours(folder / "model", flags, precision="bfloat16", kind=kind)
        _print_on_gpu(name, ours.generate, asked, flags)
        ours.close()
    model = AutoModelForCausalLM.from_pretrained(folder / "model", dtype=torch.bfloat16, device_map="cuda").eval()
    for name, way in (("generate", plain_batches), ("generate_batch", paged)):
        _print_on_gpu(name, partial(way, model, tokenizer, flags), asked, flags)
    del model, way
    torch.cuda.empty_cache()
    if not flags.vs_lm_eval:
        print("  lm-eval was not measured: --vs-lm-eval names no Python that has it", flush=True)
        return
    with Busy() as busy:
        theirs = run_lm_eval(folder / "model", flags, asked, None, device="cuda", dtype="bfloat16")
    _print_figures("lm-eval", len(asked.tails) * flags.new / float(theirs["generate"]), int(theirs["peak"]), busy)


class OwnLoop(Checkpoint):
    """Never by continuous batching."""

    def _open(self) -> Decoder:
        return Decoder(folder=self._folder, args=self._args, seed=self._seed, find_paged=lambda *_: None)


class Busy:
    """The share of time in which a GPU computed anything, by nvidia-smi, which looks five times a second."""

    share = float("nan")

    def __enter__(self):
        command = [
            "nvidia-smi",
            "-i",
            "0",
            "--query-gpu=utilization.gpu",
            "--format=csv,noheader,nounits",
            "-lms",
            "200",
        ]
        try:
            self._smi = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        except OSError:
            self._smi = None
        return self

    def __exit__(self, *_):
        if self._smi is not None:
            self._smi.terminate()
            seen = [int(line) for line in self._smi.communicate()[0].split() if line.isdecimal()]
            self.share = sum(seen) / len(seen) / 100 if seen else self.share


def plain_batches(model, tokenizer, flags: argparse.Namespace, questions: Questions) -> list:
    said = []
    for first in range(0, len(questions.tails), flags.batch):
        rows = [questions.head_ids + questions.tail_ids[index] for index in questions.by_length[first:][: flags.batch]]
        batch = tokenizer.pad({"input_ids": rows}, return_tensors="pt").to(model.device)
        said += model.generate(**batch, max_new_tokens=flags.new, do_sample=False)[:, -flags.new :].tolist()
    return said


def paged(model, tokenizer, flags: argparse.Namespace, questions: Questions) -> list:
    """Transformers' continuous batching, which tells of failures in each output alone."""
    rows = [questions.head_ids + tail for tail in questions.tail_ids]
    limits = GenerationConfig(
        max_new_tokens=flags.new, do_sample=False, eos_token_id=-1, pad_token_id=tokenizer.pad_token_id
    )
    made = model.generate_batch(inputs=rows, generation_config=limits).values()
    if failed := [output.error for output in made if output.error]:
        sys.exit(f"generate_batch failed on {len(failed)} of {len(rows)} prompts: {failed[0]}")
    return [output.generated_tokens for output in made]


def _print_on_gpu(name: str, way: Way, questions: Questions, flags: argparse.Namespace) -> None:
    """The first run warms up, and is not counted."""
    way(questions)
    torch.cuda.reset_peak_memory_stats()
    torch.cuda.synchronize()
    began = time.perf_counter()
    with Busy() as busy:
        way(questions)
        torch.cuda.synchronize()
        spent = time.perf_counter() - began
    _print_figures(name, len(questions.tails) * flags.new / spent, torch.cuda.max_memory_allocated(), busy)


def _print_figures(name: str, rate: float, peak_bytes: int, busy: Busy) -> None:
    share = "busy share unknown (no nvidia-smi)" if math.isnan(busy.share) else f"busy {busy.share:.0%}"
    print(f"  {name:14s} {rate:8.0f} new tokens/s, peak {peak_bytes / 2**30:.2f} GiB, {share}", flush=True)
