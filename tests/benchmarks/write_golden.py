"""Writes the golden prompts; run by `make golden`, read by a person before they are committed."""

from tests.benchmarks.shelf import golden_path, golden_prompt, ways_of_asking

if __name__ == "__main__":
    for name, way in ways_of_asking():
        golden_path(name, way).write_text(golden_prompt(name, way), encoding="utf-8")
