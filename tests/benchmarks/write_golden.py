"""Writes the golden prompts; run by `make golden`, read by a person before they are committed."""

from tests.benchmarks.shelf import built_in_names, golden_path, golden_prompt

if __name__ == "__main__":
    for name in built_in_names():
        golden_path(name).write_text(golden_prompt(name), encoding="utf-8")
