import pytest
from source_builders import EASY, SUMS, lay_out, load_from, quiz, quiz_sample, sum_sample

from evalscope.core.digests import DIGEST_BYTES
from evalscope.core.sample import Sample
from evalscope.errors import ConfigError, DatasetError
from evalscope.sources.records import RecordFile
from evalscope.sources.samples import Reader, check, shuffle_choices


def reader(tmp_path, records, to_sample, *, name="test.jsonl", has_ids=False):
    lay_out(tmp_path, {name: records})
    files = (RecordFile(tmp_path / name),)
    return Reader(benchmark="sums", subset="main", files=files, to_sample=to_sample, has_ids=has_ids)


def fault(tmp_path, records, to_sample, **options):
    with pytest.raises(DatasetError) as caught:
        check(reader(tmp_path, records, to_sample, **options), None)
    return str(caught.value).removeprefix(f"{tmp_path}/")


def raising(error):
    def to_sample(record):
        raise error

    return to_sample


def test_missing_column_is_named_with_those_there(tmp_path):
    records = [SUMS[0], {"question": "why?", "choices": {"text": []}}]
    assert fault(tmp_path, records, sum_sample) == (
        "test.jsonl:2: column 'answer' is missing; the record has question, choices {text}"
    )


def test_text_of_a_value_error_is_shown_at_its_place(tmp_path):
    records = [*SUMS[:2], {"question": "why?", "answer": "because"}]
    assert fault(tmp_path, records, sum_sample) == "test.jsonl:3: the answer has no ####"


def test_row_of_a_parquet_file_is_named(tmp_path):
    records = [*SUMS[:2], {"question": "why?", "answer": "because"}]
    assert fault(tmp_path, records, sum_sample, name="a.parquet") == "a.parquet, row 2: the answer has no ####"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyError("label"), "KeyError: 'label'"),
        (IndexError("out of range"), "IndexError: out of range"),
        (TypeError("'NoneType' object is not subscriptable"), "TypeError: 'NoneType'"),
        (AttributeError("no strip"), "AttributeError: no strip"),
    ],
    ids=lambda case: type(case).__name__,
)
def test_other_faults_of_a_record_are_told_with_their_kind(tmp_path, error, said):
    message = fault(tmp_path, SUMS, raising(error))
    assert message.startswith(f"test.jsonl:1: not a record as sums expects it ({said}")
    assert "it has question, answer" in message


def test_an_error_of_the_benchmarks_own_gets_its_place(tmp_path):
    assert fault(tmp_path, SUMS, raising(DatasetError("no answers published"))) == "test.jsonl:1: no answers published"


def test_a_bug_of_ours_is_not_taken_for_a_fault_of_the_data(tmp_path):
    with pytest.raises(ZeroDivisionError):
        check(reader(tmp_path, SUMS, raising(ZeroDivisionError())), None)


def test_a_repeated_id_is_told_with_both_lines(tmp_path):
    message = fault(tmp_path, [*EASY, EASY[1]], quiz_sample, has_ids=True)
    assert message.startswith(f"test.jsonl:6: id 'easy-1' stands at {tmp_path}/test.jsonl:2 already")


def test_an_empty_id_is_told(tmp_path):
    message = fault(tmp_path, [EASY[0], {**EASY[1], "id": ""}], quiz_sample, has_ids=True)
    assert message.startswith("test.jsonl:2: the id is empty")


def test_an_empty_split_is_told(tmp_path):
    assert fault(tmp_path, [], sum_sample).endswith("test.jsonl holds no record; a split cannot be empty")


def test_rows_are_numbered_from_0_where_there_are_no_ids(tmp_path):
    samples = [sample for sample, _ in reader(tmp_path, EASY, quiz_sample).read()]
    assert [(sample.id, sample.subset) for sample in samples] == [(str(row), "main") for row in range(5)]


def test_picked_rows_come_in_the_order_asked(tmp_path):
    assert [sample.id for sample in reader(tmp_path, SUMS, sum_sample).pick([4, 0, 2])] == ["4", "0", "2"]


def test_rows_behind_the_last_one_picked_are_not_read(tmp_path):
    from source_builders import as_jsonl

    samples = reader(tmp_path, as_jsonl(SUMS) + b"{torn\n", sum_sample).pick([1])
    assert [sample.id for sample in samples] == ["1"]


def test_the_pass_stops_where_it_is_told(tmp_path):
    found = check(reader(tmp_path, SUMS, sum_sample), 3)
    assert (found.num, found.num_records, len(found.digests)) == (3, None, 3 * DIGEST_BYTES)


def test_the_pass_may_count_on_where_it_stops(tmp_path):
    assert check(reader(tmp_path, SUMS, sum_sample), 3, counts_rest=True).num_records == len(SUMS)
    assert check(reader(tmp_path, SUMS, sum_sample), len(SUMS), counts_rest=True).num_records == len(SUMS)
    assert check(reader(tmp_path, SUMS, sum_sample), None).num_records == len(SUMS)


def sample(**changes):
    return Sample(**{"id": "7", "subset": "s", "input": "q", "target": "B", "choices": ("w", "x", "y", "z"), **changes})


def test_the_target_letter_follows_its_choice():
    orders = {shuffle_choices(sample(id=str(n)), 42, "").choices for n in range(50)}
    assert len(orders) > 10
    for n in range(50):
        moved = shuffle_choices(sample(id=str(n)), 42, "")
        assert moved.choices["ABCD".index(moved.target)] == "x"
        assert sorted(moved.choices) == ["w", "x", "y", "z"]


def test_several_target_letters_follow_their_choices():
    moved = shuffle_choices(sample(target=("A", "C")), 1, "")
    assert [moved.choices["ABCD".index(target)] for target in moved.target] == ["w", "y"]


def test_letters_that_are_right_together_stay_together_in_their_order():
    for n in range(20):
        moved = shuffle_choices(sample(id=str(n), target="AC"), 1, "")
        assert [moved.choices["ABCD".index(letter)] for letter in moved.target] in (["w", "y"], ["y", "w"])
        assert moved.target == "".join(sorted(moved.target))


def test_equal_choices_do_not_confuse_the_target():
    twins = sample(choices=("same", "same", "same", "right"), target="D")
    assert all(
        shuffle_choices(twins, seed, "").choices["ABCD".index(shuffle_choices(twins, seed, "").target)] == "right"
        for seed in range(20)
    )


def test_the_order_of_choices_depends_on_seed_subset_and_id_alone(tmp_path):
    lay_out(tmp_path, {"Quiz-Easy/test.jsonl": EASY, "Quiz-Hard/test.jsonl": EASY})
    by_id = {}
    for options in ({}, {"limit": 2}, {"shuffle": True}, {"shuffle": True, "limit": 3}):
        loaded = load_from(tmp_path, quiz(), shuffle_choices=True, **options)
        for one in loaded.subsets[0].samples:
            assert by_id.setdefault(one.id, one.choices) == one.choices
    assert len(set(by_id.values())) > 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"choices": ()}, "no choices to shuffle"),
        ({"target": "x"}, "found 'x'"),
        ({"target": ""}, "found ''"),
        ({"target": "AE"}, "found 'AE'"),
    ],
    ids=["no choices", "target is a text", "target is empty", "a letter of no choice"],
)
def test_choices_that_cannot_be_shuffled_are_refused(changes, said):
    with pytest.raises(ConfigError, match=said):
        shuffle_choices(sample(**changes), 42, "a:1")
